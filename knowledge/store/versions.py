"""The knowledge in the database: current entries, their history, and the changes that made them.

Every function works inside the caller's transaction and commits nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Row, Select, Table, Text, and_, cast, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.changes import KINDS, Change, ChangeKind, EntryChange, EntryDiff, EntryRevision, pack_of
from knowledge.codec import encode
from knowledge.dependence import Identity, Kept, Step, kept, needs
from knowledge.model import Pack
from knowledge.tables import ChangeRow, EntryRow, RevisionRow, columns, insert, on_postgresql

FEW = 20  # keys up to which the database looks which bodies name them
STRETCH = 200  # entries handled at a time, before other tasks get their turn
LARGEST = 2**31 - 1  # id that PostgreSQL can compare with
CHANNEL = "pilotbot_knowledge"  # on which PostgreSQL tells all processes of a new version
AT_THE_END = 2**30  # positions from here on are behind all others, until the gaps are closed


T = TypeVar("T")
Stored = tuple[str, str, int, str]  # kind, key and revision of an entry, and its body as JSON
_Needs = tuple[Identity, frozenset[Identity]]  # an entry, and what it refers to
Summary = dict[str, dict[str, int]]  # as knowledge.changes.Change has it


class Outdated(Exception):  # noqa: N818  says what is wrong
    """The knowledge has changed since the state that these changes were made from."""


class Dangling(Exception):  # noqa: N818  says what is wrong
    """An entry would refer to one that is not there."""

    def __init__(self, user: Identity, target: Identity) -> None:
        super().__init__(f"{' '.join(user)} refers to {' '.join(target)}, which would not be there")
        self.user = user
        self.target = target


async def version(session: AsyncSession) -> int:
    """The number of the knowledge's state: the highest change id, 0 for an empty database. Cheap enough to poll."""
    return await session.scalar(select(func.max(ChangeRow.id))) or 0


async def load(session: AsyncSession, kinds: Collection[str] = tuple(KINDS)) -> tuple[Pack, int]:
    """The knowledge and its version.

    :param kinds: what of it, where not all is needed: keys of KINDS.
    :raises ValueError: an entry cannot be read; names it.
    """
    # The number first: entries that are newer than their number are loaded again, older ones never would be.
    number = await version(session)
    return await asyncio.to_thread(read, await stored(session, kinds)), number


async def stored(session: AsyncSession, kinds: Collection[str] = tuple(KINDS)) -> deque[Stored]:
    """The entries as they are kept, in order."""
    # As text and a stretch at a time: reading the JSON of many entries is work for a thread, not for the event loop.
    entry = columns(EntryRow)
    rows: deque[Stored] = deque()
    found = await session.stream(
        select(entry.c.kind, entry.c.key, entry.c.revision, cast(entry.c.body, Text))
        .where(entry.c.body.is_not(None), entry.c.kind.in_(kinds))
        .order_by(entry.c.kind, entry.c.position, entry.c.key)
    )
    async for stretch in found.partitions(STRETCH):
        rows += [(kind, key, revision, body) for kind, key, revision, body in stretch]
    return rows


def read(rows: deque[Stored], before: Pack | None = None) -> Pack:
    """The pack that entries add up to. Takes them away as it goes: to let go of all at once would hold everything up.

    :param before: as of `pack_of`.
    :raises ValueError: an entry cannot be read; names it.
    """
    taken = (rows.popleft() for _ in range(len(rows)))
    return pack_of(((kind, key, json.loads(body)) for kind, key, _, body in taken), before)


async def apply(
    session: AsyncSession,
    changes: Sequence[EntryChange],
    author: str,
    kind: ChangeKind,
    reason: str,
    now: datetime,
    base: int | None = None,
    undoes: int | None = None,
    told: Callable[[float], None] = lambda _: None,
) -> int:
    """Records one change of the knowledge and returns its id; the current version when it would change nothing.

    :param base: the version that the changes were made from, where somebody may have been faster.
    :param undoes: the change that this one takes back.
    :param told: now and then, which share of it is written, from 0 to 1.
    :raises Outdated: the knowledge is no longer at `base`; nothing was written.
    """
    await one_writer(session)
    current = await version(session)
    if base not in (None, current):
        raise Outdated(f"made from version {base} of the knowledge, which is at {current} by now")
    steps, summary = await asyncio.to_thread(_steps, changes, await _rows(session, changes))
    if not steps:
        return current
    record = ChangeRow(at=now, author=author, kind=kind, reason=reason, summary=summary, undoes=undoes)
    session.add(record)
    await session.flush()
    await _write(session, steps, record.id, told)
    if on_postgresql(session):
        await session.execute(select(func.pg_notify(CHANNEL, str(record.id))))  # sent by the commit
    return record.id


