"""Answer, choices or nothing: two calibrated probabilities over what the ranking looks like.

The constants come from `benchmarks/calibrate.py`, which writes `data/decision.json`; none is typed by hand.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from knowledge.model import Measure, Outcome

SHORT = 10  # features of a message of some three characters: those, their pairs, and how they sound


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision looks at; all in 0..1."""

    strength: float  # of the first entry's score: `strength`
    lead: float  # how far the first is ahead of the next different one, as a share of its score
    rival: float  # the best out-of-scope topic against the first entry: rival / (rival + best)
    likeness: float  # rapidfuzz similarity of the message to the nearest text of the first entry
    rival_likeness: float  # the same for the phrases of the best out-of-scope topic
    known: float  # share of the message's weight that the vocabulary knows
    brevity: float  # 1 for a one-feature message, towards 0 for a long one; 0 behind the name of a document
    elsewhere: float  # 1 when the message begins with a place that no entry is about, 0.5 when it only mentions one
    explained: float  # share of the message's weight whose features the first entry holds
    rival_explained: float  # the same of the best out-of-scope topic against the first entry: theirs / (theirs + its)
    heard: float  # of a message in pinyin the share of neighbouring syllables that the first entry holds, else 0
    incidental: float  # a short message that stands in a phrase people ask with by the way: `incidental`
    detail: float  # 1 when it asks for a fee, a form, a date … that the first entry says nothing of, else 0

    def values(self) -> tuple[float, ...]:
        """In the order of the decision's weights."""
        return tuple(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class Split:
    """A message cut in two at a joint, each part about another entry."""

    lift: float  # what the two entries match together, relative to what the best one matches alone
    right: float  # the lower of the parts' P(in domain and the first is right)
    joined: bool  # cut at a conjunction ('和', '还有', 'and'), not just at a space or comma


@dataclass(frozen=True, slots=True)
class Decision:
    """Logistic weights, the intercept first, and the thresholds on their probabilities."""

    in_domain: tuple[float, ...]  # P(some entry is what the person asks about)
    is_right: tuple[float, ...]  # P(the first entry is), given that some is
    none_below: float  # no answer under this P(in domain)
    answer_from: float  # an answer, not choices, from this P(in domain) * P(right)
    joined_from: tuple[float, float]  # (lift, right) from which a message with a conjunction is about two things
    apart_from: tuple[float, float]  # the same without a conjunction

    def confidence(self, signals: Signals) -> tuple[float, float]:
        """(P(in domain), P(in domain and the first is right))."""
        values = signals.values()
        in_domain = _logistic(self.in_domain, values)
        return in_domain, in_domain * _logistic(self.is_right, values)

    def outcome(self, in_domain: float, right: float) -> Outcome:
        """What to do with a ranking of this confidence."""
        if in_domain < self.none_below:
            return Outcome.NONE
        return Outcome.ANSWER if right >= self.answer_from else Outcome.CHOICES

    @property
    def least_lift(self) -> float:
        """What two entries must at least match together, relative to the best alone, for a message to be about two."""
        return min(self.joined_from[0], self.apart_from[0])

    def is_double(self, split: Split) -> bool:
        """Whether a message is about two things."""
        lift, right = self.double_from(joined=split.joined)
        return split.lift >= lift and split.right >= right

    def double_from(self, *, joined: bool) -> tuple[float, float]:
        """(lift, right) from which a cut, at a conjunction or not, makes two questions."""
        return self.joined_from if joined else self.apart_from


def strength(score: float) -> float:
    """A score of the index on a logarithmic scale: 1 for 1 and more, a half for a tenth, 0 for a hundredth."""
    return min(1.0, max(0.0, 1 + math.log10(score) / 2)) if score > 0 else 0.0


def incidental(stated: float, likeness: float, features: int) -> float:
    """How far a message rests on words that stand in a phrase people ask with, and may well have nothing to do with it.

    Each word of such a phrase is rare, so that '每周' would be sure of the one measure of whose flights somebody asked by week.

    :param stated: share of what the entry explains that it says in its own words.
    :param likeness: of the message to the nearest of the entry's texts.
    :param features: of the message; the more there are, the less is by chance.
    """
    return (1 - stated) * (1 - likeness) * min(1.0, SHORT / max(1, features))


def _logistic(weights: Sequence[float], values: Sequence[float]) -> float:
    total = weights[0] + sum(w * v for w, v in zip(weights[1:], values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True)
class Decisions:
    """One decision for measures that people have phrases for, and one for those that have their wording alone.

    The latter match less of any message, so that the former would be silent at most that they are about.
    """

    curated: Decision
    bare: Decision

    def of(self, measure: Measure) -> Decision:
        """The one for a ranking that this measure heads."""
        return self.curated if measure.asked_as else self.bare


@functools.cache
def shipped() -> Decisions:
    """The calibration that comes with the package."""
    raw: dict[str, Any] = json.loads(resources.files("knowledge").joinpath("data/decision.json").read_text("utf-8"))
    return Decisions(**{kind: _decision(values) for kind, values in raw.items()})


def _decision(raw: Mapping[str, Any]) -> Decision:
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
    return Decision(**values)
