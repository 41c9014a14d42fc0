"""Telling followers that a change of the knowledge was taken back, inside the transaction that does so.

What nobody was told yet is called off, what they were told is corrected by one notice, and nobody is told the same
thing a second time as if it were new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import distinct, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.changes import Change, ChangeKind
from knowledge.store import versions
from scheduler.delivery import State
from scheduler.store import announcing, occurrences
from scheduler.store.planning import World
from scheduler.tables import OccurrenceRow, RecipientRow, SubscriberRow, SubscriptionRow
from scheduler.updates import Changed, Sort, Update, Weight, updates

HAVE_IT = (State.SENDING, State.SENT, State.UNCONFIRMED)  # states of people who were told, or may have been


@dataclass(frozen=True, slots=True)
class _Case:
    """One change that another one takes back."""

    undone: Change
    earlier: Sequence[OccurrenceRow]  # what people were to be told of it
    made: int  # the change that takes it back
    measures: Sequence[Changed]  # what that one changes
    names: dict[str, str]  # topic -> what people call it
    at: str  # when that is, for people

    async def updates(self, measures: Sequence[Changed], sort: Sort) -> Sequence[Update]:
        """In a thread: there may be many measures."""
        return await asyncio.to_thread(updates, self.made, measures, self.names, sort=sort, at=self.at)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people a change has reached."""

    told: int  # who would be told that it was taken back
    waiting: int  # who would not be told of it any more


async def reach(session: AsyncSession, change: int) -> Reach:
    """Who would hear of it if a change were taken back, as far as they still follow what it touches."""
    people = select(func.count(distinct(col(RecipientRow.user)))).join(
        OccurrenceRow, col(OccurrenceRow.id) == col(RecipientRow.occurrence_id)
    )
    of_change = people.where(col(OccurrenceRow.change_id) == change)
    told = await session.scalar(of_change.where(col(RecipientRow.state).in_(HAVE_IT)))
    waiting = await session.scalar(of_change.where(col(RecipientRow.state) == State.PLANNED))
    return Reach(told or 0, waiting or 0)


async def take_back(session: AsyncSession, undone: int, made: int, now: datetime, world: World) -> int:
    """Records who is told that the change `undone` was taken back by the change `made`, and when. A change that nobody
    was to be told of is taken back without a word.

    :returns: how many deliveries were planned.
    """
    change = await versions.change(session, undone)
    earlier = list(await session.scalars(select(OccurrenceRow).where(col(OccurrenceRow.change_id) == undone)))
    if change is None or not earlier:
        return 0
    if change.kind is ChangeKind.UNDO:
        return await _redo(session, earlier, made, now, world)
    measures = await announcing.changed_by(session, made)
    # A document or sector that is gone by now is called as it was when people were told.
    names = {str(row.topic): str(row.content["name"]) for row in earlier if row.topic and "name" in row.content}
    names |= await announcing.names(session)
    case = _Case(change, earlier, made, measures, names, world.shown(now))
    await _call_off(session, case, now)
    return await _correct(session, case, now, world) + await _tell_newcomers(session, case, now, world)


async def _call_off(session: AsyncSession, case: _Case, now: datetime) -> None:
    """Who still waits is told only what is left of the change: what others have changed since stays as it is."""
    ids = [row.id for row in case.earlier]
    if not await occurrences.are_awaited(session, ids):
        return
    gone = {measure.id for measure in case.measures}
    left = [measure for measure in await announcing.changed_by(session, case.undone.id) if measure.id not in gone]
    for update in await case.updates(left, Sort.LEFT):
        same = [row.id for row in case.earlier if row.topic == update.topic]
        if await occurrences.are_awaited(session, same):
            instead = await occurrences.add(session, update.notice, now, update.topic)
            await occurrences.call_off(session, same, instead)
    await occurrences.call_off(session, ids)


async def _correct(session: AsyncSession, case: _Case, now: datetime, world: World) -> int:
    """Who was told of it is told so; at once where it was urgent."""
    weight = Weight.URGENT if any(row.content.get("reason") for row in case.earlier) else Weight.NORMAL
    planned = 0
    for update in await case.updates(case.measures, Sort.TAKEN_BACK):
        # What was sent again is of no topic.
        told = occurrences.listed([row.id for row in case.earlier if row.topic in (update.topic, None)], HAVE_IT)
        occurrence = await occurrences.add(session, update.notice, now, update.topic)
        if occurrence is not None:
            count = await announcing.tell(session, occurrence, update.topic, now, world, weight, told, with_all=True)
            planned += count
            if not count:
                await occurrences.drop(session, occurrence)
    return planned


async def _tell_newcomers(session: AsyncSession, case: _Case, now: datetime, world: World) -> int:
    """To who has begun to follow since and was not to be told of it, this is a change like any other."""
    later = col(SubscriptionRow.since) > case.undone.at
    if not await session.scalar(select(exists().where(later))):
        return 0
    unaware = ~occurrences.listed([row.id for row in case.earlier])
    planned = 0
    for update in await case.updates(case.measures, Sort.NEWS):
        mine = col(SubscriptionRow.user) == col(SubscriberRow.user), col(SubscriptionRow.topic) == update.topic
        planned += await announcing.announce(
            session, [update], now, world, Weight.NORMAL, unaware, exists().where(*mine, later)
        )
    return planned


async def _redo(session: AsyncSession, earlier: Sequence[OccurrenceRow], made: int, now: datetime, world: World) -> int:
    """An undoing is taken back: news, but not to those whom no word of the undoing has reached."""
    corrections = [row.id for row in earlier if row.content.get("taken_back")]
    waiting = occurrences.listed(corrections, (State.PLANNED,))
    planned = await announcing.announce_change(session, made, Weight.NORMAL, "", now, world, ~waiting)
    await occurrences.call_off(session, corrections)
    return planned
