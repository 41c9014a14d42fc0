"""Running a web application as a process: listen, wait for a signal, drain."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

SHUTDOWN_SECONDS = 10.0  # for requests under way when the signal comes


class CannotListen(Exception):  # noqa: N818 - says what happened
    """The address is taken or not ours; one line for the operator."""


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serves the application inside the block, and drains it at the end.

    :returns: the port, which the system chose where 0 was asked for.
    :raises CannotListen: the address cannot be used.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handler_cancellation=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CannotListen(f"cannot listen on {host}:{port}: {reason}; set PILOTBOT_PORT to another port") from None
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def until_signalled() -> None:
    """Returns at SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
