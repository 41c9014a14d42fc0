"""One process's part in planning and sending, and the ticker that drives it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from knowledge.errors import Unavailable
from scheduler import dispatcher
from scheduler.dispatcher import Gate, Send, dispatch
from scheduler.retry import CLOCK_SLACK

TICK = timedelta(seconds=1)
PATIENCE = 12.0  # seconds; longer than a call may take
NO_PROGRESS = timedelta(minutes=1)  # how far to step where what is due has to wait

log = logging.getLogger("pilotbot.scheduler")


class Planner(Protocol):
    """Turns the passing of time into deliveries."""

    @property
    def wake(self) -> datetime | None:
        """The next instant at which something is due, as far as `run` has looked."""

    async def run(self, now: datetime) -> bool:
        """Records what is due; whether there was anything to tell."""


class Outbox(dispatcher.Outbox, Protocol):
    """What is to be sent, as an engine needs it."""

    async def put_right(self, now: datetime) -> None:
        """Whatever was recorded later than now was recorded by a clock that was ahead."""


class Engine:
    """Plans and sends. Each process has one, and none is special."""

    def __init__(
        self,
        planner: Planner,
        outbox: Outbox,
        send: Send,
        clock: Callable[[], datetime],
        *,
        begins: datetime | None = None,
        on_step: Callable[[str], None] = lambda step: None,
    ) -> None:
        """
        :param begins: from where `step_through` works through time at first; None: from its first call.
        :param on_step: told 'planned' and what `dispatch` tells, for tests that end the process there.
        """
        self._planner = planner
        self._outbox = outbox
        self._send = send
        self._gate = Gate()
        self._clock = clock
        self._on_step = on_step
        self._at = begins  # how far time has been worked through
        self._idle = asyncio.Lock()  # held while at work

    async def begin(self) -> None:
        """Plans without sending: what is noted before anybody can follow it cannot be missed unnoticed.

        :raises Unavailable: the database does not answer.
        """
        async with self._idle:
            await self._planner.run(self._at or self._clock())

    async def run(self) -> None:
        """What is due now.

        :raises Unavailable: the database does not answer.
        """
        await self._up_to(self._clock(), self._clock)

    async def step_through(self) -> None:
        """What was due since the last time, each at its own instant, as if time had passed slowly.

        For clocks that run fast, with which everything would seem to be missed.
        """
        now = self._clock()
        at = self._at
        while at is not None and at <= now and not self._gate.closed:
            async with self._idle:
                await self._once(partial(_same, at))
            at = await self._next(at)
        await self._up_to(now, partial(_same, now))  # by the clock months may have passed meanwhile

    async def advance(self, until: datetime, move: Callable[[datetime], None]) -> None:
        """Lets time pass until then: the clock is put to each due instant in turn, as if time had passed slowly.

        :param until: an instant before now puts the clock back, and nothing is due on the way.
        :param move: puts the clock that this engine was given.
        :raises Unavailable: the database does not answer; the clock stays where it got to.
        """
        async with self._idle:
            await self._once(self._clock)
            while (due := await self._next(self._clock())) is not None and due <= until:
                move(due)
                await self._once(self._clock)
            move(until)
            self._at = until
            await self._once(self._clock)

    async def next_due(self) -> datetime | None:
        """The next instant at which something is due; None if nothing is."""
        return await self._next(self._clock())

    async def rest(self, patience: float = PATIENCE) -> None:
        """Begins no more calls, and waits for those under way, so that their outcome is recorded; for a shutdown.

        :param patience: seconds after which they are left to their leases.
        """
        self._gate.closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._idle.acquire()

    async def _up_to(self, now: datetime, clock: Callable[[], datetime]) -> None:
        async with self._idle:
            if self._at is None or now + CLOCK_SLACK < self._at:
                await self._outbox.put_right(now)
            self._at = now
            await self._once(clock)

    async def _next(self, at: datetime) -> datetime | None:
        """The next instant at which something is due, after `at`."""
        ahead = [due for due in (self._planner.wake, await self._outbox.next_due()) if due]
        return max(min(ahead), at + NO_PROGRESS) if ahead else None

    async def _once(self, now: Callable[[], datetime]) -> None:
        if await self._planner.run(now()):
            self._on_step("planned")
        await dispatch(self._outbox, self._send, now, self._on_step, self._gate)


@asynccontextmanager
async def ticking(engine: Engine, *, fast: bool = False) -> AsyncIterator[None]:
    """Runs the engine every second inside the block; a run that takes longer swallows the ticks that it misses.

    :param fast: the clock runs faster than time, so that each due instant is visited.
    """
    ticker = AsyncIOScheduler(timezone="UTC")
    job = engine.step_through if fast else engine.run
    every = IntervalTrigger(seconds=int(TICK.total_seconds()))
    ticker.add_job(_guarded, every, [job], coalesce=True, max_instances=1, misfire_grace_time=None)
    await _guarded(engine.begin)
    ticker.start()
    try:
        yield
    finally:
        ticker.pause()
        await engine.rest()
        ticker.shutdown(wait=False)


def _same(at: datetime) -> datetime:
    return at


async def _guarded(job: Callable[[], Awaitable[None]]) -> None:
    """The ticker outlives every failure; what is due stays due."""
    try:
        await job()
    except Unavailable as error:
        log.warning("deliveries wait: %s", error)
    except Exception:
        log.exception("deliveries wait")
