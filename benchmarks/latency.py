"""How long a person waits: from the start of `pilotbot serve` to ready, and from a sealed question to its sealed reply.

    python -m benchmarks.latency [--questions 500]

A real process with the shipped knowledge and a fresh SQLite file is started twice (the first start also migrates and
loads), then asked one question after the other over HTTP, as the platform would. Prints times and resident memory with
their targets. Run it on an otherwise idle machine; exit status 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from aiohttp import ClientError, ClientSession

from bot.demo.model import Account
from bot.demo.wire import Wire, to_xml
from bot.process import bound, port_of

QUESTIONS = Path(__file__).parent / "data" / "questions.jsonl"
ACCOUNT = Account("ww0123456789abcdef", 1000002, "s", "token", "a" * 42 + "A")
TARGETS = {"first start": 3.0, "start": 3.0, "median": 0.010, "memory": 200.0}  # s, s, s, MB
PATIENCE = 30.0  # s for a process to get ready, and to end


@dataclass(frozen=True, slots=True)
class Service:
    """A running process."""

    pid: int
    base: str
    ready: float  # s from its start to ready

    def memory(self) -> tuple[float, float]:
        """Resident now and at its peak, in MB."""
        status = dict(line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        return int(status["VmRSS"].split()[0]) / 1024, int(status["VmHWM"].split()[0]) / 1024


@asynccontextmanager
async def serving(folder: Path, session: ClientSession) -> AsyncIterator[Service]:
    """`pilotbot serve` over a SQLite file in the folder, until the block ends."""
    with closing(bound("127.0.0.1", 0)) as free:
        port = port_of(free)
    base, started = f"http://127.0.0.1:{port}", time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "serve", env=_environment(folder, port))
    try:
        await _until_ready(session, base, process)
        yield Service(process.pid, base, time.perf_counter() - started)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except TimeoutError:
                process.kill()
                sys.exit("the service does not end")


def _environment(folder: Path, port: int) -> dict[str, str]:
    values = {
        "WECOM_CORP_ID": ACCOUNT.corp_id,
        "WECOM_AGENT_ID": str(ACCOUNT.agent_id),
        "WECOM_SECRET": ACCOUNT.secret,
        "WECOM_TOKEN": ACCOUNT.token,
        "WECOM_AES_KEY": ACCOUNT.aes_key,
        "WECOM_API_BASE": "http://127.0.0.1:9",  # nothing is sent
        "PUBLIC_URL": "http://127.0.0.1",
        "PORT": str(port),
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "warning",
    }
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PILOTBOT_")}
    return outside | {f"PILOTBOT_{name}": value for name, value in values.items()}


async def _until_ready(session: ClientSession, base: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while process.returncode is None:
            try:
                async with session.get(f"{base}/readyz") as response:
                    if response.status == 200:
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.01)
    sys.exit("the service ended before it was ready")


async def asked(session: ClientSession, service: Service, questions: Sequence[str]) -> list[float]:
    """Seconds until the reply to each question, asked one after the other."""
    wire, waits = Wire(ACCOUNT), []
    for number, question in enumerate(questions):
        now = str(int(time.time()))
        fields = {
            "ToUserName": ACCOUNT.corp_id,
            "FromUserName": f"user{number % 20}",
            "CreateTime": int(now),
            "MsgType": "text",
            "Content": question,
            "MsgId": 10**17 + number,
            "AgentID": ACCOUNT.agent_id,
        }
        sealed = wire.seal(to_xml("xml", fields), now, str(number))
        body = wire.envelope(sealed.encrypted).encode()
        before = time.perf_counter()
        async with session.post(f"{service.base}/wecom/callback", params=sealed.query, data=body) as response:
            reply = await response.read()
        waits.append(time.perf_counter() - before)
        wire.open(reply)  # a reply that the platform could not read is no reply
    return waits


def report(figures: dict[str, float], waits: Sequence[float], peak: float) -> bool:
    """Prints the figures; whether all targets are met."""
    percentiles = quantiles(waits, n=100)
    units = {"median": (1000, "ms"), "memory": (1, "MB")}
    for name, value in figures.items():
        factor, unit = units.get(name, (1, "s"))
        verdict = "ok" if value < TARGETS[name] else "MISSED"
        print(f"{name:12} {value * factor:8.2f} {unit:3} target under {TARGETS[name] * factor:g} {unit}  {verdict}")
    rest = [("p95", percentiles[94]), ("p99", percentiles[98]), ("slowest", max(waits))]
    print(f"{len(waits)} questions: " + ", ".join(f"{name} {value * 1000:.2f} ms" for name, value in rest))
    print(f"memory at its peak: {peak:.1f} MB")
    return all(value < TARGETS[name] for name, value in figures.items())


async def run(count: int) -> bool:
    texts = [json.loads(line)["q"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    questions = [texts[number % len(texts)] for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        async with ClientSession() as session:
            async with serving(Path(folder), session) as service:
                first = service.ready
            async with serving(Path(folder), session) as service:
                await asked(session, service, questions[:20])
                waits = await asked(session, service, questions)
                resident, peak = service.memory()
    figures = {"first start": first, "start": service.ready, "median": median(waits), "memory": resident}
    return report(figures, waits, peak)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description="Start, latency and memory.")
    parser.add_argument("--questions", type=int, default=500, metavar="N", help="how many questions to ask (500)")
    return 0 if asyncio.run(run(parser.parse_args().questions)) else 1


if __name__ == "__main__":
    sys.exit(main())
