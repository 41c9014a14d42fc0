"""An index made of an older one: what that holds of the very same entries is taken over, so that an edit costs little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.features import Ints
from knowledge.postings import Entries, Postings, batch_of
from knowledge.synonyms import Synonyms

FEW = 500  # new entries up to which an older index is revised rather than built anew
PIECE = 16_000  # postings handled at a time: numpy picks from arrays holding the interpreter's lock, in memory new for large ones


@dataclass(frozen=True, slots=True)
class Indexed:
    """An index and what it was made of."""

    entries: Entries
    postings: Postings


def revised(before: Indexed, entries: Entries, synonyms: Synonyms) -> Postings | None:
    """The postings that would be built of the entries; None where too little can be taken over.

    :param before: made with the same synonyms.
    """
    found = _taken_over(before, entries)
    if found is None:
        return None
    moved, fresh = found
    return _applied(before.postings, moved, _coming(before.postings, moved, fresh, entries, synonyms))


def standing(values: Sequence[Any], among: Sequence[Any]) -> Ints:
    """Where each value stands among others: the very same one, not an equal one; -1 where it does not."""
    wanted, there = (np.fromiter(map(id, some), np.int64, len(some)) for some in (values, among))
    order = np.argsort(there, kind="stable")
    if not there.size:
        return np.full(wanted.size, -1)
    at = order[np.minimum(np.searchsorted(there, wanted, sorter=order), there.size - 1)]
    return np.where(there[at] == wanted, at, -1)


@dataclass(frozen=True, slots=True)
class _Coming:
    """The postings of fresh entries, and before which older posting each of them comes."""

    keys: Ints  # their features
    places: Ints  # where in the older vocabulary those stand, or belong
    is_known: NDArray[np.bool_]  # which of them it has
    sizes: Ints  # how many of the postings each has
    rows: NDArray[np.int32]
    gains: NDArray[np.float16]
    at: Ints


def _taken_over(before: Indexed, entries: Entries) -> tuple[NDArray[np.int32], Ints] | None:
    """Where each entry of an older index is now, -1 for those that are gone, and the rows of those that it lacks.

    None where those are many, or where the others have changed places among each other.
    """
    moved = standing(before.entries, entries).astype(np.int32)
    stay = moved[moved >= 0]
    is_fresh = np.ones(len(entries), np.bool_)
    is_fresh[stay] = False
    fresh = np.flatnonzero(is_fresh)
    return (moved, fresh) if fresh.size <= FEW and bool(np.all(np.diff(stay) > 0)) else None


def _coming(old: Postings, moved: NDArray[np.int32], fresh: Ints, entries: Entries, synonyms: Synonyms) -> _Coming:
    new = batch_of([entries[row] for row in fresh.tolist()], 0, synonyms)
    stay = np.flatnonzero(moved >= 0)
    # Those that stay keep their order: a fresh entry comes before the first of them that has a higher row.
    following = np.append(stay, moved.size)[np.searchsorted(moved[stay], fresh)].astype(np.int32)
    place = np.searchsorted(old.keys, new.keys)
    is_known = np.append(old.keys, -1)[place] == new.keys
    sizes = np.bincount(new.features, minlength=new.keys.size)
    held = np.stack([old.starts[place], old.starts[place + is_known]], axis=1)
    at = _insertions(old.rows, held, sizes, following[new.rows])
    return _Coming(new.keys, place, is_known, sizes, fresh[new.rows].astype(np.int32), new.gains, at)


def _insertions(rows: NDArray[np.int32], held: Ints, sizes: Ints, following: NDArray[np.int32]) -> Ints:
    """Before which older posting each new one comes.

    :param rows: the entries of the older postings.
    :param held: of each new feature where its older postings begin and end.
    :param sizes: … and how many new ones it has.
    :param following: of each new posting the older entry that it comes before.
    """
    at, end = np.empty(following.size, np.int64), 0
    for (first, last), size in zip(held.tolist(), sizes.tolist(), strict=True):
        begin, end = end, end + size
        at[begin:end] = first + np.searchsorted(rows[first:last], following[begin:end])
    return at


def _applied(old: Postings, moved: NDArray[np.int32], coming: _Coming) -> Postings:
    """An older index with its entries at other rows and fresh ones between them."""
    known, unknown = coming.is_known, ~coming.is_known
    size = np.diff(old.starts) - _lost(old, moved < 0)
    size[coming.places[known]] += coming.sizes[known]
    size = np.insert(size, coming.places[unknown], coming.sizes[unknown])
    keys = np.insert(old.keys, coming.places[unknown], coming.keys[unknown])
    starts = np.concatenate([[0], np.cumsum(size[size > 0])])
    return Postings(keys[size > 0], starts, *_filled(int(starts[-1]), old, moved, coming))


def _lost(old: Postings, is_gone: NDArray[np.bool_]) -> Ints:
    """How many of its postings each feature loses with the entries that are gone."""
    lost = np.zeros(old.keys.size, np.int64)
    for first in range(0, old.rows.size, PIECE):
        gone = np.flatnonzero(is_gone[old.rows[first : first + PIECE]])
        np.add.at(lost, np.searchsorted(old.starts, gone + first, side="right") - 1, 1)
    return lost


def _filled(
    size: int, old: Postings, moved: NDArray[np.int32], coming: _Coming
) -> tuple[NDArray[np.int32], NDArray[np.float16]]:
    """The rows and gains of the postings that stay and of those that come."""
    rows, gains = np.empty(size, np.int32), np.empty(size, np.float16)
    filled = 0
    for first in range(0, old.rows.size + 1, PIECE):
        row, gain = moved[old.rows[first : first + PIECE]], old.gains[first : first + PIECE]
        gone = np.flatnonzero(row < 0)
        begin, end = np.searchsorted(coming.at, [first, first + PIECE])
        if gone.size or begin < end:
            at = coming.at[begin:end] - first
            at -= np.searchsorted(gone, at)
            row = np.insert(np.delete(row, gone), at, coming.rows[begin:end])
            gain = np.insert(np.delete(gain, gone), at, coming.gains[begin:end])
        rows[filled : filled + row.size], gains[filled : filled + row.size] = row, gain
        filled += row.size
    return rows, gains
