"""Answer, choices or nothing: two calibrated probabilities over what the ranking looks like.

The constants come from `benchmarks/calibrate.py`, which writes `data/decision.json`; none is typed by hand.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from importlib import resources

from knowledge.model import Outcome


@dataclass(frozen=True, slots=True)
class Signals:
    """What the decision looks at; all in 0..1."""

    best: float  # score of the first entry
    lead: float  # how far the first is ahead of the next different one, as a share of its score
    rival: float  # the best out-of-scope topic against the first entry: rival / (rival + best)
    likeness: float  # rapidfuzz similarity of the message to the nearest text of the first entry
    known: float  # share of the message's weight that the vocabulary knows
    brevity: float  # 1 for a one-feature message, towards 0 for a long one


@dataclass(frozen=True, slots=True)
class Decision:
    """Logistic weights, the intercept first, and the thresholds on their probabilities."""

    in_domain: tuple[float, ...]  # P(some entry is what the person asks about)
    is_right: tuple[float, ...]  # P(the first entry is), given that some is
    none_below: float  # no answer under this P(in domain)
    answer_from: float  # an answer, not choices, from this P(in domain) * P(right)

    def confidence(self, signals: Signals) -> tuple[float, float]:
        """(P(in domain), P(the first is right))."""
        in_domain = _logistic(self.in_domain, astuple(signals))
        return in_domain, in_domain * _logistic(self.is_right, astuple(signals))

    def outcome(self, signals: Signals) -> Outcome:
        """What to do with the ranking."""
        in_domain, right = self.confidence(signals)
        if in_domain < self.none_below:
            return Outcome.NONE
        return Outcome.ANSWER if right >= self.answer_from else Outcome.CHOICES


def _logistic(weights: Sequence[float], values: Sequence[float]) -> float:
    total = weights[0] + sum(w * v for w, v in zip(weights[1:], values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def load() -> Decision:
    """The shipped calibration."""
    raw: Mapping[str, object] = json.loads(resources.files("knowledge").joinpath("data/decision.json").read_text("utf-8"))
    return Decision(
        in_domain=tuple(raw["in_domain"]),  # type: ignore[arg-type]
        is_right=tuple(raw["is_right"]),  # type: ignore[arg-type]
        none_below=float(raw["none_below"]),  # type: ignore[arg-type]
        answer_from=float(raw["answer_from"]),  # type: ignore[arg-type]
    )
