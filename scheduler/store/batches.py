"""Calls of the platform: formed at their first attempt, claimed under a lease, settled once.

Every function works inside the caller's transaction, except that a claim must be committed before its call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from scheduler.delivery import Attempt, Batch, Kind, State, Verdict
from scheduler.due import ON_TIME
from scheduler.messages import Told, is_card
from scheduler.retry import Step
from scheduler.store.followers import ALL
from scheduler.tables import (
    BatchRow,
    OccurrenceRow,
    RecipientRow,
    SubscriberRow,
    SubscriptionRow,
)

RECEIVERS = 1000  # of one call: https://developer.work.weixin.qq.com/document/path/90236
LEASE = timedelta(seconds=60)  # longer than a call can take
IN_ORDER = LEASE  # for so long an answer waits for an earlier one to the same person
MERGED = 20_000  # open updates looked at when digests are put together
CROWDED = timedelta(seconds=20)  # until it is looked at again whether somebody may get more
SLACK = timedelta(seconds=15)  # an attempt may arrive that much later than it was begun
LIMITS = (  # messages to one member; the platform drops what exceeds them in silence
    (30, timedelta(minutes=1) + SLACK),
    (1000, timedelta(hours=1) + SLACK),
)
_EARLIER, _ITS_OCCURRENCE = aliased(RecipientRow), aliased(OccurrenceRow)  # once: making them takes a millisecond
ALWAYS = (Kind.ANSWER, Kind.ALARM)  # what somebody asked for or must know, whether or not they follow anything


class Raced(Exception):  # noqa: N818  says what happened
    """Another process was faster."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new batch will hold."""

    occurrences: tuple[int, ...]
    told: tuple[Told, ...]
    users: tuple[str, ...]
    expires_at: datetime | None


Build = Callable[[Sequence[Told], Sequence[str], str, bool], bytes]  # told, users, task id, plain -> request


async def due(session: AsyncSession, now: datetime, kinds: Collection[Kind] | None = None) -> BatchRow | None:
    """A batch of these kinds to be tried again, or one whose process died; locked."""
    found = select(BatchRow).where(*_open(kinds), col(BatchRow.next_at) <= now).order_by(col(BatchRow.next_at)).limit(1)
    row: BatchRow | None = await session.scalar(found.with_for_update(skip_locked=True))
    return row


def _open(kinds: Collection[Kind] | None) -> tuple[ColumnElement[bool], ...]:
    open_ = col(BatchRow.state).in_([State.SENDING.value, State.WAITING.value])
    if kinds is None:
        return (open_,)
    return open_, col(BatchRow.occurrence_id).in_(_of_kinds(kinds))


def _of_kinds(kinds: Collection[Kind]) -> Select[int]:
    return select(col(OccurrenceRow.id)).where(col(OccurrenceRow.kind).in_([kind.value for kind in kinds]))


async def claim(session: AsyncSession, row: BatchRow, owner: str, now: datetime) -> Batch:
    """Takes the lease of a batch for one more attempt."""
    row.state, row.owner = State.SENDING.value, owner
    row.attempts += 1
    row.claimed_at, row.next_at = now, now + LEASE
    await session.execute(update(RecipientRow).where(col(RecipientRow.batch_id) == row.id).values(attempted_at=now))
    return await batch_of(session, row)


async def crowded(session: AsyncSession, row: BatchRow, now: datetime) -> bool:
    """Whether one of a batch's people got as many messages meanwhile as a member may get."""
    users = select(col(RecipientRow.user)).where(col(RecipientRow.batch_id) == row.id)
    return bool(await _full(session, users, now, col(RecipientRow.batch_id) != row.id))


async def batch_of(session: AsyncSession, row: BatchRow) -> Batch:
    """A row as a value."""
    occurrence = await session.get_one(OccurrenceRow, row.occurrence_id)
    return Batch(
        id=row.id,
        body=row.body.encode(),
        attempts=row.attempts,
        claimed_at=row.claimed_at,
        unknown_since=row.unknown_since,
        plain=row.plain,
        is_card=is_card([Told(Kind(occurrence.kind), occurrence.content)]),
        size=row.size,
        recorded_at=occurrence.created_at,
        expires_at=occurrence.expires_at,
        request=occurrence.request,
    )


