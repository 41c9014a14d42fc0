"""Sends what is due, each call claimed before it and settled after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from knowledge import trace
from scheduler.delivery import Attempt, Batch, Verdict

AT_ONCE = 8  # calls under way; the platform bears more, but tells only by its error 45033 how many

Send = Callable[[bytes], Awaitable[Attempt]]  # one call; never raises for what network or platform do

log = logging.getLogger("pilotbot.delivery")


class Outbox(Protocol):
    """What is to be sent, shared by all processes. All of it raises Unavailable when the database does not answer."""

    async def next_due(self) -> datetime | None:
        """When the next call is due; None if nothing waits."""

    async def claim(self, now: datetime) -> Batch | None:
        """The next call, for this process alone; None if nothing is due, 0 attempts: ask again."""

    async def settle(self, batch: Batch, attempt: Attempt, now: datetime) -> None:
        """Records how the call ended."""


class Gate:
    """How many calls may be under way: one at first, one more after each success, half as many after 'too many'.

    What stops all sending is so found out by a single call, unless it happens in the midst of many.
    """

    def __init__(self, most: int = AT_ONCE) -> None:
        self._most = most
        self.width = 1
        self.closed = False  # no call may begin any more

    def learn(self, verdict: Verdict) -> None:
        """From how a call ended."""
        if verdict is Verdict.RATE:
            self.width = max(self.width // 2, 1)
        elif verdict is Verdict.CONFIGURATION:
            self.width = 1
        elif verdict is Verdict.ACCEPTED:
            self.width = min(self.width + 1, self._most)


async def dispatch(
    outbox: Outbox,
    send: Send,
    now: Callable[[], datetime],
    on_step: Callable[[str], None] = lambda step: None,
    gate: Gate | None = None,
) -> int:
    """Sends until nothing is due, or the gate closes.

    Nothing is begun beside a call to many people: how it ends may stop all sending.

    :param on_step: told 'claimed', 'accepted' and 'settled', for tests that end the process there.
    :param gate: kept by the caller for the next time; None: a new one.
    :returns: how many calls were made.
    :raises Unavailable: the database does not answer; what was claimed is tried again when its lease has ended.
    """
    gate = gate or Gate()
    calls, batch = 0, None
    under_way: set[asyncio.Task[None]] = set()

    async def call(batch: Batch) -> None:
        trace.begin(batch.request)  # a task of its own, so that nothing else is taken for that request
        attempt = await send(batch.body)
        _note(batch, attempt)
        gate.learn(attempt.verdict)
        on_step("accepted")
        await outbox.settle(batch, attempt, now())
        on_step("settled")

    try:
        while (batch := await _next(outbox, now, gate, more=batch is not None)) or under_way:
            if batch is None:  # what a call comes to may be due at once
                await _one_ends(under_way)
                continue
            on_step("claimed")
            calls += 1
            under_way.add(asyncio.create_task(call(batch)))
            while len(under_way) >= (gate.width if batch.size == 1 else 1):
                await _one_ends(under_way)
    except asyncio.CancelledError:
        for task in under_way:
            task.cancel()
        raise
    finally:
        await asyncio.gather(*under_way, return_exceptions=True)  # their outcomes are recorded whatever else failed
    return calls


def _note(batch: Batch, attempt: Attempt) -> None:
    """One line for each attempt, without the message and without names."""
    fields = {
        "batch": batch.id,
        "attempt": batch.attempts,
        "people": batch.size,
        "verdict": attempt.verdict.value,
        "errcode": attempt.code,
    }
    words = "batch %s to %d: attempt %d %s"
    log.info(words, batch.id, batch.size, batch.attempts, attempt.verdict, extra={"fields": fields})


async def _next(outbox: Outbox, now: Callable[[], datetime], gate: Gate, more: bool) -> Batch | None:
    """:param more: there was something to be sent just now."""
    # Looked at before it is claimed: claiming takes the database's one writer, and mostly nothing is due.
    while not gate.closed and (more or await _is_due(outbox, now)):
        batch = await outbox.claim(now())
        if batch is None or batch.attempts:
            return batch
        more = False
    return None


async def _is_due(outbox: Outbox, now: Callable[[], datetime]) -> bool:
    due = await outbox.next_due()
    return due is not None and due <= now()


async def _one_ends(under_way: set[asyncio.Task[None]]) -> None:
    """:raises: what it raised."""
    done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        under_way.discard(task)
        task.result()
