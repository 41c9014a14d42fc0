"""Telling followers of a change of the knowledge, inside the caller's transaction: change and updates are one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import exists
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.delivery import Cadence
from scheduler.store import occurrences
from scheduler.store.followers import ALL
from scheduler.tables import SubscriberRow, SubscriptionRow
from scheduler.updates import Update, Weight, due_at
from scheduler.workdays import Calendar


async def announce(
    session: AsyncSession,
    updates: Sequence[Update],
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
    for update in updates:
        occurrence = await occurrences.add(session, update.notice, now, update.topic)
        if occurrence is None:
            continue
        for cadence in Cadence:
            due = now if weight is Weight.URGENT else due_at(cadence, now, calendar, remind_at, zone)
            # Who follows everything is told once, by the update of everything.
            others = () if update.topic == ALL else (~everything,)
            planned += await occurrences.tell_followers(
                session, occurrence, (update.topic,), now, due, occurrences.of_cadence(cadence), *others, with_all=False
            )
    return planned
