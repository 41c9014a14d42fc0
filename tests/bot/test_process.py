"""Clients that hold connections: whoever sends the head of a request byte by byte is hung up on, and holds up nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot import process
from bot.process import bound, listening, port_of

HEAD = b"GET / HTTP/1.1\r\nHost: bot.example\r\nX-Padding: "
WHOLE = b"GET / HTTP/1.1\r\nHost: bot.example\r\n\r\n"
NEVER, SOON = 3600.0, 5.0  # s
CROWD = 100


@asynccontextmanager
async def service(monkeypatch: pytest.MonkeyPatch, silence: float, idle: float) -> AsyncIterator[int]:
    """The port of a service that is in a hurry."""
    monkeypatch.setattr(process, "SILENCE_SECONDS", silence)
    monkeypatch.setattr(process, "IDLE_SECONDS", idle)

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    address = bound("127.0.0.1", 0)
    async with listening(app, address):
        yield port_of(address)


async def is_hung_up_on(port: int, *first: bytes) -> bool:
    """Whether somebody is who sends whole requests, and then a head that never ends, a byte at a time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in first:
        writer.write(request)
        await reader.readuntil(b"hello")
    ended = asyncio.create_task(reader.read())
    began = time.monotonic()
    writer.write(HEAD)
    while not ended.done() and time.monotonic() < began + SOON:
        writer.write(b"x")
        await asyncio.wait([ended], timeout=0.02)
    writer.transport.abort()
    return ended.done()


async def test_a_crowd_that_never_ends_its_first_request_is_hung_up_on_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with service(monkeypatch, 0.3, NEVER) as port, asyncio.TaskGroup() as group:
        crowd = [group.create_task(is_hung_up_on(port)) for _ in range(CROWD)]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(WHOLE)
        assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"hello"), SOON)
        await asyncio.wait(crowd)
        writer.write(WHOLE)  # whoever sent a whole request keeps the connection
        assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"hello"), SOON)
        writer.close()
    assert all(task.result() for task in crowd)


async def test_somebody_who_never_ends_a_later_request_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with service(monkeypatch, NEVER, 0.5) as port:
        assert await is_hung_up_on(port, WHOLE, WHOLE)
