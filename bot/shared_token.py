"""One access token for all replicas: the platform counts how often it is asked for one, and may end the earlier ones."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot.database import Database
from handlers.store import tokens
from knowledge.errors import Unavailable

log = logging.getLogger("pilotbot.wecom")


class SharedToken:
    """`bot.wecom.client.TokenShelf` over the database."""

    def __init__(self, database: Database, *app: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """
        :param app: what the token belongs to, its secret included, so that a new secret begins anew.
        :param now: the machine's time, whatever the service believes it is.
        """
        self._database = database
        self._app = sha256("\n".join(app).encode()).hexdigest()
        self._now = now

    async def read(self) -> tuple[str, float] | None:
        """The newest token and the seconds for which it may still be used."""
        try:
            async with self._database.session() as session:
                found = await tokens.read(session, self._app)
        except Unavailable as error:
            log.warning("the shared token cannot be read: %s", error)
            return None
        return (found[0], (found[1] - self._now()).total_seconds()) if found else None

    async def write(self, token: str, seconds: float) -> None:
        """Keeps a new token; where that fails, the others fetch their own."""
        try:
            async with self._database.transaction() as session:
                await tokens.write(session, self._app, token, self._now() + timedelta(seconds=seconds))
        except Unavailable as error:
            log.warning("the token cannot be shared: %s", error)
