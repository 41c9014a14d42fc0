"""The inverted index: which entries share which features with a message, and how telling those are.

Okapi BM25 without length normalisation, over entries whose fields are weighted (Robertson & Zaragoza, "The Probabilistic
Relevance Framework", 2009, section 3.6 for weighted fields), on the features of `knowledge.features`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from knowledge import features
from knowledge.features import FeatureKind, Ints
from knowledge.synonyms import Synonyms

Scores = NDArray[np.float64]

# How much a match of each kind tells, relative to a pair of neighbouring characters. See docs/matching.md, ablation.
KIND_WEIGHTS: Mapping[FeatureKind, float] = MappingProxyType(
    {
        FeatureKind.CHAR: 0.4,
        FeatureKind.PAIR: 1.0,
        FeatureKind.GAP: 0.3,
        FeatureKind.SOUND: 0.25,
        FeatureKind.SYLLABLE: 0.25,
        FeatureKind.WORD: 1.5,
        FeatureKind.CONCEPT: 1.0,
    }
)
BATCH = 2000  # entries read at a time; bounds the memory that building takes
SATURATION = 1.5  # BM25's k1: how soon a feature that many phrases of an entry share stops adding


@dataclass(frozen=True, slots=True)
class Field:
    """One text of an entry: its title, a keyword, a phrase people ask with …"""

    text: str  # plain
    weight: float
    name: str = ""  # which of a measure's fields it is, for explanations


@dataclass(frozen=True, slots=True)
class Query:
    """A message as the index sees it."""

    text: str  # plain
    keys: Ints  # its distinct features
    places: Ints  # where in the vocabulary those known stand
    mass: float  # what a perfect match would score
    known: float  # share of that mass that some entry holds, 0..1


@dataclass(frozen=True, slots=True)
class _Batch:
    """The postings of some entries: `features[i]`, a place in `keys`, stands in entry `rows[i]`; sorted by both."""

    keys: Ints
    features: Ints
    rows: Ints
    gains: NDArray[np.float32]  # what a feature adds to the entry's score, before its worth


class Index:
    """Scores every entry for a message. Built once, then only read."""

    def __init__(
        self, entries: Sequence[Sequence[Field]], synonyms: Synonyms, progress: Callable[[int], None] | None = None
    ) -> None:
        """:param progress: told now and then how many entries have been read."""
        self.size = len(entries)
        self._synonyms = synonyms
        batches = []
        for first in range(0, self.size, BATCH):
            batches.append(_batch(entries[first : first + BATCH], first, synonyms))
            if progress:
                progress(min(first + BATCH, self.size))
        self._keys = np.unique(np.concatenate([b.keys for b in batches] or [np.empty(0, np.int64)]))
        self._starts, self._rows, self._gains = _merged(batches, self._keys)
        self._worth = self._rarity(np.diff(self._starts)) * _kind_weights(self._keys)

    def _rarity(self, holders: NDArray[np.int64]) -> Scores:
        """Inverse document frequency of features that so many entries hold."""
        return np.log1p((self.size - holders + 0.5) / (holders + 0.5))

    def query(self, text: str) -> Query:
        """The features of a plain text; Latin letters that are no known words are read as pinyin where they can be."""
        keys = features.extract([text], self._synonyms).keys
        spelled = features.typed_pinyin(text)
        keys = np.unique(np.concatenate([keys, spelled.keys]))
        places = np.searchsorted(self._keys, keys)
        known = places < self._keys.size
        known[known] = self._keys[places[known]] == keys[known]
        unknown = np.setdiff1d(keys[~known], spelled.words)
        rarest = float(np.log1p((self.size + 0.5) / 0.5))
        held = float(self._worth[places[known]].sum())
        mass = held + rarest * float(_kind_weights(unknown).sum())
        return Query(text, keys, places[known], mass, held / mass if mass else 0.0)

    def scores(self, query: Query) -> Scores:
        """Per entry the share of the message's weight that it matches, 0..1."""
        total = np.zeros(self.size)
        if query.mass <= 0:
            return total
        for place in query.places:
            holders = slice(self._starts[place], self._starts[place + 1])
            total[self._rows[holders]] += self._gains[holders] * self._worth[place]
        return total / query.mass

    def joint_score(self, query: Query, one: int, other: int) -> float:
        """What two entries match together: each feature of the message counts for the one that holds it better."""
        gained = sum(max(self._gain(int(p), one), self._gain(int(p), other)) for p in query.places)
        return gained / query.mass if query.mass else 0.0

    def gains(self, query: Query, entry: int) -> dict[int, float]:
        """What each feature of the message that an entry holds adds to the entry's score."""
        each = {int(self._keys[place]): self._gain(int(place), entry) / query.mass for place in query.places}
        return {key: gain for key, gain in each.items() if gain}

    def _gain(self, place: int, entry: int) -> float:
        """What the feature at a place of the vocabulary adds to an entry's score, before dividing by the mass."""
        holders = slice(int(self._starts[place]), int(self._starts[place + 1]))
        rows = self._rows[holders]
        at = int(np.searchsorted(rows, entry))
        held = at < rows.size and rows[at] == entry
        return float(self._gains[holders][at]) * float(self._worth[place]) if held else 0.0


