"""The callback's throughput beside a bare server that only decrypts and answers a fixed text.

    python -m benchmarks.callback [--seconds 10] [--rounds 3] [--overload 60] [--database URL] [--json]

Each server runs alone on one core, this generator on another one; rounds alternate, and the medians count. The ratio is
that of the questions of a labelled set, asked again and again by ever other people, so that what was found for them
before comes from memory, as with the questions that many people have. The line `distinct` tells what is left where no
question is ever asked twice, and each is looked up anew. Then
pilotbot gets half of its capacity (for the latency) and twice its capacity in an open loop: what is not answered
within 4 s must get an empty 200 and its answer by push, and nothing may fail. Pushing takes its time: what is not pushed
after `--drain` seconds is told, and a failure if pushing has come to a halt. Exit status 1 if something fails.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from benchmarks.load import APP, Messages, Tally, closed_loop, open_loop, questions
from bot.process import bound, listening, port_of

CONNECTIONS = 32
WARM_UP = 2.0  # s
DISTINCT_FROM = 10**9  # ids of messages, far from the others'
READY_SECONDS = 60.0
LATE = 4.9  # s: what the platform still hears
HALT = 30.0  # s without a push


class Platform:
    """Just enough of the platform's API to be pushed to."""

    def __init__(self) -> None:
        self.pushed: set[str] = set()
        self.twice = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/cgi-bin/gettoken", self._token)
        app.router.add_post("/cgi-bin/message/send", self._send)
        return app

    async def _token(self, _: web.Request) -> web.Response:
        return web.json_response({"errcode": 0, "errmsg": "ok", "access_token": "t", "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        for user in (await request.json())["touser"].split("|"):
            self.twice += user in self.pushed
            self.pushed.add(user)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": "m"})


@contextmanager
def process(command: list[str], environment: dict[str, str], core: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server on one core."""
    with log.open("ab") as output:
        started = subprocess.Popen(  # noqa: S603
            command, env={**os.environ, **environment}, stdout=output, stderr=output, cwd=log.parent,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )  # fmt: skip
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(30)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


async def ready(url: str) -> None:
    """Returns when the server answers, be it with an error."""
    deadline = time.monotonic() + READY_SECONDS
    async with ClientSession() as session:
        while True:
            try:
                async with session.get(url) as response:
                    await response.read()
                    return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)


def free_port() -> int:
    with bound("127.0.0.1", 0) as address:
        return port_of(address)


@asynccontextmanager
async def pilotbot(core: int, folder: Path, database: str | None, api: str) -> AsyncIterator[Server]:
    """`pilotbot serve` on its own."""
    port = free_port()
    environment = {**APP.environment(port, api), "PILOTBOT_DATA_DIR": str(folder), "PYTHONPATH": os.getcwd()}
    if database:
        environment["PILOTBOT_DATABASE_URL"] = database
    with process([sys.executable, "-m", "bot", "serve"], environment, core, folder / "log") as started:
        await ready(f"http://127.0.0.1:{port}/readyz")
        yield Server(port, started.pid)


@asynccontextmanager
async def bare(core: int, folder: Path) -> AsyncIterator[Server]:
    """The yardstick."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare", str(port)]
    with process(command, {"PYTHONPATH": os.getcwd()}, core, folder / "log-bare") as started:
        await ready(f"http://127.0.0.1:{port}/")
        yield Server(port, started.pid)


@dataclass(frozen=True, slots=True)
class Server:
    """A process under test."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time so far, in user and system mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def capacity(server: Server, messages: Messages, seconds: float) -> tuple[float, float]:
    """Requests per second, and microseconds of processor time for each."""
    before = server.cpu()
    tally = await closed_loop(server.port, messages, CONNECTIONS, seconds)
    if set(tally.statuses) != {"200"}:
        raise SystemExit(f"not every message was answered: {dict(tally.statuses)}")
    return tally.rate, (server.cpu() - before) / len(tally.latencies) * 1e6


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    cores = sorted(os.sched_getaffinity(0))
    server, client = cores[-1], cores[0]
    os.sched_setaffinity(0, {client})
    texts = questions(options.questions) if options.questions else questions()
    messages, platform = Messages(texts, start=int(time.time()) * 1_000_000), Platform()
    with tempfile.TemporaryDirectory() as name, bound("127.0.0.1", 0) as address:
        folder = Path(name)
        async with listening(platform.app(), address):
            api = f"http://127.0.0.1:{port_of(address)}"
            async with bare(server, folder) as yardstick, pilotbot(server, folder, options.database, api) as service:
                found = await _compare(yardstick, service, messages, options)
                half = await open_loop(service.port, messages, found["pilotbot"] / 2, options.seconds)
                found["half_load"] = _latencies(half)
                if options.overload:
                    found["overload"] = await _overload(
                        service.port, messages, platform, 2 * found["pilotbot"], options.overload, options.drain
                    )
    return found


async def _compare(
    yardstick: Server, service: Server, messages: Messages, options: argparse.Namespace
) -> dict[str, Any]:
    rounds: dict[str, list[tuple[float, float]]] = {"bare": [], "pilotbot": [], "distinct": []}
    distinct = Messages(messages.texts, start=messages.number + DISTINCT_FROM, distinct=True)
    await capacity(yardstick, messages, WARM_UP)
    await capacity(service, messages, options.warm_up)
    for _ in range(options.rounds):
        rounds["bare"].append(await capacity(yardstick, messages, options.seconds))
        rounds["pilotbot"].append(await capacity(service, messages, options.seconds))
        rounds["distinct"].append(await capacity(service, distinct, options.seconds / 2))
    rates = {name: statistics.median(rate for rate, _ in found) for name, found in rounds.items()}
    cpu = {f"{name}_cpu_us": statistics.median(us for _, us in found) for name, found in rounds.items()}
    return {**rates, "ratio": rates["pilotbot"] / rates["bare"], **cpu, "rounds": rounds}


async def _overload(
    port: int, messages: Messages, platform: Platform, rate: float, seconds: float, drain: float
) -> dict[str, Any]:
    tally = await open_loop(port, messages, rate, seconds)
    begun = moved = time.monotonic()
    late, pushed = tally.statuses["200 empty"], len(platform.pushed)
    while len(platform.pushed) < late and time.monotonic() < min(begun + drain, moved + HALT):
        await asyncio.sleep(0.5)
        if len(platform.pushed) > pushed:
            moved, pushed = time.monotonic(), len(platform.pushed)
    return {
        "rate": rate,
        **_latencies(tally),
        "late": late,
        "pushed": pushed,
        "pushed_in": time.monotonic() - begun,
        "pushed_twice": platform.twice,
        "halted": pushed < late and time.monotonic() >= moved + HALT,
        "beyond_platform_patience": sum(latency > LATE for latency in tally.latencies),
    }


def _latencies(tally: Tally) -> dict[str, Any]:
    return {
        "p50_ms": tally.percentile(0.5),
        "p99_ms": tally.percentile(0.99),
        "max_ms": tally.percentile(1.0),
        "statuses": {status: number for status, number in tally.statuses.items() if number},
    }


def failures(found: dict[str, Any]) -> list[str]:
    """What must not happen, and did."""
    wrong = [f"{name}: {found[name]['statuses']}" for name in ("half_load", "overload") if name in found
             and set(found[name]["statuses"]) - {"200", "200 empty"}]  # fmt: skip
    if over := found.get("overload"):
        if over["halted"] or over["pushed"] > over["late"] or over["pushed_twice"]:
            wrong.append(f"{over['pushed']} of {over['late']} answers were pushed, {over['pushed_twice']} twice")
        if over["beyond_platform_patience"]:
            wrong.append(f"{over['beyond_platform_patience']} answers came after the platform had hung up")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round, and of the half load")
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds before pilotbot is measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--overload", type=float, default=60.0, help="seconds at twice the capacity; 0: not at all")
    parser.add_argument("--drain", type=float, default=300.0, help="seconds to watch the pushes afterwards")
    parser.add_argument("--database", help="a PostgreSQL address; without one a SQLite file")
    parser.add_argument("--questions", type=Path, help="a labelled set; without one our own")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(measure(options))
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        _print(found)
    if wrong := failures(found):
        raise SystemExit("\n".join(wrong))


def _print(found: dict[str, Any]) -> None:
    print(f"bare      {found['bare']:8.0f} requests/s   {found['bare_cpu_us']:6.0f} us of processor time each")
    print(
        f"pilotbot  {found['pilotbot']:8.0f} requests/s   {found['pilotbot_cpu_us']:6.0f} us, {found['ratio']:.0%} of bare"
    )
    print(f"distinct  {found['distinct']:8.0f} requests/s   {found['distinct_cpu_us']:6.0f} us")
    for name in ("half_load", "overload"):
        if part := found.get(name):
            print(
                f"{name:<9} p50 {part['p50_ms']:.1f} ms, p99 {part['p99_ms']:.1f} ms, max {part['max_ms']:.1f} ms, {part['statuses']}"
            )
    if over := found.get("overload"):
        print(
            f"          at {over['rate']:.0f} requests/s, {over['beyond_platform_patience']} too late; "
            f"{over['pushed']} of {over['late']} late answers pushed within {over['pushed_in']:.0f} s"
        )


if __name__ == "__main__":
    main()
