"""What files would make of the knowledge: added, changed, unchanged, retired, and everything that is wrong. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from knowledge import import_texts as texts
from knowledge.changes import KINDS, EntryChange, entries, pack_of
from knowledge.model import Pack
from knowledge.proposals import Proposal
from knowledge.stated import SORTS, Fault, Stated

Identity = tuple[str, str]  # kind and key of an entry
Bodies = dict[Identity, Mapping[str, Any]]


class Act(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of one entry."""

    kind: str
    key: str
    act: Act
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are different."""
        before = self.before or {}
        return tuple(name for name, value in self.after.items() if value != before.get(name))


@dataclass(frozen=True, slots=True)
class Warned:
    """What a person should look at before or after the import."""

    file: str
    line: int | None
    message: str
    unit: str = "行"  # what `line` counts: lines, paragraphs (段) or pages (页)

    def __str__(self) -> str:
        return texts.located(self.file, self.line, None, self.message, self.unit)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do; nothing of it where there are faults."""

    planned: tuple[Planned, ...] = ()  # what the files state, in their order
    silent: tuple[EntryChange, ...] = ()  # what follows from it: references to entries that moved
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Warned, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    left_out: tuple[Warned, ...] = ()  # sentences of documents that become neither a measure nor an overview

    @property
    def counts(self) -> dict[str, int]:
        """Act -> number of entries, all four acts; all 0 where there are faults, since nothing would be loaded."""
        found = Counter(entry.act for entry in self.planned if not self.faults)
        return {act.value: found[act] for act in Act}

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change, also because something is wrong."""
        return bool(self.faults) or not (self.silent or any(p.act is not Act.UNCHANGED for p in self.planned))

    @property
    def changes(self) -> list[EntryChange]:
        """For `knowledge.store.versions.apply`; none where nothing changes or something is wrong. Large for large files."""
        if self.faults:
            return []
        made = [EntryChange(p.kind, p.key, None, p.after) for p in self.planned if p.act is not Act.UNCHANGED]
        return [*made, *self.silent]

    def result(self, pack: Pack) -> Pack:
        """The pack after the import."""
        bodies = {identity: change.body for identity, change in entries(pack).items()}
        bodies |= {(change.kind, change.key): change.body for change in self.changes}
        return pack_of(((kind, key, body) for (kind, key), body in bodies.items() if body is not None), pack)


@dataclass(slots=True)
class Draft:
    """A plan in the making: what is known, with what was planned so far on top."""

    bodies: Bodies
    original: Bodies
    stated: dict[Identity, Stated] = field(default_factory=dict)  # by spreadsheets and packs
    planned: dict[Identity, tuple[Stated, Planned]] = field(default_factory=dict)
    silent: dict[Identity, EntryChange] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    left_out: list[Warned] = field(default_factory=list)
    uncounted: set[Identity] = field(default_factory=set)  # what a file implies rather than states

    @classmethod
    def of(cls, pack: Pack) -> Draft:
        bodies: Bodies = {identity: change.body or {} for identity, change in entries(pack).items()}
        return cls(bodies, dict(bodies))

    def state(self, stated: Stated) -> None:
        """Plans one entry; the fields that it does not mention stay."""
        identity = stated.kind, stated.key
        if identity in self.stated:
            first = self.stated[identity]
            place = texts.STATED_AT.format(file=first.file, line=first.line)
            what = SORTS[stated.kind].name if stated.kind in SORTS else stated.kind
            self.faults.append(stated.fault(texts.STATED_TWICE.format(what=what, key=stated.key, place=place)))
            return
        self.stated[identity] = stated
        before = self.bodies.get(identity)
        missing = _missing(stated, before)
        if missing:
            self.faults += missing
            return
        fields = dict(stated.fields)
        if stated.kind == "measure" and before is None:
            fields.setdefault("sectors", [])  # of an overview entry, as others have to state them
        if "sectors" in fields:
            fields["sectors"] = list(dict.fromkeys(self._sector(name) for name in fields["sectors"]))
        body = _whole(stated.kind, {**(before or {}), **fields})
        self.plan(stated, body)

    def _sector(self, name: str) -> str:
        """The code of a sector that is given by its code or its name; what is neither stays as it is."""
        if ("sector", name) in self.bodies:
            return name
        named = (key for (kind, key), body in self.bodies.items() if kind == "sector" and body["name"] == name)
        return next(named, name)

    def plan(self, stated: Stated, body: Mapping[str, Any]) -> None:
        """Plans the whole body of an entry."""
        identity = stated.kind, stated.key
        before = self.original.get(identity)
        self.planned[identity] = stated, Planned(stated.kind, stated.key, _act(before, body), before, body)
        self.bodies[identity] = body

    def finish(self) -> Plan:
        faults = [*self.faults, *(fault for stated, _ in self.planned.values() for fault in check(stated, self.bodies))]
        counted = tuple(planned for key, (_, planned) in self.planned.items() if key not in self.uncounted)
        implied = [
            EntryChange(planned.kind, planned.key, None, planned.after)
            for key, (_, planned) in self.planned.items()
            if key in self.uncounted and planned.act is not Act.UNCHANGED
        ]
        silent = (*implied, *self.silent.values())
        told = tuple(self.warnings), tuple(self.proposals), tuple(self.left_out)
        return Plan(counted, silent, tuple(sorted(faults, key=_place)), *told)


def _place(fault: Fault) -> tuple[str, int, int]:
    return fault.file, fault.line or 0, fault.column or 0


def _act(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Act:
    if before is None:
        return Act.ADDED
    if before == after:
        return Act.UNCHANGED
    retires = after.get("status") == "retired" and before.get("status") != "retired"
    return Act.RETIRED if retires else Act.CHANGED


def _missing(stated: Stated, before: Mapping[str, Any] | None) -> list[Fault]:
    """The fields that an entry needs and would not have."""
    sort = SORTS[stated.kind]
    empty = [name for name in sort.required if name in stated.fields and not stated.fields[name]]
    found = [stated.fault(texts.CANNOT_BE_EMPTY.format(name=sort.fields[name].name), name) for name in empty]
    if before is None:
        absent = [name for name in _needed(stated) if name not in stated.fields]
        about = [(name, {"what": sort.name, "key": stated.key, "name": sort.fields[name].name}) for name in absent]
        found += [stated.fault(texts.REQUIRED.format(**words), name) for name, words in about]
    return found


def _needed(stated: Stated) -> tuple[str, ...]:
    """What a file has to say of a new entry; an overview entry is of no sector."""
    is_one_of_a_sector = stated.kind == "measure" and stated.fields["item"]
    return (*SORTS[stated.kind].required, *(("sectors",) if is_one_of_a_sector else ()))


def _whole(kind: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body with every field of its kind, as the knowledge stores it."""
    return KINDS[kind].body(KINDS[kind].value(fields))


