"""The knowledge that the service answers from: loaded at start, swapped whole when the database has a newer version."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from bot import memory
from bot.database import Database
from bot.forever import forever
from knowledge import pack
from knowledge.changes import ChangeKind, pack_changes
from knowledge.errors import Unavailable
from knowledge.letting_go import let_go
from knowledge.library import LARGE, Library
from knowledge.model import Pack
from knowledge.postings import Keep
from knowledge.store import snapshots, versions
from knowledge.store.snapshots import Snapshot

PATIENCE_SECONDS = 2.0  # for whoever wrote and waits to see it
TOLD_EVERY = 10_000  # entries
POLL_SECONDS = 1.0  # how soon an edit made by another process is seen
QUIET_LOOKS = 10  # without news, after which there is time to keep the index for a restart

log = logging.getLogger("pilotbot.knowledge")


async def seed(database: Database, now: datetime) -> None:
    """Gives an empty database what the package ships."""
    async with database.transaction() as session:
        if not await versions.version(session):
            changes = pack_changes(Pack(), pack.shipped())
            await versions.apply(session, changes, "pilotbot", ChangeKind.SEED, "", now)


def _progress(total: int) -> Callable[[int], None]:
    """Logs how far building has come, for knowledge so large that somebody waits for it."""

    def tell(read: int) -> None:
        if total >= LARGE and read % TOLD_EVERY == 0:
            log.info("building the index: %d of %d entries read", read, total)

    return tell


class LiveLibrary:
    """Call it for the library as of now."""

    def __init__(self, database: Database, clock: Callable[[], datetime], keep: Keep | None = None) -> None:
        """:param keep: where the index of a large one is kept."""
        self._database = database
        self._keep = keep
        self._clock = clock
        self._current: Library | None = None
        self._snapshot: Snapshot | None = None  # what the current one was built of
        self._built_at: datetime | None = None
        self._one_at_a_time = asyncio.Lock()  # building takes a core
        self._quiet = 0  # looks without news

    def __call__(self) -> Library:
        """:raises Unavailable: nothing was loaded yet."""
        if self._current is None:
            raise Unavailable("the knowledge is not loaded yet")
        return self._current

    def now(self) -> datetime:
        """As the service's clock has it."""
        return self._clock()

    @property
    def age(self) -> float:
        """Seconds since what answers now was built; 0 before."""
        return (self._clock() - self._built_at).total_seconds() if self._built_at else 0.0

    async def open(self) -> None:
        """Loads the knowledge; an empty database first gets what the package ships."""
        await seed(self._database, self._clock())
        await self.refresh()

    async def refresh(self) -> None:
        """Swaps in the newest version if there is one. The old one answers until the new one is built."""
        async with self._one_at_a_time:
            await self._refresh()

    async def catch_up(self) -> None:
        """Refreshes so that whoever wrote reads what was written; not for longer than is polite, since it goes on."""
        with suppress(TimeoutError, Unavailable):
            await asyncio.wait_for(asyncio.shield(self.refresh()), PATIENCE_SECONDS)

    async def _refresh(self) -> None:
        async with self._database.session() as session:
            if self._snapshot and await snapshots.newest(session) == (self._snapshot.version, self._snapshot.made):
                return
            found = await snapshots.take(session, self._snapshot)
        known, progress = self._current, _progress(len(found.pack.measures))
        built = await asyncio.to_thread(Library, found.pack, found.version, self._keep, progress, known)
        old = known.leaves() if known else []
        del known
        self._current, self._snapshot, self._quiet = built, found, 0
        memory.settle()
        await asyncio.to_thread(let_go, old)
        await asyncio.to_thread(memory.give_back)
        self._built_at = self._clock()
        log.info("answering from version %d: %d measures", found.version, len(built.active))

    async def follow(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Refreshes for ever.

        :param pause: waits so many seconds, or less where there is news.
        """
        await forever("the knowledge stays as it is", partial(self._look, pause), 0.0, POLL_SECONDS)

    async def _look(self, pause: Callable[[float], Awaitable[None]]) -> None:
        await pause(POLL_SECONDS)
        await self.refresh()
        self._quiet += 1
        if self._quiet == QUIET_LOOKS:
            await self._save()

    async def _save(self) -> None:
        """Keeps the index of a large library that was made of an older one."""
        if self._keep and self._current and not self._current.is_kept:
            await asyncio.to_thread(self._current.save, self._keep)
