"""The whole knowledge, read once and from then on only where it has changed. Works inside the caller's transaction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.changes import KINDS, value_of
from knowledge.model import Pack
from knowledge.store import versions
from knowledge.store.versions import Stored
from knowledge.tables import ChangeRow, EntryRow, RevisionRow, columns, on_postgresql

FEW = 500  # unknown entries of a kind up to which only they are read
SEPARATOR = "\x1f"  # between marks

Marks = Mapping[str, str]  # kind -> the marks of its entries, in order


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The knowledge as it was at one moment.

    The mark of an entry, its revision and its key, stands for one body for ever: what a revision was is never changed.
    """

    pack: Pack
    version: int
    made: datetime | None  # when that version was; None for an empty database
    marks: Marks | None  # None where some key holds the separator


async def take(session: AsyncSession, before: Snapshot | None = None) -> Snapshot:
    """The knowledge as it is.

    :param before: an older one, with which all that is still the same is shared. Which entries are not is told by their
        marks, one by one, rather than by the versions since, so that no version can be missed, however late it is seen.
    :raises ValueError: an entry cannot be read; names it.
    """
    # The version first: entries that are newer than it are compared again, older ones never would be.
    version, made = await newest(session)
    found = await _renewed(session, before) if before else None
    pack, marks = found or await _whole(session, before.pack if before else None)
    return Snapshot(pack, version, made, marks)


async def newest(session: AsyncSession) -> tuple[int, datetime | None]:
    """The version of the knowledge, and when it was made: after the restore of a backup another one may have its number."""
    found = await session.execute(
        select(col(ChangeRow.id), col(ChangeRow.at)).order_by(col(ChangeRow.id).desc()).limit(1)
    )
    row = found.one_or_none()
    return (row.id, row.at) if row else (0, None)


async def _goes_on(session: AsyncSession, before: Snapshot) -> bool:
    """Whether the database has the history that a snapshot was taken of, and not another one, of a backup."""
    made = select(col(ChangeRow.at)).where(col(ChangeRow.id) == before.version)
    return await session.scalar(made) == before.made


async def _whole(session: AsyncSession, before: Pack | None) -> tuple[Pack, Marks | None]:
    rows = await versions.stored(session)
    marks = await asyncio.to_thread(_marks, rows)
    return await asyncio.to_thread(versions.read, rows, before), marks


def _marks(rows: Collection[Stored]) -> Marks | None:
    if any(SEPARATOR in key for _, key, _, _ in rows):
        return None
    by_kind = groupby(rows, itemgetter(0))
    return {kind: SEPARATOR.join(_mark(key, revision) for _, key, revision, _ in some) for kind, some in by_kind}


def _mark(key: str, revision: int) -> str:
    return f"{revision} {key}"


async def _renewed(session: AsyncSession, before: Snapshot) -> tuple[Pack, Marks] | None:
    """The pack made of an older one and of what has changed, and its marks; None where that cannot be done."""
    if before.marks is None or not await _goes_on(session, before):
        return None
    found = (await session.execute(_joined_marks(session))).all()
    if any(joined.count(SEPARATOR) != count - 1 for _, count, joined in found):
        return None  # some key holds the separator
    marks = {kind: joined for kind, _, joined in found}
    entries: dict[str, tuple[Any, ...]] = {}
    for name, kind in KINDS.items():
        now = await _of_kind(
            session, name, getattr(before.pack, kind.attribute), before.marks.get(name, ""), marks.get(name, "")
        )
        if now is None:
            return None
        entries[kind.attribute] = now
    return Pack(**entries), marks


def _joined_marks(session: AsyncSession) -> Select[Any]:
    """Of each kind the number of its entries and their marks: one text is read much sooner than a row for each."""
    entry = columns(EntryRow)
    mark = cast(entry.c.revision, Text).concat(" ").concat(entry.c.key).label("mark")
    order = (entry.c.position, entry.c.key)
    living = select(entry.c.kind, mark).where(entry.c.body.is_not(None))
    if on_postgresql(session):
        joined: ColumnElement[str] = func.string_agg(mark, aggregate_order_by(literal(SEPARATOR), *order))
        return living.with_only_columns(entry.c.kind, func.count(), joined).group_by(entry.c.kind)
    rows = living.order_by(entry.c.kind, *order).subquery()  # SQLite joins texts in the order that they come in
    return select(rows.c.kind, func.count(), func.group_concat(rows.c.mark, SEPARATOR)).group_by(rows.c.kind)


async def _of_kind(
    session: AsyncSession, kind: str, values: tuple[Any, ...], was: str, marks: str
) -> tuple[Any, ...] | None:
    """The entries of a kind with those marks, given older ones and what theirs were.

    None where too many are unknown, or the history does not have one.
    """
    if marks == was:
        return values
    known, wanted, unknown = await asyncio.to_thread(_compared, values, was, marks)
    if len(unknown) > FEW:
        return None
    bodies = await _bodies(session, kind, unknown)
    return await asyncio.to_thread(_put_together, kind, known, wanted, bodies) if len(bodies) == len(unknown) else None


def _compared(values: Sequence[Any], was: str, marks: str) -> tuple[dict[str, Any], list[str], list[str]]:
    """The known entries by their marks, the wanted marks in order, and those of them that are unknown."""
    known = dict(zip(_split(was), values, strict=True))
    wanted = _split(marks)
    return known, wanted, [mark for mark in wanted if mark not in known]


def _split(marks: str) -> list[str]:
    return marks.split(SEPARATOR) if marks else []


async def _bodies(session: AsyncSession, kind: str, marks: Sequence[str]) -> dict[str, str]:
    """What the history has of those marks, as JSON."""
    keys = [mark.partition(" ")[2] for mark in marks]
    revision = columns(RevisionRow)
    found = await session.execute(
        select(revision.c.key, revision.c.revision, cast(revision.c.body, Text)).where(
            revision.c.kind == kind, revision.c.key.in_(keys), revision.c.body.is_not(None)
        )
    )
    bodies = {_mark(key, number): body for key, number, body in found}
    return {mark: bodies[mark] for mark in marks if mark in bodies}


def _put_together(
    kind: str, known: Mapping[str, Any], wanted: Sequence[str], bodies: Mapping[str, str]
) -> tuple[Any, ...]:
    read = {mark: value_of(kind, mark.partition(" ")[2], json.loads(body)) for mark, body in bodies.items()}
    return tuple(read[mark] if mark in read else known[mark] for mark in wanted)
