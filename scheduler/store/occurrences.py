"""What is to be told, and to whom. Recorded before it is sent, under keys that only one process can take.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, delete, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge import trace
from knowledge.codec import to_json
from knowledge.store.bulk import Bulk
from knowledge.tables import Instant, columns, insert
from scheduler.delivery import Cadence, Kind, Mark, Notice, State
from scheduler.model import Key, Milestone, Reminder
from scheduler.store.followers import ALL, MILESTONES
from scheduler.tables import (
    MarkRow,
    OccurrenceRow,
    RecipientRow,
    SeenRow,
    SettledRow,
    SubscriberRow,
    SubscriptionRow,
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to be told to people by name."""

    notice: Notice
    due: Mapping[str, datetime]  # to whom (in lower case), and when
    request: str | None  # the id of the one that caused it


_RECIPIENTS = Bulk(RecipientRow, ("occurrence_id", "user", "state", "due_at"), lambda insert: insert)


async def see(session: AsyncSession, milestones: Sequence[Milestone], now: datetime) -> list[Milestone]:
    """Notes which milestones have which date since now.

    :returns: those whose date nobody had noted before.
    """
    rows = [{"milestone": m.id, "revision": m.revision, "day": m.date, "since": now} for m in milestones]
    if not rows:
        return []
    statement = insert(session, SeenRow).on_conflict_do_nothing(index_elements=["milestone", "revision"])
    noted = await session.execute(statement.returning(col(SeenRow.milestone), col(SeenRow.revision)), rows)
    new = {(milestone, revision) for milestone, revision in noted}
    return [m for m in milestones if (m.id, m.revision) in new]


async def seen(session: AsyncSession, milestones: Sequence[Milestone]) -> dict[tuple[str, int], tuple[date, datetime]]:
    """(milestone, revision) -> its date and since when it is known, for all revisions of these milestones."""
    wanted = col(SeenRow.milestone).in_([m.id for m in milestones])
    rows = await session.scalars(select(SeenRow).where(wanted))
    return {(row.milestone, row.revision): (row.day, row.since) for row in rows}


async def settled(session: AsyncSession, milestones: Sequence[Milestone]) -> set[Key]:
    """The leads that are sent or skipped."""
    wanted = col(SettledRow.milestone).in_([m.id for m in milestones])
    rows = await session.scalars(select(SettledRow).where(wanted))
    return {Key(row.milestone, row.revision, row.lead) for row in rows}


async def skip(session: AsyncSession, keys: Iterable[Key], now: datetime) -> None:
    """Records leads that are not announced."""
    rows = [{**key._asdict(), "at": now, "occurrence_id": None} for key in sorted(keys)]
    if rows:
        await session.execute(_take(session), rows)


async def reopen(session: AsyncSession, to: datetime) -> None:
    """As if nothing had been skipped, noticed or followed only after `to`. For demos whose clock is put back."""
    skipped = and_(col(SettledRow.occurrence_id).is_(None), col(SettledRow.at) > to)
    await session.execute(delete(SettledRow).where(skipped))
    await session.execute(update(SeenRow).where(col(SeenRow.since) > to).values(since=to))
    await session.execute(update(SubscriptionRow).where(col(SubscriptionRow.since) > to).values(since=to))


async def announce(session: AsyncSession, reminder: Reminder, expires_at: datetime, now: datetime) -> int:
    """Records a reminder and who gets it: the milestones' followers at its instant.

    :returns: how many people; 0 also where another process was faster.
    """
    rows = [{**key._asdict(), "at": now, "occurrence_id": None} for key in sorted(reminder.keys)]
    taken = set(await session.scalars(_take(session).returning(col(SettledRow.lead)), rows))
    leads = [lead for lead in reminder.leads if lead in taken]
    if not leads:
        return 0
    milestone = reminder.milestone
    key = f"reminder:{milestone.id}:{milestone.revision}:{','.join(map(str, leads))}"
    content = {"milestone": to_json(milestone), "leads": leads}
    occurrence = await add(session, Notice(key, Kind.REMINDER, content, expires_at), now, MILESTONES)
    if occurrence is None:
        return 0
    table = columns(SettledRow)
    mine = and_(table.c.milestone == milestone.id, table.c.revision == milestone.revision, table.c.lead.in_(leads))
    await session.execute(table.update().where(mine).values(occurrence_id=occurrence))
    await _supersede(session, milestone, occurrence, now)
    done = exists().where(
        col(MarkRow.user) == col(SubscriberRow.user),
        col(MarkRow.milestone) == milestone.id,
        col(MarkRow.revision) == milestone.revision,
        col(MarkRow.kind) == Mark.DONE,
    )
    return await tell_followers(session, occurrence, (MILESTONES,), reminder.at, now, ~done)


