"""The inverted index: which entries share which features with a message, and how telling those are.

Okapi BM25 over entries whose fields are weighted (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009,
sections 3.4 for length and 3.6 for weighted fields), on the features of `knowledge.features`. The length that counts as
usual is a constant.
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
        FeatureKind.CONCEPT: 1.5,
    }
)
LONGEST_READ = 300_000  # holders of a message's features that are added up for all entries
CANDIDATES = 1000  # entries that get their full score beyond that


@dataclass(frozen=True, slots=True)
class Holders:
    """Which entries hold some features, those of one feature after those of the other."""

    places: Ints  # where in the vocabulary the features stand
    ends: Ints  # of each feature where its holders end
    rows: NDArray[np.int32]  # the entries
    gains: Scores  # what the feature adds to each

    def feature(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which feature, by its number among `places`, the holders at some positions belong to."""
        return np.searchsorted(self.ends, at, side="right")


@dataclass(frozen=True, slots=True)
class Query:
    """A message as the index sees it."""

    text: str  # plain
    keys: Ints  # its distinct features
    places: Ints  # where in the vocabulary those known stand
    mass: float  # what a perfect match would score
    known: float  # share of that mass that some entry holds, 0..1
    read: Holders  # who holds those features that are read for all entries
    left: Ints  # the places of those too common for it
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
        unknown = np.setdiff1d(keys[~known], spelled.words) if spelled.words.size else keys[~known]
        rarest = float(np.log1p((self.size + 0.5) / 0.5))
        held = float(self._worth[places[known]].sum())
        mass = held + rarest * float(_kind_weights(unknown).sum())
        read, left = self._rarest(places[known])
        share = held / mass if mass else 0.0
        return Query(text, keys, places[known], mass, share, self._held(read), left, bool(spelled.keys.size))

    def scores(self, query: Query) -> Scores:
        """Per entry the share of the message's weight that it matches, 0..1.

        Features are read rarest first until LONGEST_READ holders have been seen; what the commonest ones add is told for
        the CANDIDATES best entries only, the others keep less than their due.
        """
        if query.mass <= 0:
            return np.zeros(self.size)
        total: Scores = np.bincount(query.read.rows, query.read.gains, minlength=self.size).astype(
            np.float64, copy=False
        )
        if query.left.size:
            best = highest(total, CANDIDATES)
            total[best] += self._gain_table(query.left, best).sum(axis=0)
        return total / query.mass

    def _rarest(self, places: Ints) -> tuple[Ints, Ints]:
        """The features that are read for all entries, and those that are too common for it."""
        holders = self._starts[places + 1] - self._starts[places]
        order = np.argsort(holders, kind="stable")
        fits = np.cumsum(holders[order]) <= max(LONGEST_READ, CANDIDATES)
        if self.size <= CANDIDATES:
            fits[:] = True
        return places[order[fits]], places[order[~fits]]

    def _held(self, places: Ints) -> Holders:
        """All holders of the features at some places of the vocabulary."""
        begin, size = self._starts[places], self._starts[places + 1] - self._starts[places]
        ends = np.cumsum(size)
        at = np.repeat(begin - ends + size, size) + np.arange(size.sum())
        return Holders(places, ends, self._rows[at], self._gains[at] * np.repeat(self._worth[places], size))

    def beyond(self, query: Query, entry: int) -> Scores:
        """Per entry what it matches of a message beyond what `entry` matches: each feature counts for the better one."""
        read = query.read
        own = np.flatnonzero(read.rows == entry)
        held = np.zeros(read.places.size)
        held[read.feature(own)] = read.gains[own]
        more = read.gains - np.repeat(held, np.diff(read.ends, prepend=0))
        return np.bincount(read.rows, np.maximum(more, 0.0), minlength=self.size) / query.mass

    def explained(self, query: Query, entry: int) -> float:
        """Share of the message's weight whose features an entry holds, however often; 0..1."""
        return float(self._worth[self._shared(query, entry)].sum()) / query.mass if query.mass else 0.0

    def share_among(self, query: Query, entry: int, keys: Ints) -> float:
        """Share of the weight that an entry explains whose features are among some."""
        places = self._shared(query, entry)
        worth = self._worth[places]
        return float(worth[np.isin(self._keys[places], keys)].sum() / worth.sum()) if places.size else 0.0

    def heard(self, query: Query, entry: int) -> float:
        """Share of the message's neighbouring syllables that an entry holds."""
        spoken = int(np.count_nonzero(features.kind_of(query.keys) == FeatureKind.SYLLABLE))
        held = self._keys[self._shared(query, entry)]
        return int(np.count_nonzero(features.kind_of(held) == FeatureKind.SYLLABLE)) / max(1, spoken)

    def _shared(self, query: Query, entry: int) -> Ints:
        """The places of the message's features that an entry holds."""
        read = query.read.feature(np.flatnonzero(query.read.rows == entry))
        common = self._gain_table(query.left, np.array([entry]))[:, 0] > 0
        return np.concatenate([query.read.places[read], query.left[common]])

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


def highest(values: Scores, count: int) -> Ints:
    """Where the highest values stand, of equal ones the first. `argpartition` takes twenty times as long over many ties."""
    if values.size <= count:
        return np.arange(values.size)
    least = np.partition(values, -count)[-count]
    above, equal = np.flatnonzero(values > least), np.flatnonzero(values == least)
    return np.concatenate([above, equal[: count - above.size]])


def ranked(scores: Scores, limit: int) -> NDArray[np.int64]:
    """Rows with a positive score, best first; equal scores keep the knowledge base's order."""
    positive = np.flatnonzero(scores > 0)
    if positive.size > limit > 0:
        cut = np.partition(scores[positive], positive.size - limit)[positive.size - limit]
        positive = positive[scores[positive] >= cut]
    return positive[np.argsort(-scores[positive], kind="stable")][:limit]


def _kind_weights(keys: Ints) -> Scores:
    table = np.zeros(features.COUNT)
    for kind, weight in KIND_WEIGHTS.items():
        table[kind] = weight
    weights: Scores = table[features.kind_of(keys)]
    return weights
