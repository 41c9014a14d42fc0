"""Who follows what, and how it reaches them. Every function works inside the caller's transaction.

User ids are lower-case: the platform compares them without case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.tables import insert
from scheduler.delivery import Cadence, Kind, State
from scheduler.tables import OccurrenceRow, RecipientRow, SubscriberRow, SubscriptionRow

ALL = "all"  # every sector and document, and the milestones
MILESTONES = "milestones"
SECTOR = "sector:"  # prefix of a sector's topic
DOCUMENT = "document:"


@dataclass(frozen=True, slots=True)
class Follower:
    """One person's choice; kept also while nothing can be sent."""

    user: str
    topics: tuple[str, ...] = ()  # in the order they were followed
    cadence: Cadence = Cadence.IMMEDIATE
    paused_at: datetime | None = None
    unreachable_since: datetime | None = None
    calendar: int = 0  # how often the address of their calendar was renewed


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a person was told, or will be."""

    kind: Kind
    key: str
    content: dict[str, object]
    state: State
    at: datetime  # of the attempt, or when it is due


async def follower(session: AsyncSession, user: str) -> Follower:
    """What a person follows; nothing for a stranger."""
    row = await session.get(SubscriberRow, user)
    found = select(col(SubscriptionRow.topic)).where(col(SubscriptionRow.user) == user)
    ordered = found.order_by(col(SubscriptionRow.since), col(SubscriptionRow.topic))
    topics = tuple(await session.scalars(ordered))
    if row is None:
        return Follower(user, topics)
    return Follower(user, topics, Cadence(row.cadence), row.paused_at, row.unreachable_since, row.calendar)


async def number(session: AsyncSession) -> int:
    """How many people follow something, or did."""
    return await session.scalar(select(func.count()).select_from(SubscriberRow)) or 0


async def listed(session: AsyncSession, limit: int, offset: int = 0) -> list[Follower]:
    """People by their user id."""
    people = select(SubscriberRow).order_by(col(SubscriberRow.user)).limit(limit).offset(offset)
    rows = list(await session.scalars(people))
    followed = await session.execute(
        select(col(SubscriptionRow.user), col(SubscriptionRow.topic))
        .where(col(SubscriptionRow.user).in_([row.user for row in rows]))
        .order_by(col(SubscriptionRow.since), col(SubscriptionRow.topic))
    )
    topics: dict[str, list[str]] = defaultdict(list)
    for user, topic in followed:
        topics[user].append(topic)
    return [Follower(r.user, tuple(topics[r.user]), Cadence(r.cadence), r.paused_at, r.unreachable_since) for r in rows]


async def follow(session: AsyncSession, user: str, topics: Iterable[str], at: datetime) -> tuple[str, ...]:
    """Adds topics, from `at` on; those followed before keep their time.

    :returns: the new ones.
    """
    await _know(session, [user])
    statement = insert(session, SubscriptionRow).on_conflict_do_nothing(index_elements=["user", "topic"])
    rows = [{"user": user, "topic": topic, "since": at} for topic in dict.fromkeys(topics)]
    if not rows:
        return ()
    return tuple(await session.scalars(statement.returning(col(SubscriptionRow.topic)), rows))


async def follow_many(session: AsyncSession, users: Sequence[str], topic: str, at: datetime) -> int:
    """Subscribes people in bulk.

    :returns: how many did not follow the topic before.
    """
    people = sorted({user.lower() for user in users})
    if not people:
        return 0
    await _know(session, people)
    statement = insert(session, SubscriptionRow).on_conflict_do_nothing(index_elements=["user", "topic"])
    rows = [{"user": user, "topic": topic, "since": at} for user in people]
    return len((await session.scalars(statement.returning(col(SubscriptionRow.user)), rows)).all())


async def unfollow(session: AsyncSession, user: str, topics: Iterable[str] | None = None) -> tuple[str, ...]:
    """Drops topics, or everything.

    :returns: those that were followed.
    """
    statement = delete(SubscriptionRow).where(col(SubscriptionRow.user) == user)
    if topics is not None:
        statement = statement.where(col(SubscriptionRow.topic).in_(list(topics)))
    return tuple(await session.scalars(statement.returning(col(SubscriptionRow.topic))))


async def set_cadence(session: AsyncSession, user: str, cadence: Cadence, due_at: datetime) -> None:
    """How updates arrive from now on.

    :param due_at: when the updates that wait for the person come now.
    """
    await _know(session, [user])
    await session.execute(update(SubscriberRow).where(col(SubscriberRow.user) == user).values(cadence=cadence))
    updates = select(col(OccurrenceRow.id)).where(col(OccurrenceRow.kind) == Kind.UPDATE)
    waiting = col(RecipientRow.state) == State.PLANNED
    await session.execute(
        update(RecipientRow)
        .where(col(RecipientRow.user) == user, waiting, col(RecipientRow.occurrence_id).in_(updates))
        .values(due_at=due_at)
    )


async def pause(session: AsyncSession, user: str, at: datetime) -> None:
    """Nothing is pushed to the person any more; the choice is kept."""
    await _know(session, [user])
    await session.execute(update(SubscriberRow).where(col(SubscriberRow.user) == user).values(paused_at=at))


async def resume(session: AsyncSession, user: str) -> None:
    """Undoes `pause`."""
    await session.execute(update(SubscriberRow).where(col(SubscriberRow.user) == user).values(paused_at=None))


async def lost(session: AsyncSession, users: Iterable[str], at: datetime) -> None:
    """The platform cannot reach these people: they are left alone until they write."""
    people = col(SubscriberRow.user).in_(list(users))
    await session.execute(update(SubscriberRow).where(people).values(unreachable_since=at))


async def back(session: AsyncSession, heard: Mapping[str, datetime]) -> None:
    """Messages or events of these people arrived at these times: who was out of reach before can be reached."""
    gone = select(col(SubscriberRow.user), col(SubscriberRow.unreachable_since)).where(
        col(SubscriberRow.unreachable_since).is_not(None), col(SubscriberRow.user).in_(heard)
    )
    returned = [user for user, since in await session.execute(gone) if since and since <= heard[user]]
    if returned:
        people = col(SubscriberRow.user).in_(returned)
        await session.execute(update(SubscriberRow).where(people).values(unreachable_since=None))


async def renew_calendar(session: AsyncSession, user: str) -> None:
    """The address of the person's calendar becomes another one, and the old one stops working."""
    await _know(session, [user])
    newer = {"calendar": col(SubscriberRow.calendar) + 1}
    await session.execute(update(SubscriberRow).where(col(SubscriberRow.user) == user).values(newer))


