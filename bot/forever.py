"""Work in the background that outlives whatever happens to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from knowledge.errors import Unavailable

log = logging.getLogger("pilotbot.background")


async def forever(
    name: str, step: Callable[[], Awaitable[object]], pause: float, after_failure: float | None = None
) -> NoReturn:
    """Takes the step again and again. An error is logged, with its traceback where nobody foresaw it.

    :param name: for the log: what is not done meanwhile.
    :param pause: seconds between two steps.
    :param after_failure: the same after an error, where it differs.
    """
    while True:
        wait = pause
        try:
            await step()
        except Exception as error:
            foreseen = isinstance(error, Unavailable)
            log.log(logging.WARNING if foreseen else logging.ERROR, "%s: %s", name, error, exc_info=not foreseen)
            wait = pause if after_failure is None else after_failure
        await asyncio.sleep(wait)
