"""A line to a server that fails on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cable:
    """A TCP line to a server that can be cut, with all that goes over it, or go silent."""

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._ends: set[asyncio.StreamWriter] = set()
        self._whole = True
        self._heard = asyncio.Event()  # unless the line is silent
        self._heard.set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[int]:
        """The port at this end."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            self.mend()  # or whoever waits for the line to speak would wait for ever
            self.cut()
            server.close()

    def cut(self) -> None:
        self._whole = False
        for end in self._ends:
            end.transport.abort()

    def silence(self) -> None:
        """Nothing arrives any more, and nobody is told; what was sent meanwhile arrives when it is mended."""
        self._heard.clear()

    def mend(self) -> None:
        self._whole = True
        self._heard.set()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        try:
            far_reader, far = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, far}
        await asyncio.gather(self._pump(reader, far), self._pump(far_reader, writer))
        self._ends -= {writer, far}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._heard.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.transport.abort()
