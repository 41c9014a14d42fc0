"""The inverted index: which entries share which features with a message, and how telling those are.

Okapi BM25 without length normalisation, over entries whose fields are weighted (Robertson & Zaragoza, "The Probabilistic
Relevance Framework", 2009, section 3.6 for weighted fields), on the features of `knowledge.features`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from knowledge import features
from knowledge.features import FeatureKind, Ints
from knowledge.postings import Postings
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
LONGEST_READ = 300_000  # holders of a message's features that are added up for all entries
CANDIDATES = 1000  # entries that get their full score beyond that


@dataclass(frozen=True, slots=True)
class Query:
    """A message as the index sees it."""

    text: str  # plain
    keys: Ints  # its distinct features
    places: Ints  # where in the vocabulary those known stand
    mass: float  # what a perfect match would score
    known: float  # share of that mass that some entry holds, 0..1
    is_spelled: bool  # it holds Latin letters that read as pinyin


class Index:
    """Scores every entry for a message. Built once, then only read."""

    def __init__(self, postings: Postings, size: int, synonyms: Synonyms) -> None:
        """:param size: number of entries."""
        self.size = size
        self._synonyms = synonyms
        self._keys, self._starts = postings.keys, postings.starts
        self._rows, self._gains = postings.rows, postings.gains
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


def _kind_weights(keys: Ints) -> Scores:
    table = np.zeros(features.COUNT)
    for kind, weight in KIND_WEIGHTS.items():
        table[kind] = weight
    weights: Scores = table[features.kind_of(keys)]
    return weights