async def rebuild(session: AsyncSession, row: BatchRow, today: date, build: Build) -> None:
    """New bytes for a batch that was definitely refused: as text, or for another day."""
    ids = select(col(RecipientRow.occurrence_id)).where(col(RecipientRow.batch_id) == row.id).distinct()
    occurrences = await session.scalars(
        select(OccurrenceRow).where(col(OccurrenceRow.id).in_(ids)).order_by(col(OccurrenceRow.id))
    )
    told = [Told(Kind(o.kind), o.content) for o in occurrences]
    users = await session.scalars(
        select(col(RecipientRow.user)).where(col(RecipientRow.batch_id) == row.id).distinct().order_by("user")
    )
    row.body = build(told, list(users), row.id, row.plain).decode()
    row.built_on = today


async def form(
    session: AsyncSession, draft: Draft, task_id: str, owner: str, now: datetime, today: date, build: Build
) -> Batch:
    """Freezes a batch and takes its lease.

    :raises Raced: another process has taken some of the people meanwhile; the transaction must be taken back.
    """
    row = BatchRow(
        id=task_id,
        occurrence_id=draft.occurrences[0],
        body=build(draft.told, draft.users, task_id, False).decode(),
        built_on=today,
        size=len(draft.users),
        state=State.SENDING.value,
        attempts=1,
        claimed_at=now,
        next_at=now + LEASE,
        owner=owner,
    )
    session.add(row)
    await session.flush()
    mine = and_(
        col(RecipientRow.occurrence_id).in_(draft.occurrences),
        col(RecipientRow.user).in_(draft.users),
        col(RecipientRow.state) == State.PLANNED,
    )
    values = {"state": State.SENDING.value, "batch_id": task_id, "attempted_at": now}
    result = await session.execute(update(RecipientRow).where(mine).values(values))
    if result.rowcount != len(draft.users) * len(draft.occurrences):  # type: ignore[attr-defined]
        raise Raced(task_id)
    return await batch_of(session, row)


async def draft(
    session: AsyncSession,
    now: datetime,
    most: int = RECEIVERS,
    *,
    quiet: bool = False,
    kinds: Collection[Kind] | None = None,
) -> Draft | None:
    """The people who are to be told the same thing now, at most `most`; without users if none is left, None if done.

    Who stopped following since, or paused, is withdrawn; what is of no use any more expires.
    :param quiet: what is late waits; only what is due just now is sent.
    :param kinds: nothing else is looked at; None: everything.
    """
    earliest = now - ON_TIME if quiet else None
    occurrence = await _first_due(session, now, earliest, kinds)
    if occurrence is None:
        return None
    if occurrence.expires_at and occurrence.expires_at <= now:
        await _leave(session, [occurrence.id], State.EXPIRED)
        return Draft((), (), (), None)
    if occurrence.kind == Kind.UPDATE:
        return await _digest(session, now, most)
    found = await session.scalars(
        select(col(RecipientRow.user))
        .where(col(RecipientRow.occurrence_id) == occurrence.id)
        .where(*_to_be_told(RecipientRow, now, earliest))
        .where(*([~_behind_an_answer(now, earliest)] if occurrence.kind == Kind.ANSWER else []))
        .order_by(col(RecipientRow.user))
        .limit(most)
    )
    users = await _willing(session, [occurrence], list(found), now)
    told = (Told(Kind(occurrence.kind), occurrence.content),)
    return Draft((occurrence.id,), told, tuple(users), occurrence.expires_at)