async def outdate(session: AsyncSession, known: Collection[tuple[str, int]], now: datetime) -> None:
    """Announcements that wait for a milestone which was moved or removed are of no use any more.

    :param known: (milestone, revision) of all that there are.
    """
    waiting = col(OccurrenceRow.kind).in_((Kind.REMINDER, Kind.SNOOZE)), col(OccurrenceRow.expires_at) > now
    for row in await session.scalars(select(OccurrenceRow).where(*waiting)):
        milestone = row.content["milestone"]
        if (milestone["id"], milestone["revision"]) not in known:
            row.expires_at = now


async def _supersede(session: AsyncSession, milestone: Milestone, newest: int, now: datetime) -> None:
    """Of a milestone's announcements only the newest is of use: one that still waits, as during a stop, is not."""
    earlier = select(col(SettledRow.occurrence_id)).where(
        col(SettledRow.milestone) == milestone.id, col(SettledRow.occurrence_id) != newest
    )
    waiting = col(OccurrenceRow.id).in_(earlier), col(OccurrenceRow.expires_at) > now
    await session.execute(update(OccurrenceRow).where(*waiting).values(expires_at=now))


async def add(session: AsyncSession, notice: Notice, now: datetime, topic: str | None = None) -> int | None:
    """Records something to be told once; None if its key is taken."""
    statement = insert(session, OccurrenceRow).on_conflict_do_nothing(index_elements=["key"])
    row = _row(notice, now, trace.current(), topic)
    found: int | None = await session.scalar(statement.values(row).returning(col(OccurrenceRow.id)))
    return found


def _row(notice: Notice, now: datetime, request: str | None, topic: str | None = None) -> dict[str, object]:
    return {
        "key": notice.key,
        "kind": notice.kind.value,
        "topic": topic,
        "content": to_json(notice.content),
        "created_at": now,
        "expires_at": notice.expires_at,
        "request": request,
        "change_id": notice.change,
    }


async def push(session: AsyncSession, notice: Notice, users: Collection[str], now: datetime) -> bool:
    """Tells something once to people by name, as soon as it can be sent: answers, alarms, what is sent again.

    :returns: False where its key is taken, or there is nobody to tell.
    """
    if not users:
        return False
    occurrence = await add(session, notice, now)
    if occurrence is None:
        return False
    await tell(session, occurrence, users, now)
    return True


async def push_each(session: AsyncSession, announcements: Sequence[Announcement], now: datetime) -> None:
    """The same for many notices, each told to other people; of one person's, what is due first comes first."""
    if not announcements:
        return
    # In the order of the keys: two processes in different orders would lock each other out.
    ordered = sorted(announcements, key=lambda each: each.notice.key)
    rows = [_row(each.notice, now, each.request) for each in ordered]
    statement = insert(session, OccurrenceRow).on_conflict_do_nothing(index_elements=["key"])
    returning = statement.returning(col(OccurrenceRow.key), col(OccurrenceRow.id))
    taken = {key: id_ for key, id_ in await session.execute(returning, rows)}  # noqa: C416  rows are no tuples
    people = [
        (taken[each.notice.key], user, State.PLANNED.value, due_at)
        for each in ordered
        if each.notice.key in taken
        for user, due_at in each.due.items()
    ]
    await _RECIPIENTS.write(session, people)


