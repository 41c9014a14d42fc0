"""A small, fast load generator for the callback: sealed on the fly, raw HTTP/1.1 over kept connections."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import quote

from bot.wecom.crypto import PREFIX, Envelope
from handlers import router
from knowledge import pack
from knowledge.library import Library
from knowledge.normalise import fold

QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"
LIMIT = 20_000  # connections at once
BURST = 50  # requests sent before answers are read
PATIENCE = 30.0  # s after which a request counts as lost


@dataclass(frozen=True, slots=True)
class App:
    """The account whose callback is called."""

    corp_id: str = "wwbench0123456789"
    agent_id: int = 1000002
    secret: str = "s" * 43
    token: str = "t" * 24
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

    def environment(self, port: int, api_base: str) -> dict[str, str]:
        """What `pilotbot serve` needs."""
        return {
            "PILOTBOT_WECOM_CORP_ID": self.corp_id,
            "PILOTBOT_WECOM_AGENT_ID": str(self.agent_id),
            "PILOTBOT_WECOM_SECRET": self.secret,
            "PILOTBOT_WECOM_TOKEN": self.token,
            "PILOTBOT_WECOM_AES_KEY": self.aes_key,
            "PILOTBOT_WECOM_API_BASE": api_base,
            "PILOTBOT_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PILOTBOT_PORT": str(port),
        }


APP = App()


def questions(path: Path = QUESTIONS) -> list[str]:
    """The texts of a labelled set."""
    return [json.loads(line)["q"] for line in path.read_text("utf-8").splitlines() if line.strip()]


def only_questions() -> list[str]:
    """Those in which no command is read: one needs the database, and leaves no question in the journal."""
    library = Library(pack.shipped())
    return [text for text in questions() if router.command(fold(text), library) is None]


class Messages:
    """Requests of unique people with unique ids, each sealed when it is asked for."""

    def __init__(
        self,
        texts: list[str],
        start: int = 1,
        app: App = APP,
        clock: Callable[[], float] = time.time,
        distinct: bool = False,
    ) -> None:
        """
        :param clock: seconds since 1970, as the platform has it.
        :param distinct: a number makes every text another one.
        """
        self._clock = clock
        self.texts = texts
        self._distinct = distinct
        self._app = app
        self._envelope = Envelope(app.token, app.aes_key, app.corp_id)
        self.number = start

    def next(self) -> bytes:
        """The next request, as bytes on the wire."""
        self.number += 1
        text = self.texts[self.number % len(self.texts)]
        return self.request(self.number, f"{text} {self.number}" if self._distinct else text)

    def request(self, number: int, text: str, user: str = "") -> bytes:
        """A text message, of a person who is named after its number unless another is given."""
        now = str(int(self._clock()))
        plain = (
            f"<xml><ToUserName><![CDATA[{self._app.corp_id}]]></ToUserName>"
            f"<FromUserName><![CDATA[{user or f'user{number}'}]]></FromUserName><CreateTime>{now}</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text.replace(']]>', '')}]]></Content>"
            f"<MsgId>{number}</MsgId><AgentID>{self._app.agent_id}</AgentID></xml>"
        ).encode()
        sealed = self._envelope.seal(plain, now, str(number), number.to_bytes(PREFIX, "big"))
        body = (
            f"<xml><ToUserName><![CDATA[{self._app.corp_id}]]></ToUserName>"
            f"<AgentID><![CDATA[{self._app.agent_id}]]></AgentID>"
            f"<Encrypt><![CDATA[{sealed.encrypted}]]></Encrypt></xml>"
        )
        query = f"msg_signature={sealed.signature}&timestamp={now}&nonce={quote(str(number))}"
        head = (
            f"POST /wecom/callback?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (head + body).encode()


@dataclass
class Tally:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)  # '200', '200 empty', '503', 'reset', 'lost'
    latencies: list[float] = field(default_factory=list)  # s, of those that were answered
    seconds: float = 0.0  # how long the run took

    def add(self, outcome: str, latency: float) -> None:
        self.statuses[outcome] += 1
        self.latencies.append(latency)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def server_errors(self) -> int:
        return sum(number for status, number in self.statuses.items() if status.startswith("5"))

    def percentile(self, share: float) -> float:
        """In ms."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else float("nan")