async def _first_due(
    session: AsyncSession, now: datetime, earliest: datetime | None, kinds: Collection[Kind] | None
) -> OccurrenceRow | None:
    """What somebody is to be told first; locked, so that no other process forms batches of it at the same time."""
    statement = select(col(RecipientRow.occurrence_id)).where(*_to_be_told(RecipientRow, now, earliest))
    if kinds is not None:
        statement = statement.where(col(RecipientRow.occurrence_id).in_(_of_kinds(kinds)))
    answers = exists().where(
        col(OccurrenceRow.id) == col(RecipientRow.occurrence_id), col(OccurrenceRow.kind) == Kind.ANSWER
    )
    overtakes = and_(_behind_an_answer(now, earliest), answers)
    first = await session.scalar(statement.where(~overtakes).order_by(col(RecipientRow.due_at)).limit(1))
    return await session.get(OccurrenceRow, first, with_for_update=True) if first is not None else None


def _to_be_told(row: type[RecipientRow], now: datetime, earliest: datetime | None) -> tuple[ColumnElement[bool], ...]:
    """:param earliest: what was due before waits for the morning."""
    due = col(row.state) == State.PLANNED, col(row.due_at) <= now
    return (*due, col(row.due_at) >= earliest) if earliest else due


def _behind_an_answer(now: datetime, earliest: datetime | None) -> ColumnElement[bool]:
    """Whether an earlier answer is to be told now or is on its way, which the next one must not overtake; not for ever,
    though.
    """
    waits = and_(*_to_be_told(_EARLIER, now, earliest), col(_EARLIER.due_at) < col(RecipientRow.due_at))
    on_its_way = and_(col(_EARLIER.state) == State.SENDING, col(_EARLIER.attempted_at) > now - IN_ORDER)
    return exists().where(
        col(_EARLIER.user) == col(RecipientRow.user),
        or_(waits, on_its_way),
        col(_ITS_OCCURRENCE.id) == col(_EARLIER.occurrence_id),
        col(_ITS_OCCURRENCE.kind) == Kind.ANSWER,
    )


async def _digest(session: AsyncSession, now: datetime, most: int) -> Draft:
    """The updates that wait for a person become one message, shared with those for whom the same ones wait."""
    rows = await session.execute(
        select(col(RecipientRow.user), col(RecipientRow.occurrence_id))
        .join(OccurrenceRow, col(OccurrenceRow.id) == col(RecipientRow.occurrence_id))
        .where(col(OccurrenceRow.kind) == Kind.UPDATE)
        .where(col(RecipientRow.state) == State.PLANNED, col(RecipientRow.due_at) <= now)
        .order_by(col(RecipientRow.user))
        .limit(MERGED)
    )
    waiting: dict[str, set[int]] = defaultdict(set)
    for user, occurrence in rows:
        waiting[user].add(occurrence)
    people: dict[frozenset[int], list[str]] = defaultdict(list)
    for user, occurrences in waiting.items():
        people[frozenset(occurrences)].append(user)
    if not people:
        return Draft((), (), (), None)
    ids, users = max(people.items(), key=lambda item: (len(item[1]), sorted(item[0])))
    found = await session.scalars(
        select(OccurrenceRow).where(col(OccurrenceRow.id).in_(ids)).order_by(col(OccurrenceRow.id))
    )
    occurrences_ = list(found)
    kept = await _willing(session, occurrences_, users[:most], now)
    told = tuple(Told(Kind.UPDATE, occurrence.content) for occurrence in occurrences_)
    return Draft(tuple(occurrence.id for occurrence in occurrences_), told, tuple(kept), None)


async def _willing(
    session: AsyncSession, occurrences: Sequence[OccurrenceRow], users: list[str], now: datetime
) -> list[str]:
    """Until its first attempt a batch follows the followers, and nobody gets more than the platform delivers."""
    ids = [occurrence.id for occurrence in occurrences]
    gone = await _gone(session, occurrences, users)
    if gone:
        await _leave(session, ids, State.WITHDRAWN, col(RecipientRow.user).in_(gone))
    full = await _full(session, users, now)
    if full:
        await _leave(session, ids, State.PLANNED, col(RecipientRow.user).in_(full), due_at=now + CROWDED)
    return [user for user in users if user not in gone | full]


