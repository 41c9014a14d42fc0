"""The arrays of an inverted index: building them in batches that keep memory bounded, and telling sound from damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import metadata, resources
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from knowledge import features
from knowledge.features import Ints
from knowledge.synonyms import Synonyms

BATCH = 500  # entries read at a time; bounds the memory that building takes
FEW = 500  # entries up to which an older index is revised rather than built anew
PIECE = 100_000  # postings handled at a time: what numpy picks from an array it picks holding the interpreter's lock
SATURATION = 1.5  # BM25's k1: how soon a feature that many phrases of an entry share stops adding
MAKERS = ("features.py", "normalise.py", "pinyin.py", "postings.py", "synonyms.py")  # what the arrays depend on
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
    def of(
        cls,
        entries: Entries,
        synonyms: Synonyms,
        progress: Callable[[int], None] | None = None,
        before: Indexed | None = None,
    ) -> Self:
        """:param progress: told now and then how many entries have been read.
        :param before: an older index, made with the same synonyms: what it holds of the very same entries is taken over.
        """
        if before and (found := _taken_over(before, entries)):
            return cls(*_revised(before.postings, *found, entries, synonyms))
        batches = []
        for first in range(0, len(entries), BATCH):
            batches.append(_batch(entries[first : first + BATCH], first, synonyms))
            if progress:
                progress(min(first + BATCH, len(entries)))
        keys = np.unique(np.concatenate([b.keys for b in batches] or [np.empty(0, np.int64)]))
        return cls(keys, *_merged(batches, keys))

    @classmethod
    def kept(
        cls,
        entries: Entries,
        synonyms: Synonyms,
        keep: Keep,
        progress: Callable[[int], None] | None = None,
        before: Indexed | None = None,
    ) -> Self:
        """The same, taken from where they are kept if they are there and sound, else built and kept."""
        name = fingerprint(entries, synonyms)
        arrays = keep.load(name)
        if arrays is not None and set(arrays) == {field.name for field in fields(cls)}:
            found = cls(**arrays)
            if found.is_sound(len(entries)):
                return found
        built = cls.of(entries, synonyms, progress, before)
        keep.save(name, asdict(built))
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


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index and what it was made of."""

    entries: Entries
    postings: Postings


def fingerprint(entries: Entries, synonyms: Synonyms) -> str:
    """Changes whenever the arrays would: with the texts, their weights, the synonyms and the code that reads them."""
    digest = hashlib.sha256(_code())
    digest.update(repr(synonyms.words).encode("utf-8", "replace"))
    for entry in entries:
        for field in entry:
            digest.update(f"{field.weight} {field.text}\n".encode("utf-8", "replace"))
        digest.update(b"\n")
    return digest.hexdigest()[:32]


@cache
def _code() -> bytes:
    package = resources.files("knowledge")
    versions = "".join(metadata.version(name) for name in LIBRARIES)
    return b"".join(package.joinpath(name).read_bytes() for name in MAKERS) + versions.encode()


@dataclass(frozen=True, slots=True)
class _Batch:
    """The postings of some entries: `features[i]`, a place in `keys`, stands in entry `rows[i]`; sorted by both."""

    keys: Ints
    features: NDArray[np.int32]
    rows: NDArray[np.int32]
    gains: NDArray[np.float16]


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
    gains = (frequency / (frequency + SATURATION)).astype(np.float16)
    return _Batch(keys, feature.astype(np.int32), rows.astype(np.int32), gains)


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


def _taken_over(before: Indexed, entries: Entries) -> tuple[NDArray[np.int32], Ints] | None:
    """Where each entry of an older index is now, -1 for those that are gone, and the rows of those that it lacks.

    None where those are many, or where the others have changed places among each other.
    """
    rows = {id(entry): row for row, entry in enumerate(entries)}
    moved = np.array([rows.get(id(entry), -1) for entry in before.entries], np.int32)
    stay = moved[moved >= 0]
    fresh = np.setdiff1d(np.arange(len(entries)), stay)
    return (moved, fresh) if fresh.size <= FEW and bool(np.all(np.diff(stay) > 0)) else None


def _revised(
    old: Postings, moved: NDArray[np.int32], fresh: Ints, entries: Entries, synonyms: Synonyms
) -> tuple[Ints, Ints, NDArray[np.int32], NDArray[np.float16]]:
    """(keys, starts, rows, gains) of an older index with its entries at other rows and fresh ones between them."""
    rows, gains, counts = _moved(old, moved)
    new = _batch([entries[row] for row in fresh.tolist()], 0, synonyms)
    new_rows = fresh[new.rows].astype(np.int32)
    at = _insertions(old.keys, np.concatenate([[0], np.cumsum(counts)]), rows, new, new_rows)
    keys = np.union1d(old.keys[counts > 0], new.keys)
    size = np.zeros(keys.size, np.int64)
    size[np.searchsorted(keys, old.keys[counts > 0])] = counts[counts > 0]
    size[np.searchsorted(keys, new.keys)] += np.bincount(new.features, minlength=new.keys.size)
    starts = np.concatenate([[0], np.cumsum(size)])
    return keys, starts, _inserted(rows, at, new_rows), _inserted(gains, at, new.gains)


def _moved(old: Postings, moved: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float16], Ints]:
    """The postings of the entries that stay, at their new rows, and how many of them each feature has."""
    rows, gains = [np.empty(0, np.int32)], [np.empty(0, np.float16)]
    counts = np.zeros(old.keys.size, np.int64)
    for first in range(0, old.rows.size, PIECE):
        row = moved[old.rows[first : first + PIECE]]
        stays = np.flatnonzero(row >= 0)
        rows.append(row[stays])
        gains.append(old.gains[first : first + PIECE][stays])
        feature = np.searchsorted(old.starts, stays + first, side="right") - 1
        counts += np.bincount(feature, minlength=counts.size)
    return np.concatenate(rows), np.concatenate(gains), counts


def _inserted(values: NDArray[Any], at: Ints, new: NDArray[Any]) -> NDArray[Any]:
    """As `numpy.insert` with ascending positions."""
    pieces = []
    for first in range(0, values.size + 1, PIECE):
        begin, end = np.searchsorted(at, [first, first + PIECE])
        pieces.append(np.insert(values[first : first + PIECE], at[begin:end] - first, new[begin:end]))
    return np.concatenate(pieces)


def _insertions(keys: Ints, starts: Ints, rows: NDArray[np.int32], new: _Batch, new_rows: NDArray[np.int32]) -> Ints:
    """Where new postings belong among others, which are sorted by feature and row as they are."""
    at = np.empty(new_rows.size, np.int64)
    bounds = np.searchsorted(new.features, np.arange(new.keys.size + 1))
    for number, place in enumerate(np.searchsorted(keys, new.keys).tolist()):
        begin, end = bounds[number], bounds[number + 1]
        is_known = place < keys.size and keys[place] == new.keys[number]
        held = rows[starts[place] : starts[place + is_known]]
        at[begin:end] = starts[place] + np.searchsorted(held, new_rows[begin:end])
    return at
