"""Pauses of the sending, also where several calls end at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.database import Database
from scheduler.delivery import HoldKind
from scheduler.retry import Pause
from scheduler.store import holds

NOW = datetime(2032, 3, 1, 2, 0, tzinfo=UTC)


def pause(minutes: int = 1) -> Pause:
    return Pause(HoldKind.RATE, f"wait {minutes}", NOW + timedelta(minutes=minutes))


async def held(database: Database, minutes: int = 1) -> bool:
    async with database.transaction() as session:
        return await holds.hold(session, pause(minutes), NOW + timedelta(seconds=minutes))


async def test_of_calls_that_end_at_once_one_begins_the_pause_and_all_count(database: Database) -> None:
    async with database.transaction() as session:
        assert await holds.hold(session, pause(), NOW)
        other = asyncio.create_task(held(database))
        await asyncio.sleep(0.1)  # it has looked, and found nothing that is committed
    assert await other is False
    async with database.session() as session:
        assert (await holds.holds(session))[HoldKind.RATE].times == 2


async def test_a_pause_is_prolonged_and_keeps_its_beginning(database: Database) -> None:
    assert await held(database)
    assert not await held(database, 5)
    async with database.session() as session:
        found = (await holds.holds(session))[HoldKind.RATE]
    assert (found.since, found.until, found.reason) == (NOW + timedelta(seconds=1), pause(5).until, "wait 5")