async def _gone(session: AsyncSession, occurrences: Sequence[OccurrenceRow], users: list[str]) -> set[str]:
    """Who paused, is out of reach or follows none of it any more."""
    if occurrences[0].kind in ALWAYS:
        return set()
    people = select(col(SubscriberRow.user)).where(col(SubscriberRow.user).in_(users))
    stopped = or_(col(SubscriberRow.paused_at).is_not(None), col(SubscriberRow.unreachable_since).is_not(None))
    gone = set(await session.scalars(people.where(stopped)))
    topics = [occurrence.topic for occurrence in occurrences if occurrence.topic]
    if len(topics) == len(occurrences):
        follows = select(col(SubscriptionRow.user)).where(
            col(SubscriptionRow.user).in_(users), col(SubscriptionRow.topic).in_([*topics, ALL])
        )
        gone |= set(users) - set(await session.scalars(follows))
    return gone


async def _full(
    session: AsyncSession, users: list[str] | Select[str], now: datetime, *conditions: ColumnElement[bool]
) -> set[str]:
    """Who got as many messages as a member may get; they wait, rather than being sent what would be dropped."""
    full: set[str] = set()
    for most, period in LIMITS:
        got = func.count(func.distinct(col(RecipientRow.batch_id)))
        rows = await session.scalars(
            select(col(RecipientRow.user))
            .where(col(RecipientRow.user).in_(users), col(RecipientRow.attempted_at) > now - period, *conditions)
            .group_by(col(RecipientRow.user))
            .having(got >= most)
        )
        full |= set(rows)
    return full


async def _leave(
    session: AsyncSession, occurrences: Sequence[int], state: State, *conditions: Any, **values: Any
) -> None:
    planned = and_(col(RecipientRow.occurrence_id).in_(occurrences), col(RecipientRow.state) == State.PLANNED)
    await session.execute(update(RecipientRow).where(planned, *conditions).values(state=state.value, **values))


async def settle(session: AsyncSession, batch: Batch, attempt: Attempt, step: Step) -> bool:
    """Records an attempt and what follows from it; False if the lease had passed to somebody else."""
    row = await session.get(BatchRow, batch.id, with_for_update=True)
    if row is None or row.attempts != batch.attempts or row.state != State.SENDING:
        return False
    row.answer = {
        "verdict": attempt.verdict.value,
        "code": attempt.code,
        "detail": attempt.detail,
        "msgid": attempt.msgid,
    }
    row.state, row.unknown_since = step.state.value, step.unknown_since
    row.plain = row.plain or step.as_text
    if step.state is State.WAITING:
        row.next_at = step.at or row.next_at
        return True
    await session.execute(
        update(RecipientRow).where(col(RecipientRow.batch_id) == batch.id).values(state=step.state.value)
    )
    if attempt.invalid and step.state is State.SENT:
        invalid = and_(col(RecipientRow.batch_id) == batch.id, col(RecipientRow.user).in_(attempt.invalid))
        await session.execute(update(RecipientRow).where(invalid).values(state=State.INVALID.value))
    return True


async def close(session: AsyncSession, batch: Batch, attempt: Attempt, step: Step) -> None:
    """Ends a batch without another call."""
    row = await session.get_one(BatchRow, batch.id)
    row.answer, row.state = row.answer or {"verdict": attempt.verdict.value, "detail": attempt.detail}, step.state.value
    await session.execute(
        update(RecipientRow).where(col(RecipientRow.batch_id) == batch.id).values(state=step.state.value)
    )


async def unreachable(session: AsyncSession, batch: Batch, attempt: Attempt, now: datetime) -> None:
    """Whoever was invalid is left alone until they write."""
    everybody = select(col(RecipientRow.user)).where(col(RecipientRow.batch_id) == batch.id)
    people = col(SubscriberRow.user).in_(everybody if attempt.verdict is Verdict.NOBODY else attempt.invalid)
    await session.execute(update(SubscriberRow).where(people).values(unreachable_since=now))


async def next_at(session: AsyncSession, kinds: Collection[Kind] | None = None) -> datetime | None:
    """When the next batch of these kinds is to be tried again, or its lease ends."""
    found: datetime | None = await session.scalar(select(func.min(col(BatchRow.next_at))).where(*_open(kinds)))
    return found
