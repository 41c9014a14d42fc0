"""Hearing at once of a new version of the knowledge that another process wrote, where the database can tell."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from bot.database import Database
from knowledge.errors import Unavailable
from knowledge.store.versions import CHANNEL

AGAIN_SECONDS = 5.0  # until the next attempt to listen

log = logging.getLogger("pilotbot.knowledge")


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
        while not self._database.path:
            try:
                async for _ in self._database.notifications(CHANNEL):
                    self._rung.set()
            except Unavailable as error:
                log.info("not told of new versions, and asking each second: %s", error)
            except Exception:
                log.exception("not told of new versions, and asking each second")
            await asyncio.sleep(AGAIN_SECONDS)