async def tell(session: AsyncSession, occurrence: int, users: Collection[str], due_at: datetime) -> None:
    """Lists people by name, whether or not they follow anything."""
    row = {"occurrence_id": occurrence, "state": State.PLANNED.value, "due_at": due_at}
    statement = insert(session, RecipientRow).on_conflict_do_nothing(index_elements=["occurrence_id", "user"])
    if users:
        await session.execute(statement, [row | {"user": user} for user in sorted({u.lower() for u in users})])


async def tell_followers(
    session: AsyncSession,
    occurrence: int,
    topics: Collection[str] | None,
    since: datetime | None,
    due_at: datetime,
    *conditions: ColumnElement[bool],
    with_all: bool = True,
) -> int:
    """Lists everybody of an `audience`. In the database alone, so that their number does not matter.

    :returns: how many.
    """
    people = select(
        literal(occurrence), col(SubscriberRow.user), literal(State.PLANNED.value), literal(due_at, Instant())
    ).where(*audience(topics, since, with_all=with_all), *conditions)
    statement = insert(session, RecipientRow).from_select(["occurrence_id", "user", "state", "due_at"], people)
    # SQLAlchemy forgets the number of inserted rows unless it is asked to keep it.
    result = await session.execute(statement, execution_options={"preserve_rowcount": True})
    return int(result.rowcount)  # type: ignore[attr-defined]


def audience(
    topics: Collection[str] | None, since: datetime | None, *, with_all: bool = True
) -> tuple[ColumnElement[bool], ...]:
    """Subscribers who follow one of the topics, are not paused and can be reached.

    :param topics: None: anything at all.
    :param since: the instant at which they must have followed it; None: as the database has it, whatever the clocks of
        those who wrote it said.
    :param with_all: also those who follow everything.
    """
    follows = exists().where(col(SubscriptionRow.user) == col(SubscriberRow.user))
    if since is not None:
        follows = follows.where(col(SubscriptionRow.since) <= since)
    if topics is not None:
        follows = follows.where(col(SubscriptionRow.topic).in_((*topics, ALL) if with_all else tuple(topics)))
    return follows, *willing()


def willing() -> tuple[ColumnElement[bool], ...]:
    """Neither paused nor out of reach."""
    return col(SubscriberRow.paused_at).is_(None), col(SubscriberRow.unreachable_since).is_(None)


def listed(occurrences: Collection[int], states: Collection[State] = tuple(State)) -> ColumnElement[bool]:
    """Who is a recipient of one of these."""
    return exists().where(
        col(RecipientRow.user) == col(SubscriberRow.user),
        col(RecipientRow.occurrence_id).in_(occurrences),
        col(RecipientRow.state).in_([state.value for state in states]),
    )


def of_cadence(cadence: Cadence) -> ColumnElement[bool]:
    """Whose updates arrive so."""
    return col(SubscriberRow.cadence) == cadence


async def mark(session: AsyncSession, user: str, milestone: str, revision: int, kind: Mark, now: datetime) -> bool:
    """Records a click; False for one that was recorded before."""
    statement = insert(session, MarkRow).on_conflict_do_nothing()
    row = {"user": user, "milestone": milestone, "revision": revision, "kind": kind.value, "at": now}
    return await session.scalar(statement.values(row).returning(col(MarkRow.user))) is not None


async def done(session: AsyncSession, user: str) -> frozenset[tuple[str, int]]:
    """(milestone, revision) of what a person says is done."""
    rows = await session.execute(
        select(col(MarkRow.milestone), col(MarkRow.revision)).where(
            col(MarkRow.user) == user, col(MarkRow.kind) == Mark.DONE
        )
    )
    return frozenset((milestone, revision) for milestone, revision in rows)