def check(stated: Stated, bodies: Mapping[Identity, Mapping[str, Any]]) -> Iterator[Fault]:
    """What an entry names that is not there, once everything is planned."""
    checks: Mapping[str, Callable[[Stated, Mapping[Identity, Mapping[str, Any]]], Iterator[Fault]]] = {
        "measure": _check_measure,
        "pilot": _check_pilot,
    }
    if (found := checks.get(stated.kind)) and (stated.kind, stated.key) in bodies:
        yield from found(stated, bodies)


def _check_measure(stated: Stated, bodies: Mapping[Identity, Mapping[str, Any]]) -> Iterator[Fault]:
    body = bodies[stated.kind, stated.key]
    if ("document", body["document"]) not in bodies:
        yield stated.fault(texts.UNKNOWN_DOCUMENT.format(value=body["document"]), "id")
    for code in body["sectors"] if stated.fields.get("sectors") else ():
        if ("sector", code) not in bodies:
            known = "、".join(sector["name"] for (kind, _), sector in bodies.items() if kind == "sector")
            yield stated.fault(texts.UNKNOWN_SECTOR.format(value=code, known=known), "sectors")
    for name in ("also_in", "replaced_by"):
        given: Sequence[str] | str = stated.fields.get(name) or ()
        for other in [given] if isinstance(given, str) else given:
            if ("measure", other) not in bodies:
                label = SORTS["measure"].fields[name].name
                yield stated.fault(texts.UNKNOWN_MEASURE.format(name=label, value=other), name)
    if body["replaced_by"] == stated.key:
        yield stated.fault(texts.REPLACED_BY_ITSELF, "replaced_by")
    if body["valid_from"] and body["valid_to"] and body["valid_to"] < body["valid_from"]:
        yield stated.fault(texts.BACKWARDS, "valid_to")


def _check_pilot(stated: Stated, bodies: Mapping[Identity, Mapping[str, Any]]) -> Iterator[Fault]:
    body = bodies[stated.kind, stated.key]
    if ("document", stated.key) not in bodies:
        yield stated.fault(texts.UNKNOWN_DOCUMENT.format(value=stated.key), "document")
    if body["start_basis"] not in ("document", "admin"):
        yield stated.fault(texts.BAD_BASIS, "start_basis")
    if not 1 <= body["months"] <= 600:
        yield stated.fault(texts.BAD_MONTHS, "months")
