"""The knowledge as entries, and what changes between two states of it. Values and pure functions, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Any

from knowledge.codec import from_json, to_json
from knowledge.model import Document, Measure, OutOfScope, Pack, PilotFact, Sector, WorkdayYear

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class ChangeKind(StrEnum):
    SEED = "seed"  # what the product ships
    IMPORT = "import"
    EDIT = "edit"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What one entry is to become."""

    kind: str  # a key of KINDS
    key: str
    position: int | None  # place inside the kind, from 0; None: where it is, or at the end when new
    body: Mapping[str, Any] | None  # None: no longer there


@dataclass(frozen=True, slots=True)
class Change:
    """One act that changed the knowledge."""

    id: int  # also the version of the knowledge that it made
    at: datetime
    author: str
    kind: ChangeKind
    reason: str
    summary: Mapping[str, Mapping[str, int]]  # kind of entry -> 'added', 'changed', 'removed' -> how many
    undoes: int | None = None  # id of the change that it took back


@dataclass(frozen=True, slots=True)
class EntryRevision:
    """What an entry was from one change on."""

    revision: int  # from 1
    body: Mapping[str, Any] | None  # None: deleted
    change: Change


@dataclass(frozen=True, slots=True)
class EntryDiff:
    """What a change did to one entry."""

    kind: str
    key: str
    before: Mapping[str, Any] | None  # None: it was not there
    after: Mapping[str, Any] | None  # None: it is gone


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of entry: where a pack holds it, what identifies it, and its JSON."""

    attribute: str  # of Pack
    key: Callable[[Any], str]
    body: Callable[[Any], dict[str, Any]]
    value: Callable[[Mapping[str, Any]], Any]  # :raises ValueError: as knowledge.codec.from_json


def _kind(attribute: str, cls: type[DataclassInstance], key: Callable[[Any], str]) -> Kind:
    return Kind(attribute, key, to_json, lambda body: from_json(cls, body))


@dataclass(frozen=True, slots=True)
class _Group:
    """A group of synonyms as an object, since a body is one."""

    words: tuple[str, ...]


KINDS: Mapping[str, Kind] = {
    "document": _kind("documents", Document, lambda document: document.slug),
    "sector": _kind("sectors", Sector, lambda sector: sector.code),
    "measure": _kind("measures", Measure, lambda measure: measure.id),
    "synonym": Kind(
        "synonyms",
        key=lambda words: words[0] if words else "",
        body=lambda words: to_json(_Group(words)),
        value=lambda body: from_json(_Group, body).words,
    ),
    "out_of_scope": _kind("out_of_scope", OutOfScope, lambda scope: scope.topic),
    "pilot": _kind("pilots", PilotFact, lambda pilot: pilot.document),
    "calendar": _kind("workdays", WorkdayYear, lambda year: str(year.year)),
}


def pack_of(entries: Iterable[tuple[str, str, Mapping[str, Any]]], before: Pack | None = None) -> Pack:
    """The pack that entries (kind, key, body) add up to, in their order. Unknown kinds are passed over.

    :param before: an older one; measures that are as in it are the very same objects, which saves memory and work.
    :raises ValueError: a body cannot be read; names the entry.
    """
    known = {measure.id: measure for measure in before.measures} if before else {}
    values: dict[str, list[Any]] = {kind.attribute: [] for kind in KINDS.values()}
    for name, key, body in entries:
        if kind := KINDS.get(name):
            value = value_of(name, key, body)
            values[kind.attribute].append(known[key] if known.get(key) == value else value)
    return Pack(**{attribute: tuple(found) for attribute, found in values.items()})


def value_of(kind: str, key: str, body: Mapping[str, Any]) -> Any:
    """The entry of a known kind that a body is of.

    :raises ValueError: the body cannot be read; names the entry.
    """
    try:
        return KINDS[kind].value(body)
    except ValueError as error:
        raise ValueError(f"{kind} {key!r}: {error}") from error


def pack_changes(old: Pack, new: Pack) -> list[EntryChange]:
    """What turns `old` into `new`: entries that are gone first, then what is new, different or at another place."""
    before, after = entries(old), entries(new)
    gone = [EntryChange(kind, key, None, None) for kind, key in before if (kind, key) not in after]
    return gone + [change for identity, change in after.items() if change != before.get(identity)]


def entries(pack: Pack) -> dict[tuple[str, str], EntryChange]:
    """The entries of a pack as what would make them, by kind and key."""
    found = {}
    for name, kind in KINDS.items():
        taken: set[str] = set()
        for position, value in enumerate(getattr(pack, kind.attribute)):
            key = _unique(kind.key(value), taken)
            found[name, key] = EntryChange(name, key, position, kind.body(value))
    return found


def _unique(key: str, taken: set[str]) -> str:
    """Two groups of synonyms may begin with the same word: the second one's key is 'word#2'."""
    numbered = (key if n == 1 else f"{key}#{n}" for n in count(1))
    free = next(candidate for candidate in numbered if candidate not in taken)
    taken.add(free)
    return free
