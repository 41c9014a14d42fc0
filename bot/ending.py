"""Ending what goes on in the background."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

AGAIN_SECONDS = 0.2  # until a task that goes on is cancelled once more

log = logging.getLogger("pilotbot.background")


async def ended(*tasks: asyncio.Task[Any], again: float = AGAIN_SECONDS) -> None:
    """Cancels tasks until they have ended, whatever they end with; an error is logged.

    Once is not enough: a cancellation inside a call of the database can come out as an error of its driver, which a
    loop that outlives outages takes for one, and goes on.
    """
    while going_on := [task for task in tasks if not task.done()]:
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on, timeout=again)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            log.error("%s ended with an error", task.get_name(), exc_info=error)
