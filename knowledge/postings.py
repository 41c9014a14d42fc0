"""The arrays of an inverted index: building them in batches that keep memory bounded, and telling sound from damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import metadata, resources
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from knowledge import features
from knowledge.codec import values
from knowledge.features import FeatureKind, Ints
from knowledge.synonyms import Synonyms

BATCH = 500  # entries read at a time; bounds the memory that building takes
SATURATION = 1.5  # BM25's k1: how soon a feature that many phrases of an entry share stops adding
# BM25's b, and the length in characters at which it changes nothing: a constant rather than the average of all entries, so
# that an edit changes no other entry's postings. Entries with many phrases hold any word of a message by chance.
LENGTH_COUNTS, USUAL_LENGTH = 0.5, 500
LEANING = 2.0  # how much more synonyms add to an entry without phrases: it has official words alone
# What the arrays depend on.
MAKERS = ("features.py", "normalise.py", "pinyin.py", "postings.py", "revising.py", "synonyms.py")
LIBRARIES = ("opencc-python-reimplemented", "pypinyin")


@dataclass(frozen=True, slots=True)
class Field:
    """One text of an entry: its title, a keyword, a phrase people ask with …"""

    text: str  # plain
    weight: float
    name: str = ""  # which of a measure's fields it is, for explanations


Entries = Sequence[Sequence[Field]]


class Keep(Protocol):
    """Keeps arrays under a name, so that a restart need not build them again."""

    def load(self, name: str) -> Mapping[str, NDArray[Any]] | None:
        """None where there are none, or none that can be read."""

    def save(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Best effort: what cannot be kept is built again."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The postings of the feature `keys[i]` are those from `starts[i]` to `starts[i + 1]`, by entry."""

    keys: Ints  # the vocabulary, ascending
    starts: Ints
    rows: NDArray[np.int32]  # the entry that holds the feature
    gains: NDArray[np.float16]  # what the feature adds to the entry's score, before its worth

    @classmethod
    def of(cls, entries: Entries, synonyms: Synonyms, progress: Callable[[int], None] | None = None) -> Self:
        """:param progress: told now and then how many entries have been read."""
        batches = []
        for first in range(0, len(entries), BATCH):
            batches.append(batch_of(entries[first : first + BATCH], first, synonyms))
            if progress:
                progress(min(first + BATCH, len(entries)))
        keys = np.unique(np.concatenate([b.keys for b in batches] or [np.empty(0, np.int64)]))
        return cls(keys, *_merged(batches, keys))

    @classmethod
    def kept(
        cls, entries: Entries, synonyms: Synonyms, keep: Keep, progress: Callable[[int], None] | None = None
    ) -> Self:
        """The same, taken from where they are kept if they are there and sound, else built and kept."""
        name = fingerprint(entries, synonyms)
        arrays = keep.load(name)
        if arrays is not None and set(arrays) == {field.name for field in fields(cls)}:
            found = cls(**arrays)
            if found.is_sound(len(entries)):
                return found
        built = cls.of(entries, synonyms, progress)
        keep.save(name, values(built))
        return built

    def is_sound(self, size: int) -> bool:
        """Whether the arrays can belong to an index of so many entries: nothing points beyond an end."""
        return (
            [a.dtype for a in (self.keys, self.starts, self.rows, self.gains)]
            == [np.dtype(t) for t in (np.int64, np.int64, np.int32, np.float16)]
            and all(a.ndim == 1 for a in (self.keys, self.starts, self.rows, self.gains))
            and self.starts.size == self.keys.size + 1
            and self.rows.size == self.gains.size == self.starts[-1]
            and self.starts[0] == 0
            and bool(np.all(np.diff(self.starts) > 0) and np.all(np.diff(self.keys) > 0))
            and bool(np.all((self.rows >= 0) & (self.rows < size)) and np.isfinite(self.gains).all())
        )


def fingerprint(entries: Entries, synonyms: Synonyms) -> str:
    """Changes whenever the arrays would: with the texts, what they are, the synonyms and the code that reads them."""
    digest = hashlib.sha256(_code())
    digest.update(repr(synonyms.words).encode("utf-8", "replace"))
    for entry in entries:
        for field in entry:
            digest.update(f"{field.name} {field.weight} {field.text}\n".encode("utf-8", "replace"))
        digest.update(b"\n")
    return digest.hexdigest()[:32]


@cache
def _code() -> bytes:
    package = resources.files("knowledge")
    versions = "".join(metadata.version(name) for name in LIBRARIES)
    return b"".join(package.joinpath(name).read_bytes() for name in MAKERS) + versions.encode()


@dataclass(frozen=True, slots=True)
class Batch:
    """The postings of some entries: `features[i]`, a place in `keys`, stands in entry `rows[i]`; sorted by both."""

    keys: Ints
    features: NDArray[np.int32]
    rows: NDArray[np.int32]
    gains: NDArray[np.float16]


def batch_of(entries: Sequence[Sequence[Field]], first: int, synonyms: Synonyms) -> Batch:
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
    length = np.bincount([row - first for row, _ in fields], [len(f.text) for _, f in fields], minlength=len(entries))
    slowness = SATURATION * (1 - LENGTH_COUNTS + LENGTH_COUNTS * length / USUAL_LENGTH)
    gains = frequency / (frequency + slowness[rows - first])
    gains[(features.kind_of(keys)[feature] == FeatureKind.CONCEPT) & _leaning(entries)[rows - first]] *= LEANING
    return Batch(keys, feature.astype(np.int32), rows.astype(np.int32), gains.astype(np.float16))


def _leaning(entries: Entries) -> NDArray[np.bool_]:
    """Which entries have no phrase people ask with."""
    return np.array([all(field.name != "asked_as" for field in entry) for entry in entries], np.bool_)


def _merged(batches: list[Batch], keys: Ints) -> tuple[Ints, NDArray[np.int32], NDArray[np.float16]]:
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
