"""Sends what is due: one call at a time, each claimed before it and settled after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from scheduler.delivery import Attempt, Batch

Send = Callable[[bytes], Awaitable[Attempt]]  # one call; never raises for what network or platform do


class Outbox(Protocol):
    """What is to be sent, shared by all processes. All of it raises Unavailable when the database does not answer."""

    async def next_due(self) -> datetime | None:
        """When the next call is due; None if nothing waits."""

    async def claim(self, now: datetime) -> Batch | None:
        """The next call, for this process alone; None if nothing is due, 0 attempts: ask again."""

    async def settle(self, batch: Batch, attempt: Attempt, now: datetime) -> None:
        """Records how the call ended."""


async def dispatch(
    outbox: Outbox, send: Send, now: Callable[[], datetime], on_step: Callable[[str], None] = lambda step: None
) -> int:
    """Sends until nothing is due.

    :param on_step: told 'claimed', 'accepted' and 'settled', for tests that end the process there.
    :returns: how many calls were made.
    :raises Unavailable: the database does not answer; what was claimed is tried again when its lease has ended.
    """
    calls = 0
    # Looked at before it is claimed: claiming takes the database's one writer, and mostly nothing is due.
    while (due := await outbox.next_due()) is not None and due <= now():
        batch = await outbox.claim(now())
        if batch is None:
            break
        if not batch.attempts:
            continue
        on_step("claimed")
        attempt = await send(batch.body)
        on_step("accepted")
        await outbox.settle(batch, attempt, now())
        on_step("settled")
        calls += 1
    return calls
