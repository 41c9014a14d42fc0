"""Deliveries under fire: processes that are killed, a platform that fails, and a count of what people saw.

    python -m benchmarks.chaos [--kills 50] [--each 5] [--database URL] [--replicas 1] [--no-duplicate-check]

Real processes run planning and sending against the stand-in platform over HTTP and are ended by SIGKILL: at random
moments, and at each named step (planned, claimed, wire, accepted, settled). The platform drops connections after it
has accepted, answers 45009, expires tokens early and lets calls hang. Time runs faster. At the end every follower
must have seen every reminder and every update exactly once, and nobody else any; exit status 1 if not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, web

from bot.database import Database, default_url
from bot.demo.faults import Effect, Fault
from bot.demo.model import Account, Person
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.process import bound, listening, port_of
from bot.sending import WecomSender
from bot.wecom.client import WecomClient
from knowledge.errors import Unavailable
from scheduler.delivery import Attempt
from scheduler.engine import Engine
from scheduler.messages import Links
from scheduler.model import Pilot
from scheduler.store import announcing, followers, occurrences
from scheduler.store.outbox import Outbox
from scheduler.store.planning import Planner, World
from scheduler.updates import Changed, updates
from scheduler.workdays import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2022, 3, 28, 9, 0, tzinfo=ZONE)  # a Monday, ten minutes before the reminders
RATE = 30.0  # seconds of the simulated clock in a real one: the four hours of the duplicate check are 8 minutes
FOLLOWERS, STRANGERS = 3000, 300
PILOTS = 12  # each with one reminder, all at one instant
UPDATES = 24  # changes of the knowledge, one after the other
STEPS = ("planned", "claimed", "wire", "accepted", "settled")
SECRETS = ("s" * 43, "t" * 24, "k" * 43)
ACCOUNT = Account("wwchaos", 1000002, *SECRETS)
NAMES = {"all": "全部"}
QUIET = timedelta(minutes=5)  # simulated: nothing open for so long is the end
LONGEST = 900.0  # real seconds


def pilots() -> tuple[Pilot, ...]:
    """Pilots whose end is 30 days after the start of the run."""
    return tuple(
        Pilot(f"pilot-{n}", f"示范试点{n}", datetime(2021, 4, 27, tzinfo=ZONE).date(), "admin", months=12, leads=(30,))
        for n in range(PILOTS)
    )


def clock(started: float) -> Callable[[], datetime]:
    """The simulated time, the same in every process; `started` is the real time of its start."""
    return lambda: START + timedelta(seconds=(time.time() - started) * RATE)


# A process under test


async def work(base: str, database_url: str, started: float, die: str) -> None:
    """Plans and sends until it is killed, perhaps by itself at a named step."""
    step, _, count = die.partition(":")
    left = [int(count or 0)]

    def on_step(name: str) -> None:
        if name == step:
            left[0] -= 1
            if left[0] <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    now = clock(started)
    database = Database(database_url)
    async with ClientSession() as session:
        sender = WecomSender(WecomClient(session, base, ACCOUNT.corp_id, ACCOUNT.secret, ACCOUNT.agent_id, timeout=2.0))

        async def send(body: bytes) -> Attempt:
            call = asyncio.create_task(sender.send(body))
            await asyncio.sleep(0.02)  # by now the request is on the wire, and its answer is not
            on_step("wire")
            return await call

        outbox = Outbox(
            database,
            sender.encode,
            Links("http://localhost/milestones", lambda id_: f"http://localhost/measures/{id_}"),
            ZONE,
            owner=f"{os.getpid()}",
            new_id=lambda: random.randbytes(12).hex(),
            random=random.random,
        )
        world = World(pilots(), Calendar(), START.replace(minute=10).timetz().replace(tzinfo=None), ZONE)
        engine = Engine(Planner(database, lambda: world), outbox, send, now, on_step=on_step)
        while True:
            try:
                await engine.run()
            except Unavailable as error:
                print(f"worker: {error}", file=sys.stderr)
            await asyncio.sleep(0.1)


# The run


@dataclass
class Run:
    """What happens around the processes."""

    options: argparse.Namespace
    database: Database
    url: str
    base: str
    platform: Platform
    started: float
    kills: Counter[str] = field(default_factory=Counter)

    async def prepare(self) -> None:
        now = clock(self.started)()
        async with self.database.transaction() as session:
            people = [f"follower{n}" for n in range(FOLLOWERS)]
            await followers.follow_many(session, people, followers.ALL, now)
            await followers.follow_many(session, [f"stranger{n}" for n in range(STRANGERS)], "sector:other", now)

    async def announce(self) -> None:
        """Changes of the knowledge while processes come and go."""
        for number in range(UPDATES):
            await asyncio.sleep(4)
            changed = [Changed(f"plan/{number}.1", f"措施{number}", "changed", "plan", ("finance",))]
            async with self.database.transaction() as session:
                made = updates(number, changed, NAMES)
                await announcing.announce(session, made, clock(self.started)(), Calendar(), START.time(), ZONE)

    async def trouble(self) -> None:
        """What the platform does to those who call it."""
        drops = Fault(Effect.RESET, "message/send", acts=True)
        hangs = Fault(Effect.HANG, "message/send", acts=True)
        refusals = Fault(Effect.ERRCODE, "message/send", errcode=45009)
        while True:
            await asyncio.sleep(random.uniform(0.5, 2))
            match random.choice(["drop", "drop", "hang", "rate", "token"]):
                case "drop":
                    self.platform.faults.add(drops)
                case "hang":
                    self.platform.faults.add(hangs)
                case "rate":
                    self.platform.faults.add(refusals)
                case "token":
                    self.platform.expire_tokens()

    async def kill(self) -> None:
        """Starts processes and kills them, and leaves the last ones alone."""
        fates = ["random"] * self.options.kills + [step for step in STEPS for _ in range(self.options.each)]
        random.shuffle(fates)
        replicas = [fates[n :: self.options.replicas] for n in range(self.options.replicas)]
        await asyncio.gather(*(self._series(fates) for fates in replicas))

    async def _series(self, fates: list[str]) -> None:
        for fate in fates:
            process = await self._process("" if fate == "random" else f"{fate}:{random.randint(1, 2)}")
            try:
                # Who is to die at a step that does not come dies anyhow, and is not counted for it.
                await asyncio.wait_for(process.wait(), random.uniform(1.2, 4.0) if fate == "random" else 60)
                self.kills[fate] += 1
            except TimeoutError:
                process.kill()
                await process.wait()
                self.kills[fate if fate == "random" else "missed"] += 1

    async def _process(self, die: str = "") -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.chaos", "--worker", self.base, self.url, str(self.started), die)
        )

    async def finish(self) -> None:
        """One process that is left alone does the rest."""
        process = await self._process()
        deadline = time.time() + LONGEST
        while time.time() < deadline:
            await asyncio.sleep(1)
            async with self.database.session() as session:
                if not await occurrences.waiting(session):
                    break
        process.kill()
        await process.wait()

    def verdict(self) -> list[str]:
        """What is wrong, one line each; nothing if all is well."""
        seen: Counter[tuple[str, str]] = Counter()
        for delivery in self.platform.deliveries:
            for what in _things(delivery.message):
                seen[delivery.user, what] += 1
        expected = {f"示范试点{n}" for n in range(PILOTS)} | {f"措施{n}" for n in range(UPDATES)}
        wrong = [f"{user} saw {what} {n} times" for (user, what), n in seen.items() if n > 1]
        wrong += [f"{user} should not have seen {what}" for user, what in seen if not user.startswith("follower")]
        for n in range(FOLLOWERS):
            wrong += [f"follower{n} never saw {what}" for what in expected if (f"follower{n}", what) not in seen]
        return wrong


def _things(message: dict[str, object]) -> list[str]:
    """The pilots or measures that a message is about."""
    card = message.get("template_card")
    if isinstance(card, dict):
        return [card["main_title"]["desc"]]
    text = message.get("text")
    content = str(text["content"]) if isinstance(text, dict) else ""
    if "里程碑" in content:
        return [content.splitlines()[0].partition("】")[2]]
    return [line.partition(">")[2].partition("<")[0] for line in content.splitlines() if line.startswith("·")]


@asynccontextmanager
async def running(options: argparse.Namespace, folder: Path) -> AsyncIterator[Run]:
    """A platform that listens, and a database."""
    started = time.time()
    people = [Person(f"follower{n}", "", "") for n in range(FOLLOWERS)]
    people += [Person(f"stranger{n}", "", "") for n in range(STRANGERS)]
    url = options.database or default_url(folder)
    database = Database(url)
    await database.migrate()
    async with ClientSession() as session:
        platform = Platform(ACCOUNT, "http://localhost/", session, clock(started), people=people, accounts=10**6)
        if options.no_duplicate_check:
            platform.sending.forget_duplicates = True
        app = web.Application()
        mount(app, platform)
        address = bound("127.0.0.1", 0)
        async with listening(app, address):
            yield Run(options, database, url, f"http://127.0.0.1:{port_of(address)}", platform, started)
    await database.close()


async def main(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="pilotbot-chaos-") as folder:
        async with running(options, Path(folder)) as run:
            await run.prepare()
            trouble = asyncio.create_task(run.trouble())
            await asyncio.gather(run.announce(), run.kill())
            trouble.cancel()
            run.platform.faults.clear_calls()
            await run.finish()
            wrong = run.verdict()
            seen = len(run.platform.deliveries)
            print(f"kills: {dict(run.kills)}; {seen} messages seen; {time.time() - run.started:.0f} s")
    print("\n".join(wrong[:20]) if wrong else "every follower saw everything exactly once, nobody else anything")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        asyncio.run(work(sys.argv[2], sys.argv[3], float(sys.argv[4]), sys.argv[5]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="at random moments (50)")
    parser.add_argument("--each", type=int, default=5, help="at each named step (5)")
    parser.add_argument("--database", help="address of an empty database (a SQLite file)")
    parser.add_argument("--replicas", type=int, default=1, help="processes at a time (1)")
    parser.add_argument("--no-duplicate-check", action="store_true", help="the platform repeats what is repeated")
    sys.exit(asyncio.run(main(parser.parse_args())))
