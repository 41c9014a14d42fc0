"""The optional semantic stage: where words were not sure, nearness in meaning orders what is offered.

It never turns a list or a 'not found' into an answer: its scores are not calibrated, and a wrong answer is worse than none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge.model import Finding, Match, Measure, Outcome

Vector = NDArray[np.float32]
OFFERED = 10  # measures that are offered at most


def wording(measure: Measure) -> str:
    """What of a measure is embedded."""
    return f"{measure.title}\n{measure.summary}"


def digest(text: str) -> str:
    """The key of a text's vector."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Meanings:
    """The directions of the measures' vectors."""

    measures: tuple[Measure, ...]
    directions: NDArray[np.float32]  # one row for each, of length 1

    @classmethod
    def of(cls, measures: Sequence[Measure], vectors: Sequence[Vector]) -> Self:
        """:raises ValueError: the vectors are not all of one length."""
        rows = np.stack(vectors).astype(np.float32) if vectors else np.empty((0, 0), np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True) if rows.size else np.ones((len(rows), 1), np.float32)
        return cls(tuple(measures), rows / np.maximum(lengths, 1e-12))

    def nearest(self, vector: Vector) -> list[tuple[Measure, float]]:
        """The measures nearest in meaning, with the cosine, 0..1; none for a vector of another length."""
        if not self.measures or vector.shape != self.directions.shape[1:]:
            return []
        cosines = self.directions @ (vector / max(float(np.linalg.norm(vector)), 1e-12))
        best = np.argsort(-cosines, kind="stable")[:OFFERED]
        return [(self.measures[row], max(0.0, min(1.0, float(cosines[row])))) for row in best]


def is_open(finding: Finding) -> bool:
    """Whether meaning has a say: words led to choices or to nothing, and not to what the message names outright."""
    named = finding.heading is not None or finding.missing is not None
    return finding.outcome is not Outcome.ANSWER and not named and finding.beside in (None, "policy")


def refined(finding: Finding, nearest: Sequence[tuple[Measure, float]]) -> Finding:
    """The finding with its matches ordered by the mean of score and nearness; the outcome stays."""
    near = {measure.id: cosine for measure, cosine in nearest}
    known = {match.measure.id for match in finding.matches}
    found = [*finding.matches, *(Match(measure, 0.0) for measure, _ in nearest if measure.id not in known)]
    mixed = [replace(match, score=round((match.score + near.get(match.measure.id, 0.0)) / 2, 4)) for match in found]
    return replace(finding, matches=tuple(sorted(mixed, key=lambda match: -match.score)[:OFFERED]))