def _batch(entries: Sequence[Sequence[Field]], first: int, synonyms: Synonyms) -> _Batch:
    """The postings of consecutive entries, the first of which has the row `first`."""
    fields = [(row, field) for row, entry in enumerate(entries, first) for field in entry]
    found = features.extract([f.text for _, f in fields], synonyms)
    keys, feature = np.unique(found.keys, return_inverse=True)
    # A feature counts once per field, so that a long text does not drown a short phrase.
    once = np.sort(feature.astype(np.int64) * max(1, len(fields)) + found.rows)
    feature, field = np.divmod(once[np.diff(once, prepend=-1) > 0], max(1, len(fields)))
    owner = np.array([row for row, _ in fields], np.int64)[field]
    weight = np.array([f.weight for _, f in fields], np.float64)[field]
    pair, where = np.unique(feature * max(1, first + len(entries)) + owner, return_inverse=True)
    frequency = np.bincount(where, weights=weight)
    feature, rows = np.divmod(pair, max(1, first + len(entries)))
    return _Batch(keys, feature, rows, (frequency / (frequency + SATURATION)).astype(np.float32))


def _merged(batches: list[_Batch], keys: Ints) -> tuple[Ints, NDArray[np.int32], NDArray[np.float16]]:
    """(starts, rows, gains): the postings of the feature `keys[i]` are those from `starts[i]` to `starts[i + 1]`.

    Empties the list of batches, so that the largest arrays do not stand in memory twice.
    """
    places = [np.searchsorted(keys, batch.keys) for batch in batches]
    counts = np.zeros(keys.size, np.int64)
    for place, batch in zip(places, batches, strict=True):
        counts[place] += np.bincount(batch.features, minlength=place.size)
    starts = np.concatenate([[0], np.cumsum(counts)])
    rows = np.empty(starts[-1], np.int32)
    gains = np.empty(starts[-1], np.float16)
    free = starts[:-1].copy()  # where the next posting of each feature goes
    for place in places:
        batch = batches.pop(0)
        size = np.bincount(batch.features, minlength=place.size)
        before = np.cumsum(size) - size
        at = (free[place] - before)[batch.features] + np.arange(batch.features.size)
        rows[at], gains[at] = batch.rows, batch.gains
        free[place] += size
    return starts, rows, gains


def _kind_weights(keys: Ints) -> Scores:
    table = np.zeros(features.COUNT)
    for kind, weight in KIND_WEIGHTS.items():
        table[kind] = weight
    weights: Scores = table[features.kind_of(keys)]
    return weights
