"""What each stage adds: matching with one stage taken away at a time, as a table.

    python -m benchmarks.ablation [FILE.jsonl …]

Without files it asks the labelled questions of benchmarks/data, which the constants were fitted to in part (see the
README there). The decision's constants stay as they are, so `none` and `false` tell what a stage means to them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

from benchmarks.calibrate import HOLDOUT, QUESTIONS, read
from bot.evaluate import Figures, Question, measure, question
from knowledge import index, match
from knowledge.features import FeatureKind
from knowledge.lookup import Lookup, Request
from knowledge.match import Matcher
from knowledge.model import Pack
from knowledge.pack import shipped

Change = Callable[[Pack], Pack]


def _without_phrases(pack: Pack) -> Pack:
    return replace(pack, measures=tuple(replace(m, asked_as=()) for m in pack.measures))


def _without_aliases(pack: Pack) -> Pack:
    return replace(pack, measures=tuple(replace(m, aliases=(), keywords=()) for m in pack.measures))


def _same(pack: Pack) -> Pack:
    return pack


def _weightless(*kinds: FeatureKind) -> Mapping[FeatureKind, float]:
    return MappingProxyType({kind: 0.0 if kind in kinds else weight for kind, weight in index.KIND_WEIGHTS.items()})


def _kinds(*kinds: FeatureKind) -> tuple[Change, tuple[Any, str, Any]]:
    return _same, (index, "KIND_WEIGHTS", _weightless(*kinds))


NOTHING = (match, "LIKENESS_WEIGHT", match.LIKENESS_WEIGHT)
STAGES: dict[str, tuple[Change, tuple[Any, str, Any]]] = {
    "everything": (_same, NOTHING),
    "without names of documents, clauses, sectors": (_same, (Lookup, "find", lambda *_: Request())),
    "without phrases people ask with": (_without_phrases, NOTHING),
    "without keywords and aliases": (_without_aliases, NOTHING),
    "without synonyms": (lambda pack: replace(pack, synonyms=()), NOTHING),
    "without out-of-scope topics": (lambda pack: replace(pack, out_of_scope=()), NOTHING),
    "without likeness (rapidfuzz)": (_same, (match, "LIKENESS_WEIGHT", 0.0)),
    "without sounds": _kinds(FeatureKind.SOUND, FeatureKind.SYLLABLE),
    "without gapped pairs": _kinds(FeatureKind.GAP),
    "without single characters": _kinds(FeatureKind.CHAR),
    "without pairs": _kinds(FeatureKind.PAIR),
    "without Latin words": _kinds(FeatureKind.WORD),
}


def figures(stage: str, questions: Sequence[Question]) -> Mapping[str, Figures]:
    change, (target, name, value) = STAGES[stage]
    with mock.patch.object(target, name, value):
        return measure(Matcher(change(shipped())).find, questions)


def main(paths: Sequence[str]) -> None:
    lines = [line for path in paths or (QUESTIONS, HOLDOUT) for line in read(Path(path))]
    questions = [question(line) for line in lines]
    print(
        f"{len(questions)} questions\n\n| stage | hit@1 | hit@5 | none | wrong | false |\n| --- | --- | --- | --- | --- | --- |"
    )
    for stage in STAGES:
        found = figures(stage, questions)
        inside, outside = found["in domain"], found["out of domain"]
        shares = (inside.hit1, inside.hit5, inside.none, inside.wrong, outside.false)
        print(
            f"| {stage} | " + " | ".join(f"{share.value:.3f}" if share else "" for share in shares) + " |", flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:])
