"""Measures that have nothing but their wording, as an import brings them, beside curated ones with a hundred phrases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Index, Scores, highest, ranked
from knowledge.model import Measure
from knowledge.normalise import fold, plain

KIN_OF = 3  # best curated measures whose kin among those without phrases is looked at
KIN_WEIGHT, KIN_MOST = 0.8, 0.95  # of what the kin's likeness adds, and of the best curated score that it may come to
KIN_KEPT = 50  # kin of a measure that are remembered
MEASURES_KEPT = 1000  # whose kin are
ALIKE = 0.15  # share of a curated measure's weight from which another is told beside it
ALSO_RANS = 4, 10  # places of the entries whose scores tell what one matches by chance


@dataclass(frozen=True, slots=True)
class _Kin:
    """The measures without phrases that say what a curated one does, best first, and how alike they are, 0..1."""

    rows: NDArray[np.int64]
    alike: Scores


class Bare:
    """Which measures are so, and what is made up to them for it."""

    def __init__(self, index: Index, measures: Sequence[Measure]) -> None:
        """:param measures: in the order of the index's first entries."""
        self.rows = np.array([not measure.asked_as for measure in measures], np.bool_)  # by place
        self._measures = measures
        self._mixed = bool(self.rows.any() and not self.rows.all())
        self._kin = _kin(index, measures, self.rows)

    def raised(self, scores: Scores) -> float:
        """Raises the scores of measures without phrases, in place, by what the others match more by chance; by how much.

        A curated measure holds a thousand characters, so that any message finds some of its own there.
        """
        if not self._mixed:
            return 0.0
        usual, own = _by_chance(scores[~self.rows]), _by_chance(scores[self.rows])
        if usual is None or own is None or usual <= own:
            return 0.0
        scores[self.rows & (scores > 0)] += usual - own
        return usual - own

    def with_kin(self, scores: Scores) -> Scores:
        """The scores, those of the kin of the best curated measures raised, though not above the best of these.

        Somebody's words lead to a curated measure by its phrases, and from there to what says the same in official words.
        """
        curated = ranked(np.where(self.rows, 0.0, scores), KIN_OF) if self._mixed else np.empty(0, np.int64)
        if not curated.size:
            return scores
        with_kin = scores.copy()
        for row in curated.tolist():
            kin = self._kin(row)
            with_kin[kin.rows] += KIN_WEIGHT * scores[row] * kin.alike
        most = KIN_MOST * scores[curated[0]]
        return cast("Scores", np.maximum(scores, np.minimum(with_kin, most)))

    def akin(self, row: int) -> Measure | None:
        """What says nearly the same as a curated measure, as far as words tell."""
        if self.rows[row] or not self._mixed:
            return None
        kin = self._kin(row)
        found = self._measures[int(kin.rows[0])] if kin.rows.size and kin.alike[0] >= ALIKE else None
        return found if found and found.id not in self._measures[row].also_in else None  # which are told anyway


def _kin(index: Index, measures: Sequence[Measure], bare: NDArray[np.bool_]) -> Callable[[int], _Kin]:
    """What tells the kin of a measure: among those without phrases whoever says what its title and keywords do."""

    @lru_cache(maxsize=MEASURES_KEPT)
    def kin(row: int) -> _Kin:
        measure = measures[row]
        scores = index.scores(index.query(plain(fold(" ".join([measure.title, *measure.keywords])))))[: bare.size]
        rows = ranked(np.where(bare, scores, 0.0), KIN_KEPT)
        return _Kin(rows, scores[rows] / scores[row])

    return kin


def _by_chance(scores: Scores) -> float | None:
    """What entries score that a message is hardly about: the mean of those behind the first few. None: too few to tell."""
    first, last = ALSO_RANS
    begin = min(first, scores.size // (first + 1))
    return float(np.sort(scores[highest(scores, last)])[::-1][begin:].mean()) if begin else None
