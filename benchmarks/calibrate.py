"""Fits the decision's constants to labelled questions and writes knowledge/data/decision.json.

    python -m benchmarks.calibrate [--check FILE.jsonl …]

Fits to benchmarks/data/questions.jsonl alone (written for this, see the README there). Reports on those questions as they
are and in five-fold cross-validation, on holdout.jsonl, short.jsonl and words.jsonl beside it, which are never fitted to, and on `--check`.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.evaluate import Share
from knowledge import decide
from knowledge.decide import Decision, Decisions, Signals, Split
from knowledge.index import ranked
from knowledge.match import Matcher
from knowledge.model import Outcome, Pack
from knowledge.normalise import fold
from knowledge.pack import shipped

HERE = Path(__file__).parent
QUESTIONS = HERE / "data" / "questions.jsonl"
HOLDOUT = HERE / "data" / "holdout.jsonl"
SHORT = HERE / "data" / "short.jsonl"
WORDS = HERE / "data" / "words.jsonl"
TARGET = HERE.parent / "knowledge" / "data" / "decision.json"
LISTS = ("clause", "sector")  # kinds that are looked up, not ranked
RIDGE = 0.1
OFFERED = 5  # choices that a person looks at
FOLDS = 5
MOST_NONE, MOST_FALSE = 0.03, 0.05  # shares of good questions unanswered and of others answered: the targets
FALSE_COST = (
    MOST_NONE / MOST_FALSE
)  # of a share of others answered, against the same share of good questions unanswered
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Example:
    kind: str
    signals: Signals
    in_domain: bool
    is_right: bool
    splits: tuple[Split, ...]


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def examples(matcher: Matcher, questions: Iterable[dict[str, object]], *, found_only: bool = False) -> list[Example]:
    """:param found_only: a question whose measure is not among the first few counts as one that no measure is about."""
    found = []
    for question in questions:
        kind, text = str(question["kind"]), fold(str(question["q"]))
        gold, good = set(question["gold"]), {*question["gold"], *question["ok"]}  # type: ignore[call-overload]
        ranking = matcher.rank(text)
        if kind in LISTS or not ranking.scores.any():
            continue
        first = [matcher.measures[row].id for row in ranked(ranking.scores, OFFERED)]
        is_found = not (found_only and good.isdisjoint(first))
        splits = tuple(split for split, _ in matcher.splits(text, ranking))
        found.append(Example(kind, matcher.signals(ranking), bool(gold) and is_found, first[0] in good, splits))
    return found


def bare(pack: Pack) -> Pack:
    """The same measures as an import would bring them: their wording, and no phrase, keyword or alias."""
    stripped = (replace(m, asked_as=(), keywords=(), aliases=(), text=m.summary) for m in pack.measures)
    return replace(pack, measures=tuple(stripped))


def fit(rows: Sequence[Signals], hits: Sequence[bool]) -> tuple[float, ...]:
    """Ridge logistic regression by Newton's method; the intercept comes first and is not penalised."""
    x = np.column_stack([np.ones(len(rows)), np.array([row.values() for row in rows])])
    y = np.array(hits, float)
    weights = np.zeros(x.shape[1])
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0
    for _ in range(100):
        p = 1 / (1 + np.exp(-x @ weights))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + penalty, x.T @ (p - y) + penalty @ weights)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return tuple(round(float(w), 4) for w in weights)


def threshold(good: Vector, bad: Vector, cost: float) -> float:
    """The threshold with the lowest share of good ones below it plus `cost` times the share of bad ones from it."""
    grid = np.linspace(0.05, 0.98, 94)
    losses = [(good < t).mean() + cost * (bad >= t).mean() for t in grid]
    return round(float(np.median(grid[np.isclose(losses, min(losses))])), 3)


def worth_answering(inside: int, outside: int) -> float:
    """P(in domain) from which an answer costs less than silence, after a fit to so many questions inside and outside.

    The probabilities are calibrated, so nothing needs to be searched for, and no single line moves the threshold: silence
    costs p / inside, an answer FALSE_COST * (1 - p) / outside.
    """
    return round(FALSE_COST * inside / (FALSE_COST * inside + outside), 3)


def calibrate(data: Sequence[Example]) -> Decision:
    inside = [e for e in data if e.kind != "two" and e.in_domain]
    single = [e for e in data if e.kind != "two"]
    model = fitted(single)
    sure = np.array([model.confidence(e.signals)[1] for e in inside])
    right = np.array([e.is_right for e in inside])
    return replace(
        model,
        answer_from=threshold(sure[right], sure[~right], 0.25),
        joined_from=double_from(data, joined=True),
        apart_from=double_from(data, joined=False),
    )


