"""Telling followers of a change of the knowledge, inside the caller's transaction: change and updates are one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.codec import from_json
from knowledge.model import Measure
from knowledge.store import versions
from scheduler.delivery import Cadence
from scheduler.store import occurrences
from scheduler.store.followers import ALL
from scheduler.store.planning import World
from scheduler.tables import SubscriberRow, SubscriptionRow
from scheduler.updates import Update, Weight, changed, due_at, topic_names, updates
from scheduler.workdays import Calendar


async def announce_change(
    session: AsyncSession, change: int, weight: Weight, reason: str, now: datetime, world: World
) -> int:
    """Records who is told of a change of the knowledge that this transaction has made, and when.

    :param reason: shown with an urgent change.
    :returns: how many deliveries were planned.
    """
    if weight is Weight.MINOR:
        return 0
    steps = versions.diffs(session, change)
    measures = [
        what
        async for step in steps
        if step.kind == "measure" and (what := changed(_measure(step.before), _measure(step.after)))
    ]
    names = topic_names((await versions.load(session, ("document", "sector")))[0])
    told = reason if weight is Weight.URGENT else ""
    made = await asyncio.to_thread(updates, change, measures, names, weight, told)
    return await announce(session, made, now, world.calendar, world.remind_at, world.zone, weight)


async def announce(
    session: AsyncSession,
    made: Sequence[Update],
    now: datetime,
    calendar: Calendar,
    remind_at: time,
    zone: ZoneInfo,
    weight: Weight = Weight.NORMAL,
) -> int:
    """Records updates and who gets them when, by each follower's cadence.

    :returns: how many deliveries were planned.
    """
    planned = 0
    everything = exists().where(col(SubscriptionRow.user) == col(SubscriberRow.user), col(SubscriptionRow.topic) == ALL)
    for update in made:
        occurrence = await occurrences.add(session, update.notice, now, update.topic)
        if occurrence is None:
            continue
        for cadence in Cadence:
            due = now if weight is Weight.URGENT else due_at(cadence, now, calendar, remind_at, zone)
            # Who follows everything is told once, by the update of everything.
            others = () if update.topic == ALL else (~everything,)
            planned += await occurrences.tell_followers(
                session,
                occurrence,
                (update.topic,),
                None,
                due,
                occurrences.of_cadence(cadence),
                *others,
                with_all=False,
            )
    return planned


def _measure(body: Mapping[str, Any] | None) -> Measure | None:
    return None if body is None else from_json(Measure, body)


async def audience(session: AsyncSession, topics: Collection[str]) -> int:
    """How many people would be told of a change that touches these topics."""
    if not topics:
        return 0
    follows = exists().where(
        col(SubscriptionRow.user) == col(SubscriberRow.user), col(SubscriptionRow.topic).in_({*topics, ALL})
    )
    people = select(func.count()).select_from(SubscriberRow).where(follows, *occurrences.willing())
    return await session.scalar(people) or 0