async def snooze(
    session: AsyncSession, user: str, milestone: Milestone, due_at: datetime, expires_at: datetime, now: datetime
) -> None:
    """One more reminder of a milestone for one person; asked for twice on a day it is the same one."""
    person = sha256(user.encode()).hexdigest()[:16]  # a key outlives what is kept of people
    key = f"snooze:{milestone.id}:{milestone.revision}:{person}:{due_at.isoformat()}"
    content = {"milestone": to_json(milestone), "leads": []}
    occurrence = await add(session, Notice(key, Kind.SNOOZE, content, expires_at), now)
    if occurrence is not None:
        await tell(session, occurrence, [user], due_at)


async def withdraw(session: AsyncSession, user: str, milestone: Milestone) -> None:
    """What waits to remind a person of a milestone is not sent."""
    waiting = (
        select(OccurrenceRow)
        .join(RecipientRow, col(RecipientRow.occurrence_id) == col(OccurrenceRow.id))
        .where(col(RecipientRow.user) == user, col(RecipientRow.state) == State.PLANNED)
        .where(col(OccurrenceRow.kind).in_([Kind.REMINDER.value, Kind.SNOOZE.value]))
    )
    about = [row.id for row in await session.scalars(waiting) if row.content["milestone"]["id"] == milestone.id]
    mine = and_(
        col(RecipientRow.user) == user,
        col(RecipientRow.state) == State.PLANNED,
        col(RecipientRow.occurrence_id).in_(about),
    )
    await session.execute(update(RecipientRow).where(mine).values(state=State.WITHDRAWN.value))


async def are_awaited(session: AsyncSession, occurrences: Collection[int]) -> bool:
    """Whether somebody still waits to be told one of these."""
    return bool(await session.scalar(select(exists().where(_planned(occurrences)))))


async def drop(session: AsyncSession, occurrence: int) -> None:
    """Forgets something that has no recipients."""
    await session.execute(delete(OccurrenceRow).where(col(OccurrenceRow.id) == occurrence))


async def call_off(session: AsyncSession, occurrences: Collection[int], instead: int | None = None) -> None:
    """Whoever still waits to be told one of these is not told it.

    :param instead: what they are told in its place, at the same time.
    """
    withdrawn = {"state": State.WITHDRAWN.value}
    changed = withdrawn if instead is None else {"occurrence_id": instead}
    await session.execute(update(RecipientRow).where(_planned(occurrences)).values(changed))


def _planned(occurrences: Collection[int]) -> ColumnElement[bool]:
    return and_(col(RecipientRow.occurrence_id).in_(occurrences), col(RecipientRow.state) == State.PLANNED)


async def of_task(session: AsyncSession, task_id: str, user: str) -> Mapping[str, object] | None:
    """The content that a card told a person; None if it told them nothing."""
    found: Mapping[str, object] | None = await session.scalar(
        select(col(OccurrenceRow.content))
        .join(RecipientRow, col(RecipientRow.occurrence_id) == col(OccurrenceRow.id))
        .where(col(RecipientRow.batch_id) == task_id, col(RecipientRow.user) == user)
        .limit(1)
    )
    return found


async def next_due(session: AsyncSession, kinds: Collection[Kind] | None = None) -> datetime | None:
    """When the next listed person is to be told something of these kinds."""
    found = select(col(RecipientRow.due_at)).where(col(RecipientRow.state) == State.PLANNED)
    if kinds is not None:
        of_kind = col(OccurrenceRow.kind).in_([kind.value for kind in kinds])
        found = found.join(OccurrenceRow, col(OccurrenceRow.id) == col(RecipientRow.occurrence_id)).where(of_kind)
    due: datetime | None = await session.scalar(found.order_by(col(RecipientRow.due_at)).limit(1))
    return due


async def waiting(session: AsyncSession) -> int:
    """How many deliveries are not settled."""
    open_ = col(RecipientRow.state).in_([State.PLANNED.value, State.SENDING.value])
    return await session.scalar(select(func.count()).select_from(RecipientRow).where(open_)) or 0


def _take(session: AsyncSession) -> postgresql.Insert | sqlite.Insert:
    return insert(session, SettledRow).on_conflict_do_nothing(index_elements=["milestone", "revision", "lead"])