def fitted(single: Sequence[Example]) -> Decision:
    """What messages about one thing tell, but for the sureness that an answer takes."""
    inside = [e for e in single if e.in_domain]
    return Decision(
        in_domain=fit([e.signals for e in single], [e.in_domain for e in single]),
        is_right=fit([e.signals for e in inside], [e.is_right for e in inside]),
        none_below=worth_answering(len(inside), len(single) - len(inside)),
        answer_from=1.0,
        joined_from=(9.0, 1.0),
        apart_from=(9.0, 1.0),
    )


def calibrate_bare(data: Sequence[Example], curated: Decision) -> Decision:
    """For measures without phrases; how sure an answer has to be, and what makes two topics, does not depend on these."""
    model = fitted([e for e in data if e.kind != "two"])
    return replace(curated, in_domain=model.in_domain, is_right=model.is_right, none_below=model.none_below)


def double_from(data: Sequence[Example], *, joined: bool) -> tuple[float, float]:
    """(lift, right) that tell messages about two things from those about one; a false pair costs four misses."""

    def flagged(kind: bool, lift: float, right: float) -> int:
        chosen = (e for e in data if e.in_domain and (e.kind == "two") == kind)
        return sum(any(s.joined == joined and s.lift >= lift and s.right >= right for s in e.splits) for e in chosen)

    grid = list(itertools.product(np.arange(1.05, 2.0, 0.05), np.arange(0.5, 0.99, 0.02)))
    best = max(grid, key=lambda g: (flagged(True, *g) - 4 * flagged(False, *g), g))
    return round(float(best[0]), 2), round(float(best[1]), 2)


def crossed(data: Sequence[Example]) -> str:
    """The report on each fifth of the questions by a model fitted to the others, added up."""
    parts = [[e for n, e in enumerate(data) if n % FOLDS == fold_number] for fold_number in range(FOLDS)]
    counts = [tally(calibrate([e for other in parts if other is not part for e in other]), part) for part in parts]
    return told({name: tuple(map(sum, zip(*(c[name] for c in counts), strict=True))) for name in counts[0]})


def report(model: Decision, data: Sequence[Example]) -> str:
    return told(tally(model, data))


def tally(model: Decision, data: Sequence[Example]) -> dict[str, tuple[int, ...]]:
    """What went wrong, or right, how often and of how many."""
    single = [e for e in data if e.kind != "two"]
    inside = [e for e in single if e.in_domain]
    outside = [e for e in single if not e.in_domain]
    two = [e for e in data if e.kind == "two"]

    def outcome(example: Example) -> Outcome:
        return model.outcome(*model.confidence(example.signals))

    wrong = [e for e in inside if not e.is_right and outcome(e) is Outcome.ANSWER]
    return {
        "in domain, answered none": (sum(outcome(e) is Outcome.NONE for e in inside), len(inside)),
        "in domain, wrong answer": (len(wrong), len(inside)),
        "out of domain, answered": (sum(outcome(e) is not Outcome.NONE for e in outside), len(outside)),
        "two topics seen": (sum(any(map(model.is_double, e.splits)) for e in two), len(two)),
        "one topic seen as two": (sum(any(map(model.is_double, e.splits)) for e in inside), len(inside)),
    }


def told(counts: dict[str, tuple[int, ...]]) -> str:
    return "\n".join(f"{name + ':':26}{rate(*count)}" for name, count in counts.items())


def rate(count: int, total: int) -> str:
    share = Share.of(count, max(1, total))
    return f"{count}/{total} = {share.value:.3f} [{share.low:.3f}, {share.high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", type=Path, nargs="+", default=[], help="other labelled sets to report on")
    arguments = parser.parse_args()
    # The parts of a split message are judged by the constants being fitted, so fit twice.
    model = decide.shipped()
    for _ in range(2):
        # Every cut is looked at, not only those that the constants so far would let through.
        open_ = replace(model.curated, joined_from=(1.0, 0.0), apart_from=(1.0, 0.0))
        data = examples(Matcher(shipped(), replace(model, curated=open_)), read(QUESTIONS))
        thin = examples(Matcher(bare(shipped()), model), read(QUESTIONS), found_only=True)
        curated = calibrate(data)
        model = Decisions(curated, calibrate_bare(thin, curated))
    TARGET.write_text(json.dumps(asdict(model), indent=2) + "\n", "utf-8")
    print(f"fitted to\n{report(model.curated, data)}\n\nin cross-validation\n{crossed(data)}")
    for path in (HOLDOUT, SHORT, WORDS, *arguments.check):
        print(f"\n{path.name}\n{report(model.curated, examples(Matcher(shipped(), model), read(path)))}")
    for path in (QUESTIONS, HOLDOUT, SHORT, WORDS):
        thin = examples(Matcher(bare(shipped()), model), read(path), found_only=True)
        print(f"\n{path.name}, of measures without phrases, keywords and aliases\n{report(model.bare, thin)}")


if __name__ == "__main__":
    main()
