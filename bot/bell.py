"""Hearing at once of a new version of the knowledge that another process wrote, where the database can tell."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.database import Database
from bot.forever import forever
from knowledge.store.versions import CHANNEL

AGAIN_SECONDS = 5.0  # until the next attempt to listen


class Bell:
    """Rings for a new version. It is silent on SQLite and while its connection is down: whoever waits looks by itself too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Returns when it rang, and after so many seconds at the latest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()

    async def listen(self) -> None:
        """For ever, where there is something to listen to."""
        if not self._database.path:
            await forever("not told of new versions, and asking each second", self._listen, AGAIN_SECONDS)

    async def _listen(self) -> None:
        async for _ in self._database.notifications(CHANNEL):
            self._rung.set()
