"""Running a web application as a process: bind, listen, wait for a signal, drain."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

TURN_SECONDS = 0.0002  # Python's own is 0.005
SILENCE_SECONDS = 20.0  # a new connection must have sent its first request by then
IDLE_SECONDS = 75.0  # between two requests of a connection; proxies keep theirs for less
BACKLOG = 2048  # connections that wait to be accepted: what finds no room tries again only a second later
SHUTDOWN_SECONDS = 8.0  # for requests under way when the signal comes

log = logging.getLogger("pilotbot.service")


class CannotListen(Exception):  # noqa: N818 - says what happened
    """The address is taken or not ours; one line for the operator."""


def take_short_turns() -> None:
    """Threads that compute give way to the event loop at once. Each step of a request waits for that while an import is read
    or an index built; they take no longer for it. Whoever waits also loses the lock to a thread that gives it up for less
    than this and takes it again, as unpacking a workbook does: with a millisecond the loop was held for 0.1 s now and then.
    """
    sys.setswitchinterval(TURN_SECONDS)


def bound(host: str, port: int) -> socket.socket:
    """A socket on the address, not listening yet; port 0 lets the system choose.

    :raises CannotListen: the address cannot be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot(host, port, error) from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _cannot(host, port, error) from None
    return bound


def port_of(bound: socket.socket) -> int:
    """The port that a bound socket has."""
    return int(bound.getsockname()[1])


@asynccontextmanager
async def listening(app: web.Application, on: socket.socket) -> AsyncIterator[None]:
    """Serves the application inside the block, and drains it at the end."""
    heard: set[web.RequestHandler] = set()  # connections that sent a request

    async def hear(request: web.Request, _: web.StreamResponse) -> None:
        heard.add(request.protocol)

    app.on_response_prepare.append(hear)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS / 2,  # aiohttp waits for it twice
        handler_cancellation=False,
        keepalive_timeout=IDLE_SECONDS,
    )
    await runner.setup()
    sweeper = asyncio.create_task(_drop_silent(runner, heard))
    try:
        await web.SockSite(runner, on, backlog=BACKLOG).start()
        yield
    finally:
        sweeper.cancel()
        await runner.cleanup()


async def _drop_silent(runner: web.AppRunner, heard: set[web.RequestHandler]) -> None:
    """Closes connections that never sent a whole request: aiohttp itself would hold them for ever."""
    known: set[web.RequestHandler] = set()  # those of the last look
    while runner.server is not None:
        open_ = set(runner.server.connections)
        heard &= open_
        for connection in open_ & known - heard:
            connection.force_close()
        known = open_
        await asyncio.sleep(SILENCE_SECONDS)


async def until_signalled() -> None:
    """Returns at SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def end_within(seconds: float) -> None:
    """Ends the process by then, with status 1, whatever it still waits for: neither a thread nor a database that hangs
    can be relied on to end by itself.
    """
    watchdog = threading.Timer(seconds, _end)
    watchdog.daemon = True
    watchdog.start()


def _end() -> None:
    last = threading.Timer(1.0, os._exit, (1,))  # should not even the log take anything any more
    last.daemon = True
    last.start()
    log.error("something would not end in time")
    os._exit(1)


def _cannot(host: str, port: int, error: OSError) -> CannotListen:
    reason = (error.strerror or str(error)).lower()
    return CannotListen(f"cannot listen on {host}:{port}: {reason}; PILOTBOT_HOST and PILOTBOT_PORT choose the address")
