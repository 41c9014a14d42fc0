"""Telling followers of a change of the knowledge, inside the caller's transaction: change and updates are one."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
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
from scheduler.updates import Changed, Update, Weight, changed, due_at, topic_names, updates


async def announce_change(
    session: AsyncSession,
    change: int,
    weight: Weight,
    reason: str,
    now: datetime,
    world: World,
    *conditions: ColumnElement[bool],
) -> int:
    """Records who is told of a change of the knowledge that this transaction has made, and when.

    :param reason: shown with an urgent change.
    :param conditions: of the followers who are told.
    :returns: how many deliveries were planned.
    """
    if weight is Weight.MINOR:
        return 0
    measures = await changed_by(session, change)
    reason = reason if weight is Weight.URGENT else ""
    made = await asyncio.to_thread(updates, change, measures, await names(session), weight, reason, at=world.shown(now))
    return await announce(session, made, now, world, weight, *conditions)


async def changed_by(session: AsyncSession, change: int) -> list[Changed]:
    """What a change means for those who follow."""
    return [
        what
        async for step in versions.diffs(session, change)
        if step.kind == "measure" and (what := changed(_measure(step.before), _measure(step.after)))
    ]


async def names(session: AsyncSession) -> dict[str, str]:
    """Topic -> what people call it."""
    return topic_names((await versions.load(session, ("document", "sector")))[0])


async def announce(
    session: AsyncSession,
    made: Sequence[Update],
    now: datetime,
    world: World,
    weight: Weight = Weight.NORMAL,
    *conditions: ColumnElement[bool],
) -> int:
    """Records updates and who gets them when, by each follower's cadence.

    :param conditions: of the followers who are told.
    :returns: how many deliveries were planned.
    """
    planned = 0
    for update in made:
        occurrence = await occurrences.add(session, update.notice, now, update.topic)
        if occurrence is not None:
            # Who follows everything is told once, by the update of everything.
            others = () if update.topic == ALL else (~_follows_all(),)
            planned += await tell(
                session, occurrence, update.topic, now, world, weight, *others, *conditions, with_all=False
            )
    return planned


async def tell(
    session: AsyncSession,
    occurrence: int,
    topic: str,
    now: datetime,
    world: World,
    weight: Weight,
    *conditions: ColumnElement[bool],
    with_all: bool,
) -> int:
    """Lists the followers of a topic, each at the time that their cadence gives.

    :param with_all: also those who follow everything.
    :returns: how many.
    """
    planned = 0
    for cadence in Cadence:
        due = now if weight is Weight.URGENT else due_at(cadence, now, world.calendar, world.remind_at, world.zone)
        of_cadence = occurrences.of_cadence(cadence)
        planned += await occurrences.tell_followers(
            session, occurrence, (topic,), None, due, of_cadence, *conditions, with_all=with_all
        )
    return planned


def _follows_all() -> ColumnElement[bool]:
    return exists().where(col(SubscriptionRow.user) == col(SubscriberRow.user), col(SubscriptionRow.topic) == ALL)


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
