"""The inverted index: which entries share which features with a message, and how telling those are.

Okapi BM25 without length normalisation, over entries whose fields are weighted (Robertson & Zaragoza, "The Probabilistic
Relevance Framework", 2009, section 3.6 for weighted fields), on the features of `knowledge.features`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from knowledge import features
from knowledge.features import FeatureKind, Ints
from knowledge.normalise import fold, plain
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
SATURATION = 1.5  # BM25's k1: how soon a feature that many phrases of an entry share stops adding


@dataclass(frozen=True, slots=True)
class Field:
    """One text of an entry: its title, a keyword, a phrase people ask with …"""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Query:
    """A message as the index sees it."""

    text: str  # plain
    keys: Ints  # its distinct features
    places: Ints  # where in the vocabulary those known stand
    mass: float  # what a perfect match would score
    known: float  # share of that mass that some entry holds, 0..1


class Index:
    """Scores every entry for a message. Built once, then only read."""

    def __init__(self, entries: Sequence[Sequence[Field]], synonyms: Synonyms) -> None:
        self.size = len(entries)
        self._synonyms = synonyms
        fields = [(row, field) for row, entry in enumerate(entries) for field in entry]
        found = features.extract([plain(fold(f.text)) for _, f in fields], synonyms)
        self._keys, feature = np.unique(found.keys, return_inverse=True)
        # A feature counts once per field, so that a long text does not drown a short phrase.
        once = np.unique(feature.astype(np.int64) * max(1, len(fields)) + found.rows)
        feature, field = np.divmod(once, max(1, len(fields)))
        owner = np.array([row for row, _ in fields], np.int64)[field]
        weight = np.array([f.weight for _, f in fields], np.float64)[field]
        pair, where = np.unique(feature * max(1, self.size) + owner, return_inverse=True)
        frequency = np.bincount(where, weights=weight)
        feature, self._rows = np.divmod(pair, max(1, self.size))
        self._starts = np.searchsorted(feature, np.arange(self._keys.size + 1))
        self._worth = self._rarity(np.diff(self._starts)) * _kind_weights(self._keys)
        self._gains = self._worth[feature] * frequency / (frequency + SATURATION)

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
            total[self._rows[holders]] += self._gains[holders]
        return total / query.mass

    def joint_score(self, query: Query, one: int, other: int) -> float:
        """What two entries match together: each feature of the message counts for the one that holds it better."""
        gained = sum(max(self._gain(int(p), one), self._gain(int(p), other)) for p in query.places)
        return gained / query.mass if query.mass else 0.0

    def _gain(self, place: int, entry: int) -> float:
        """What the feature at a place of the vocabulary adds to an entry's score, before dividing by the mass."""
        holders = slice(int(self._starts[place]), int(self._starts[place + 1]))
        rows = self._rows[holders]
        at = int(np.searchsorted(rows, entry))
        return float(self._gains[holders][at]) if at < rows.size and rows[at] == entry else 0.0


def _kind_weights(keys: Ints) -> Scores:
    table = np.zeros(features.COUNT)
    for kind, weight in KIND_WEIGHTS.items():
        table[kind] = weight
    weights: Scores = table[features.kind_of(keys)]
    return weights