async def history(session: AsyncSession, kind: str, key: str) -> list[EntryRevision]:
    """What an entry was, newest first; empty for one that never existed."""
    found = await session.execute(
        select(RevisionRow, ChangeRow)
        .join(ChangeRow, col(RevisionRow.change_id) == col(ChangeRow.id))
        .where(col(RevisionRow.kind) == kind, col(RevisionRow.key) == key)
        .order_by(col(RevisionRow.revision).desc())
    )
    return [EntryRevision(row.revision, row.body, _change(change)) for row, change in found]


async def change(session: AsyncSession, number: int) -> Change | None:
    """The change of that number."""
    row = await session.get(ChangeRow, number) if number <= LARGEST else None
    return _change(row) if row else None


async def undone(session: AsyncSession, numbers: Collection[int]) -> dict[int, Change]:
    """Those of the changes that were taken back -> by which one, the first if there are several."""
    found = select(ChangeRow).where(col(ChangeRow.undoes).in_(numbers)).order_by(col(ChangeRow.id).desc())
    return {row.undoes: _change(row) for row in await session.scalars(found) if row.undoes is not None}


async def changes(
    session: AsyncSession, limit: int = 50, before: int | None = None, until: datetime | None = None
) -> list[Change]:
    """The last changes, newest first; `before` is the id of the last one seen, for the next page.

    :param until: only what was made before that moment.
    """
    found = select(ChangeRow).order_by(col(ChangeRow.id).desc()).limit(limit)
    if before is not None:
        found = found.where(col(ChangeRow.id) < min(before, LARGEST))
    if until is not None:
        found = found.where(col(ChangeRow.at) < until)
    return [_change(row) for row in await session.scalars(found)]


async def diff(session: AsyncSession, change_id: int) -> list[EntryDiff]:
    """What a change did to each entry it touched, in the entries' order."""
    return [step async for step in diffs(session, change_id)]


async def diffs(session: AsyncSession, change_id: int) -> AsyncIterator[EntryDiff]:
    """The same one by one, for changes that may be large."""
    revision, previous, entry = columns(RevisionRow), columns(RevisionRow).alias(), columns(EntryRow)
    same = and_(entry.c.kind == revision.c.kind, entry.c.key == revision.c.key)
    found = _streamed(
        session,
        select(revision.c.kind, revision.c.key, cast(previous.c.body, Text), cast(revision.c.body, Text))
        .select_from(revision.join(entry, same).outerjoin(previous, _one_before(revision, previous)))
        .where(revision.c.change_id == change_id)
        .order_by(entry.c.kind, entry.c.position, entry.c.key),
        lambda kind, key, before, after: EntryDiff(kind, key, _body(before), _body(after)),
    )
    async for diff in found:
        yield diff


async def undoing(session: AsyncSession, change_id: int) -> tuple[list[EntryChange], list[Kept]]:
    """What would take a change back, for `apply`, and the entries that are left alone: those that have been changed again
    since, what these and others refer to, and those that would refer to something that is gone.
    """
    revision, previous, entry = columns(RevisionRow), columns(RevisionRow).alias(), columns(EntryRow)
    same = and_(entry.c.kind == revision.c.kind, entry.c.key == revision.c.key)
    found = _streamed(
        session,
        select(revision.c.kind, revision.c.key, revision.c.revision, entry.c.revision, cast(previous.c.body, Text))
        .select_from(revision.join(entry, same).outerjoin(previous, _one_before(revision, previous)))
        .where(revision.c.change_id == change_id)
        .order_by(entry.c.kind, entry.c.position, entry.c.key),
        lambda kind, key, made, latest, body: (made == latest, EntryChange(kind, key, None, _body(body))),
    )
    back: list[EntryChange] = []
    later: list[Kept] = []
    async for untouched, change in found:
        if untouched:
            back.append(change)
        else:
            later.append(Kept(change.kind, change.key))
    there = [entry async for entry in _needs(session)] if back else []
    back, held = await asyncio.to_thread(_held, back, there)
    return back, [*later, *held]