class _Connection(asyncio.Protocol):
    """One kept connection: a request at a time."""

    def __init__(self, done: Callable[[_Connection, str, float], None]) -> None:
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self._busy = False
        self._need = -1  # bytes of the whole answer; -1: its head is not there yet
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes, due: float) -> None:
        """:param due: when it should have been sent, so that a late generator is not counted as a fast server."""
        self._buffer, self._need, self._busy, self._sent_at = b"", -1, True, due
        if self.transport is None or self.transport.is_closing():
            self._finish("reset")
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._need < 0 and (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            self._need = end + 4 + length
        if 0 <= self._need <= len(self._buffer):
            status = self._buffer[9:12].decode()
            empty = self._buffer.endswith(b"\r\n\r\n")
            self._finish(f"{status} empty" if empty else status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish("reset")

    def _finish(self, outcome: str) -> None:
        if self._busy:
            self._busy = False
            self._done(self, outcome, time.perf_counter() - self._sent_at)


async def closed_loop(port: int, messages: Messages, connections: int, seconds: float) -> Tally:
    """As many requests as the server takes on so many connections."""
    loop, tally, end = asyncio.get_running_loop(), Tally(), time.perf_counter() + seconds
    left, finished = connections, loop.create_future()

    def done(connection: _Connection, outcome: str, latency: float) -> None:
        nonlocal left
        tally.add(outcome, latency)
        if outcome != "reset" and time.perf_counter() < end:
            connection.send(messages.next(), time.perf_counter())
            return
        left -= 1
        if not left:
            finished.set_result(None)

    open_ = [
        (await loop.create_connection(lambda: _Connection(done), "127.0.0.1", port))[1] for _ in range(connections)
    ]
    started = time.perf_counter()
    for connection in open_:
        connection.send(messages.next(), time.perf_counter())
    await finished
    tally.seconds = time.perf_counter() - started
    _close(open_)
    return tally


async def open_loop(port: int, messages: Messages, rate: float, seconds: float) -> Tally:
    """Requests at a steady rate, however slow the answers are; each waits for its answer on a connection of its own."""
    load = _OpenLoop(port, messages)
    started = time.perf_counter()
    for together in _due_together(started, rate, seconds):
        for due in together:
            load.send(due)
        # Also when late: answers are to be read.
        await asyncio.sleep(max(together[-1] + 1 / rate - time.perf_counter(), 0))
    load.tally.seconds = time.perf_counter() - started
    await load.close()
    return load.tally


class _OpenLoop:
    """As many connections as there are requests without an answer."""

    def __init__(self, port: int, messages: Messages) -> None:
        self.tally = Tally()
        self._port = port
        self._messages = messages
        self._idle: list[_Connection] = []
        self._every: list[_Connection] = []
        self._opening: set[asyncio.Task[None]] = set()  # keeps them from being collected
        self._pending = 0

    def send(self, due: float) -> None:
        """:param due: as for a connection."""
        if self._pending >= LIMIT:
            self.tally.statuses["not sent"] += 1
            return
        self._pending += 1
        if self._idle:
            self._idle.pop().send(self._messages.next(), due)
        else:
            self._opening.add(task := asyncio.create_task(self._connect_and_send(due)))
            task.add_done_callback(self._opening.discard)

    async def close(self) -> None:
        """What has no answer after PATIENCE is lost."""
        until = time.perf_counter() + PATIENCE
        while self._pending and time.perf_counter() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.tally.statuses["lost"] += self._pending
        _close(self._every)

    async def _connect_and_send(self, due: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection = (await loop.create_connection(lambda: _Connection(self._done), "127.0.0.1", self._port))[1]
        except OSError:
            self._pending -= 1
            self.tally.statuses["refused"] += 1
            return
        self._every.append(connection)
        connection.send(self._messages.next(), due)

    def _done(self, connection: _Connection, outcome: str, latency: float) -> None:
        self._pending -= 1
        self.tally.add(outcome, latency)
        if outcome != "reset":
            self._idle.append(connection)


def _due_together(started: float, rate: float, seconds: float) -> Iterator[list[float]]:
    """The instants that have come when the next are asked for, BURST at most: one pass of the loop for each costs too much."""
    sent, total = 0, int(rate * seconds)
    while sent < total:
        due = min(max(int((time.perf_counter() - started) * rate), sent + 1), sent + BURST, total)
        yield [started + number / rate for number in range(sent, due)]
        sent = due


def _close(connections: list[_Connection]) -> None:
    for connection in connections:
        if connection.transport:
            connection.transport.close()