async def counts(session: AsyncSession) -> dict[str, int]:
    """Topic -> how many follow it."""
    rows = await session.execute(select(col(SubscriptionRow.topic), func.count()).group_by(col(SubscriptionRow.topic)))
    return {topic: number for topic, number in rows}  # noqa: C416  rows are no tuples to the type checker


async def told(session: AsyncSession, user: str, limit: int) -> tuple[Told, ...]:
    """What a person was told last or is about to be told, newest first."""
    at = func.coalesce(col(RecipientRow.attempted_at), col(RecipientRow.due_at))
    rows = await session.execute(
        select(OccurrenceRow, RecipientRow)
        .join(RecipientRow, col(RecipientRow.occurrence_id) == col(OccurrenceRow.id))
        .where(col(RecipientRow.user) == user)
        .order_by(at.desc(), col(OccurrenceRow.id).desc())
        .limit(limit)
    )
    return tuple(Told(Kind(o.kind), o.key, o.content, State(r.state), r.attempted_at or r.due_at) for o, r in rows)


async def _know(session: AsyncSession, users: Sequence[str]) -> None:
    rows = [{"user": user, "cadence": Cadence.IMMEDIATE.value, "calendar": 0} for user in users]
    await session.execute(insert(session, SubscriberRow).on_conflict_do_nothing(index_elements=["user"]), rows)