def _held(back: Sequence[EntryChange], there: Iterable[_Needs]) -> tuple[list[EntryChange], list[Kept]]:
    """The changes less those that would leave an entry without what it refers to, and these."""
    then = {(change.kind, change.key): needs(change.kind, change.body) if change.body else None for change in back}
    now: dict[Identity, frozenset[Identity]] = {}
    users: dict[Identity, Identity] = {}
    living: set[Identity] = set()
    for identity, needed in there:
        if identity in then:
            now[identity] = needed
        else:
            living.add(identity)
            for target in needed:
                users.setdefault(target, identity)
    steps = {identity: Step(now.get(identity), after) for identity, after in then.items()}
    held = kept(steps, users, living)
    return [change for change in back if (change.kind, change.key) not in held], list(held.values())


def _needs(session: AsyncSession, targets: Collection[Identity] | None = None) -> AsyncIterator[_Needs]:
    """Every entry that is there, and what it refers to.

    :param targets: only entries whose body could name one of these.
    """
    entry = columns(EntryRow)
    body = cast(entry.c.body, Text)
    found = select(entry.c.kind, entry.c.key, body).where(entry.c.body.is_not(None))
    if targets is not None and len(targets) <= FEW:
        found = found.where(or_(*(body.contains(encode(key), autoescape=True) for _, key in targets)))
    return _streamed(
        session,
        found.order_by(entry.c.kind, entry.c.position, entry.c.key),
        lambda kind, key, body: ((kind, key), needs(kind, _body(body))),
    )


async def check(session: AsyncSession, change_id: int) -> None:
    """Whether what a change has written refers to entries that are there, and nothing to what it has removed.

    :raises Dangling: it does not; what an entry lacked before it may go on lacking.
    """
    removed: set[Identity] = set()
    added: dict[Identity, Identity] = {}  # what is referred to -> by what
    async for step in diffs(session, change_id):
        if step.after is None:
            removed.add((step.kind, step.key))
        new = needs(step.kind, step.after) - needs(step.kind, step.before)
        added |= dict.fromkeys(new, (step.kind, step.key))
    there = await _rows(session, [EntryChange(*target, None, None) for target in added])
    broken = {target: user for target, user in added.items() if target not in there or there[target].body is None}
    if removed:  # read to the end: an open cursor would outlive the error
        broken |= {target: user async for user, needed in _needs(session, removed) for target in needed & removed}
    for target, user in broken.items():
        raise Dangling(user, target)


def _one_before(revision: Table, previous: FromClause) -> ColumnElement[bool]:
    """Joins a revision with the one that it replaced."""
    return and_(
        previous.c.kind == revision.c.kind,
        previous.c.key == revision.c.key,
        previous.c.revision == revision.c.revision - 1,
    )


@dataclass(frozen=True, slots=True)
class _Step:
    change: EntryChange
    row: Row[Any] | None  # of the entry as it is

    @property
    def act(self) -> str | None:
        """What happens to the body: 'added', 'changed', 'removed', or None when it stays as it is."""
        before = self.row.body if self.row else None
        if self.change.body == before:
            return None
        if self.change.body is None:
            return "removed"
        return "added" if before is None else "changed"

    def position(self, at_the_end: int) -> int:
        """Where the entry belongs afterwards."""
        if self.change.position is not None:
            return self.change.position
        return self.row.position if self.row else at_the_end

    @property
    def moves(self) -> bool:
        return bool(self.row and self.change.body is not None and self.change.position not in (None, self.row.position))


async def one_writer(session: AsyncSession) -> None:
    """Holds off other changes until the transaction ends; `apply` does so itself.

    Changes are made one after the other: otherwise the higher id could be visible before the lower one,
    and whoever loads in between would never learn of the lower one. SQLite has one writer anyway.
    """
    if on_postgresql(session):
        await session.execute(text("LOCK TABLE change IN SHARE ROW EXCLUSIVE MODE"))


