"""`pilotbot eval`: accuracy on a labelled set, by kind and in all.

A labelled line is {"q": message, "gold": [ids equally right as the first answer], "ok": [ids that do no harm within
the first five], "kind": str}; a kind that begins with 'none-' has no gold: no measure is about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from math import sqrt
from typing import Any, Self

from knowledge.model import Finding, Outcome

DEPTH = 10  # results that MRR looks at
LISTS = ("clause", "sector")  # kinds whose gold is a whole list
Z = 1.96  # of the normal distribution, for intervals of 95 %

Find = Callable[[str, int], Finding]


@dataclass(frozen=True, slots=True)
class Question:
    """A message and the measures it is about."""

    text: str
    gold: frozenset[str]  # empty: no measure is about it
    ok: frozenset[str]
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found for a question."""

    question: Question
    outcome: Outcome
    ids: tuple[str, ...]  # best first, as many as asked for

    @property
    def rank(self) -> int | None:
        """Place of the first gold id, from 1."""
        return next((place for place, i in enumerate(self.ids[:DEPTH], 1) if i in self.question.gold), None)

    @property
    def is_wrong(self) -> bool:
        """The bot would give an answer that is not about the question."""
        fine = self.question.gold | self.question.ok
        return self.outcome is Outcome.ANSWER and self.ids[0] not in fine

    @property
    def recall(self) -> float:
        """Share of the gold ids among as many results as there are gold ids."""
        gold = self.question.gold
        return len(gold.intersection(self.ids[: len(gold)])) / len(gold)

    @property
    def precision(self) -> float:
        """Share of the list that is gold, 0 for no list."""
        return len(self.question.gold.intersection(self.ids)) / len(self.ids) if self.ids else 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion with its 95 % interval after Wilson (1927), which holds for small sets and near 0 and 1."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, count: int, total: int) -> Self:
        p = count / total
        centre, width = p + Z * Z / (2 * total), Z * sqrt(p * (1 - p) / total + Z * Z / (4 * total * total))
        scale = 1 + Z * Z / total
        return cls(p, max(0.0, (centre - width) / scale), min(1.0, (centre + width) / scale))


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one kind, or of several together; None where a figure says nothing about them."""

    lines: int
    hit1: Share | None = None
    hit3: Share | None = None
    hit5: Share | None = None
    mrr: float | None = None
    none: Share | None = None  # in domain, answered none
    wrong: Share | None = None  # in domain, answered with something else
    false: Share | None = None  # out of domain, but not answered none
    recall: float | None = None  # of lists
    precision: float | None = None


def question(raw: Mapping[str, Any]) -> Question:
    """A labelled line.

    :raises KeyError, TypeError, AttributeError: a field is missing or of the wrong shape.
    """
    return Question(raw["q"].strip("\n"), _ids(raw["gold"]), _ids(raw.get("ok", [])), raw["kind"].lower())


def _ids(listed: Any) -> frozenset[str]:
    if not isinstance(listed, list):  # the characters of a single id would all count as ids
        raise TypeError("gold and ok are lists")
    return frozenset(listed)


def measure(find: Find, questions: Iterable[Question]) -> dict[str, Figures]:
    """Kind -> figures, in the set's order; 'in domain', 'out of domain' and 'all' follow."""
    verdicts = [_verdict(find, asked) for asked in questions]
    order = list(dict.fromkeys(v.question.kind for v in verdicts))
    by_kind = sorted(verdicts, key=lambda v: order.index(v.question.kind))
    figures = {kind: _figures(list(group)) for kind, group in groupby(by_kind, key=lambda v: v.question.kind)}
    figures["in domain"] = _figures([v for v in verdicts if v.question.gold])
    figures["out of domain"] = _figures([v for v in verdicts if not v.question.gold])
    figures["all"] = _figures(verdicts)
    return {name: figure for name, figure in figures.items() if figure.lines}


def _verdict(find: Find, asked: Question) -> Verdict:
    finding = find(asked.text, max(DEPTH, len(asked.gold)))
    return Verdict(asked, finding.outcome, tuple(match.measure.id for match in finding.matches))


def _figures(verdicts: Sequence[Verdict]) -> Figures:
    inside = [v for v in verdicts if v.question.gold]
    outside = [v for v in verdicts if not v.question.gold]
    lists = inside if inside and all(v.question.kind in LISTS for v in inside) else []
    return Figures(
        lines=len(verdicts),
        hit1=_share(inside, lambda v: v.rank == 1),
        hit3=_share(inside, lambda v: v.rank is not None and v.rank <= 3),
        hit5=_share(inside, lambda v: v.rank is not None and v.rank <= 5),
        mrr=_mean([1 / v.rank if v.rank else 0.0 for v in inside]),
        none=_share(inside, lambda v: v.outcome is Outcome.NONE),
        wrong=_share(inside, lambda v: v.is_wrong),
        false=_share(outside, lambda v: v.outcome is not Outcome.NONE),
        recall=_mean([v.recall for v in lists]),
        precision=_mean([v.precision for v in lists]),
    )


def _share(verdicts: Sequence[Verdict], holds: Callable[[Verdict], bool]) -> Share | None:
    return Share.of(sum(map(holds, verdicts)), len(verdicts)) if verdicts else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


HEADS = {
    "hit1": "hit@1",
    "hit3": "hit@3",
    "hit5": "hit@5",
    "mrr": "MRR@10",
    "none": "none",
    "wrong": "wrong",
    "false": "false",
    "recall": "recall",
    "precision": "precision",
}

LEGEND = """none: in domain, answered none. wrong: in domain, answered with something else.
false: out of domain, not answered none. recall: at the number of golds. precision: of the list.
In brackets, for whole groups: 95 % intervals (Wilson)."""


def as_json(figures: Mapping[str, Figures]) -> dict[str, dict[str, Any]]:
    """For programs: group -> figure -> value, intervals as {"value", "low", "high"}, absent where they say nothing."""
    return {
        name: {HEADS.get(field, field): value for field, value in asdict(figure).items() if value is not None}
        for name, figure in figures.items()
    }


def as_table(figures: Mapping[str, Figures]) -> str:
    """For people."""
    rows = [["kind", "lines", *HEADS.values()]]
    for name, figure in figures.items():
        rows.append([name, str(figure.lines), *(_cell(getattr(figure, field)) for field in HEADS)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(_aligned(cell, width, n) for n, (cell, width) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]
    return "\n".join([*(line.rstrip() for line in lines), "", *_intervals(figures), "", LEGEND])


def _intervals(figures: Mapping[str, Figures]) -> list[str]:
    """The intervals of the whole groups: those of a kind are too wide to tell anything."""
    lines = []
    for name in ("in domain", "out of domain"):
        shares = {HEADS[f]: getattr(figures[name], f) for f in HEADS if name in figures}
        told = [f"{h} {s.value:.3f} [{s.low:.3f}, {s.high:.3f}]" for h, s in shares.items() if isinstance(s, Share)]
        lines += [f"{name}: {', '.join(told)}"] if told else []
    return lines


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)


def _cell(value: Share | float | None) -> str:
    if value is None:
        return ""
    return f"{value.value if isinstance(value, Share) else value:.3f}"
