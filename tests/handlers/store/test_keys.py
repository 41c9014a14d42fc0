"""Secret keys in the database."""

from __future__ import annotations

import asyncio

from bot.database import Database
from handlers.store import keys


async def test_a_key_is_made_once_and_stays(database: Database) -> None:
    first = await asyncio.gather(*(_key(database, "cookies") for _ in range(5)))
    assert len(set(first)) == 1
    assert len(first[0]) == keys.SIZE
    assert await _key(database, "cookies") == first[0]


async def test_each_name_has_a_key_of_its_own(database: Database) -> None:
    assert await _key(database, "cookies") != await _key(database, "calendars")


async def _key(database: Database, name: str) -> bytes:
    async with database.transaction() as session:
        return await keys.get_or_create(session, name)
