"""The demo's time: jumps and runs fast, through every instant at which something is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, time, timedelta

from bot.clock import Movable
from bot.demo.control import FIRST, LAST, Mark, TimeState
from bot.ending import ended
from bot.forever import forever
from knowledge.errors import Unavailable
from scheduler.engine import Engine
from scheduler.store.planning import Planner

STEP_SECONDS = 0.25  # between moves of a clock that runs fast
FASTEST = 7 * 86400.0  # s in a second
EARLIEST = datetime.combine(datetime.fromisoformat(FIRST), time(), UTC)
LATEST = datetime.combine(datetime.fromisoformat(LAST), time(), UTC) + timedelta(days=1)

log = logging.getLogger("pilotbot.demo")


class TimeMachine:
    """`bot.demo.control.TimeControl` over the clock and the engine of the service."""

    def __init__(
        self, clock: Movable, engine: Engine, planner: Planner, marks: Callable[[], Sequence[Mark]], rate: float = 1.0
    ) -> None:
        """:param rate: seconds that pass in a real one; above 1 the clock moves in steps."""
        self._clock = clock
        self._engine = engine
        self._planner = planner
        self._marks = marks
        self._rate = rate
        self._tell: Callable[[TimeState], None] = lambda state: None
        self._turn = asyncio.Lock()  # one move at a time
        self._moving = False

    def watch(self, tell: Callable[[TimeState], None]) -> None:
        """`tell` hears of every change, and of where time is now."""
        self._tell = tell

    async def jump(self, to: datetime) -> None:
        """To any instant between 2020 and 2030, or as near to it as that allows."""
        async with self._turn:
            await self._move(min(max(to, EARLIEST), LATEST))

    async def next(self) -> None:
        """To the next instant at which something is due; nowhere if nothing is."""
        async with self._turn:
            if due := await self._engine.next_due():
                await self._move(min(due, LATEST))

    async def run_at(self, rate: float) -> None:
        """How many seconds pass in a real one from now on, 1 at least."""
        self._rate = min(max(rate, 1.0), FASTEST)
        await self.publish()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The clock runs inside the block."""
        runner = asyncio.create_task(forever("time stands", self._step, STEP_SECONDS))
        await self.publish()
        try:
            yield
        finally:
            await ended(runner)

    async def _step(self) -> None:
        if self._rate <= 1.0:
            return
        async with self._turn:
            to = self._clock() + timedelta(seconds=STEP_SECONDS * self._rate)
            self._rate = self._rate if to < LATEST else 1.0
            await self._move(min(to, LATEST))

    async def _move(self, to: datetime) -> None:
        """Forwards through what is due; backwards with what was only skipped open again."""
        self._moving = True
        try:
            if to < self._clock():
                self._put(to)  # first, so that nothing is skipped again meanwhile
                await self._planner.rewind(to)
            await self._engine.advance(to, self._put)
        except Unavailable as error:
            log.warning("time stands at %s: %s", self._clock(), error)
        finally:
            self._moving = False
        await self.publish()

    def _put(self, at: datetime) -> None:
        self._clock.put(at)
        self._tell(TimeState(at, self._rate, self._moving, None, tuple(self._marks())))

    async def publish(self) -> None:
        """Has the watcher hear where time is now."""
        due = None
        with suppress(Unavailable):
            due = await self._engine.next_due()
        self._tell(TimeState(self._clock(), self._rate, self._moving, due, tuple(self._marks())))