async def _rows(session: AsyncSession, changes: Sequence[EntryChange]) -> dict[Identity, Row[Any]]:
    """The entries as they are, those that there are."""
    entry = columns(EntryRow)
    rows: dict[Identity, Row[Any]] = {}
    for some in _in_steps(changes):
        keys: dict[str, list[str]] = {}
        for change in some:
            keys.setdefault(change.kind, []).append(change.key)
        for kind, of_kind in keys.items():
            found = await session.execute(select(entry).where(entry.c.kind == kind, entry.c.key.in_(of_kind)))
            rows |= {(row.kind, row.key): row for row in found}
    return rows


def _steps(changes: Iterable[EntryChange], rows: Mapping[Identity, Row[Any]]) -> tuple[list[_Step], Summary]:
    """What is to be written, and the record's summary of it."""
    wanted = {(change.kind, change.key): change for change in changes}
    steps = [_Step(change, rows.get(identity)) for identity, change in wanted.items()]
    steps = [step for step in steps if step.act or step.moves]
    return steps, _summary(steps)


async def _streamed(session: AsyncSession, statement: Select[Any], read: Callable[..., T]) -> AsyncIterator[T]:
    """What `read` makes of the rows, a stretch at a time: in a thread, since bodies come as text, which takes long to read."""
    found = await session.stream(statement, execution_options={"yield_per": STRETCH})
    async for rows in found.partitions():
        for made in await asyncio.to_thread(list, starmap(read, rows)):
            yield made


def _body(text: str | None) -> dict[str, Any] | None:
    return json.loads(text) if text is not None else None


def _in_steps(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + STRETCH] for start in range(0, len(items), STRETCH))


def _summary(steps: Sequence[_Step]) -> Summary:
    summary: Summary = {}
    for (kind, act), number in Counter((step.change.kind, step.act) for step in steps).items():
        if act:
            summary.setdefault(kind, {})[act] = number
    return summary


async def _write(session: AsyncSession, steps: Sequence[_Step], change_id: int, told: Callable[[float], None]) -> None:
    upsert = insert(session, EntryRow)
    new = {name: upsert.excluded[name] for name in ("position", "revision", "body", "change_id")}
    upsert = upsert.on_conflict_do_update(index_elements=["kind", "key"], set_=new)
    for numbers in _in_steps(range(len(steps))):
        some = [(steps[number], AT_THE_END + number) for number in numbers]
        if revisions := [_revision(step, change_id) for step, _ in some if step.act]:
            await session.execute(insert(session, RevisionRow), revisions)
        entries = [_revision(step, change_id) | {"position": step.position(last)} for step, last in some]
        await session.execute(upsert, entries)
        told((numbers[-1] + 1) / len(steps))
    await _close_gaps(session, {step.change.kind for step in steps if step.act != "changed" or step.moves})


def _revision(step: _Step, change_id: int) -> dict[str, Any]:
    """The revision that an entry is at after a step, which is the old one where it only moves."""
    change, row = step.change, step.row
    number = row.revision if row else 0
    made = {"revision": number + 1, "change_id": change_id}
    kept = {"revision": number, "change_id": row.change_id if row else change_id}
    return {"kind": change.kind, "key": change.key, "body": change.body, **(made if step.act else kept)}


async def _close_gaps(session: AsyncSession, kinds: set[str]) -> None:
    """Positions of living entries are 0, 1, 2 …, the indexes that `pack_changes` counts by."""
    entry = columns(EntryRow)
    rank = func.row_number().over(partition_by=entry.c.kind, order_by=(entry.c.position, entry.c.key)) - 1
    living = select(entry.c.kind, entry.c.key, rank.label("rank")).where(
        entry.c.body.is_not(None), entry.c.kind.in_(kinds)
    )
    ranked = living.subquery()
    same = and_(entry.c.kind == ranked.c.kind, entry.c.key == ranked.c.key, entry.c.position != ranked.c.rank)
    await session.execute(update(entry).where(same).values(position=ranked.c.rank))


def _change(row: ChangeRow) -> Change:
    return Change(row.id, row.at, row.author, ChangeKind(row.kind), row.reason, row.summary, row.undoes)
