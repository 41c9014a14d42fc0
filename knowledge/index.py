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
LONGEST_READ = 300_000  # holders of a message's features that are added up for all entries
CANDIDATES = 1000  # entries that get their full score beyond that
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
    is_spelled: bool  # it holds Latin letters that read as pinyin


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
        return Query(text, keys, places[known], mass, held / mass if mass else 0.0, bool(spelled.keys.size))

    def scores(self, query: Query) -> Scores:
        """Per entry the share of the message's weight that it matches, 0..1.

        Features are read rarest first until LONGEST_READ holders have been seen; what the commonest ones add is told for
        the CANDIDATES best entries only, the others keep less than their due.
        """
        if query.mass <= 0:
            return np.zeros(self.size)
        read, left = self._rarest(query.places)
        total = np.bincount(*self._postings(read), minlength=self.size)
        if left.size:
            best = np.argpartition(total, -CANDIDATES)[-CANDIDATES:]
            total[best] += self._gain_table(left, best).sum(axis=0)
        return total / query.mass

    def _rarest(self, places: Ints) -> tuple[Ints, Ints]:
        """The features that are read for all entries, and those that are too common for it."""
        holders = self._starts[places + 1] - self._starts[places]
        order = np.argsort(holders, kind="stable")
        fits = np.cumsum(holders[order]) <= max(LONGEST_READ, CANDIDATES)
        if self.size <= CANDIDATES:
            fits[:] = True
        return places[order[fits]], places[order[~fits]]

    def _postings(self, places: Ints) -> tuple[NDArray[np.int32], Scores]:
        """(entries, gains) of all holders of the features at some places of the vocabulary."""
        begin, size = self._starts[places], self._starts[places + 1] - self._starts[places]
        at = np.repeat(begin - np.cumsum(size) + size, size) + np.arange(size.sum())
        return self._rows[at], self._gains[at] * np.repeat(self._worth[places], size)

    def beyond(self, query: Query, entry: int) -> Scores:
        """Per entry what it matches of a message beyond what `entry` matches: each feature counts for the better one."""
        read, _ = self._rarest(query.places)
        rows, gains = self._postings(read)
        feature = np.repeat(np.arange(read.size), self._starts[read + 1] - self._starts[read])
        held, own = np.zeros(read.size), rows == entry
        held[feature[own]] = gains[own]
        return np.bincount(rows, np.maximum(gains - held[feature], 0.0), minlength=self.size) / query.mass

    def gains(self, query: Query, entry: int) -> dict[int, float]:
        """What each feature of the message that an entry holds adds to the entry's score."""
        each = self._gain_table(query.places, np.array([entry]))[:, 0] / query.mass
        return {int(key): float(gain) for key, gain in zip(self._keys[query.places], each, strict=True) if gain}

    def _gain_table(self, places: Ints, entries: Ints) -> Scores:
        """What the features at some places of the vocabulary add to some entries' scores, before dividing by the mass."""
        table = np.zeros((places.size, entries.size))
        for line, place in zip(table, places, strict=True):
            begin, end = self._starts[place], self._starts[place + 1]
            at = begin + np.searchsorted(self._rows[begin:end], entries)
            at = np.minimum(at, end - 1)
            held = self._rows[at] == entries
            line[held] = self._gains[at[held]] * self._worth[place]
        return table


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
