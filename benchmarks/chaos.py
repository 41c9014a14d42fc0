"""Deliveries under fire: processes that are killed, a platform that fails, and a count of what people saw.

    python -m benchmarks.chaos [--kills 50] [--each 5] [--postgres URL] [--no-duplicate-check]

Real processes plan and send against the stand-in platform over HTTP and are ended by SIGKILL: at random moments, and
at each named step (planned, claimed, wire, accepted, settled). The platform drops connections after it has accepted,
answers 45009, expires tokens early and lets calls hang. Time runs faster. At the end every follower must have seen
every reminder and every update exactly once, and nobody else any. First one process at a time on SQLite; with
--postgres (a database in which a schema may be made) then two replicas, killed in turn. Last, an outage of over four
hours in the middle of a call must end as unconfirmed. Exit status 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import ClientSession, web

from benchmarks.postgres import schema
from bot.database import Database, default_url
from bot.demo.faults import Effect, Fault
from bot.demo.model import Account, Person
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.process import bound, listening, port_of
from bot.sending import WecomSender
from bot.wecom.client import WecomClient
from knowledge.errors import Unavailable
from scheduler.delivery import Attempt, Kind, Notice, State
from scheduler.engine import Engine
from scheduler.messages import Links
from scheduler.model import Pilot
from scheduler.store import announcing, deliveries, followers, occurrences
from scheduler.store.outbox import Outbox
from scheduler.store.planning import Planner, World
from scheduler.updates import Changed, updates
from scheduler.workdays import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2022, 3, 28, 9, 9, tzinfo=ZONE)  # a Monday, a minute before the reminders
RATE = 30.0  # seconds of the simulated clock in a real one: the four hours of the duplicate check are 8 minutes
OUTAGE_RATE = 1200.0  # ... where just that time has to pass
FOLLOWERS, STRANGERS = 3000, 300
PILOTS = 12  # each with one reminder, all at one instant
PACE = 4.0  # real seconds from one change of the knowledge to the next
STEPS = ("planned", "claimed", "wire", "accepted", "settled")
ACCOUNT = Account("wwchaos", 1000002, "s" * 43, "t" * 24, "k" * 43)
REST = "…"
LONGEST = 600.0  # real seconds for what is left after the last kill


@dataclass(frozen=True)
class Job:
    """What a process under test is told."""

    base: str  # address of the platform
    database: str
    started: float  # the real time at which the simulated one began
    rate: float
    updates: int  # how many changes of the knowledge there will be
    pace: float  # real seconds from one to the next
    duplicate_check: bool
    step: str = ""  # at which it ends itself
    times: int = 0  # ... the how manieth time

    def now(self) -> datetime:
        """The simulated time, the same in every process."""
        return START + timedelta(seconds=(time.time() - self.started) * self.rate)


# A process under test


class Announcer(Planner):
    """Plans the reminders, and announces a change of the knowledge whenever it is time for one."""

    def __init__(self, database: Database, job: Job) -> None:
        start = date(2021, 4, 27)  # the end is 30 days after the start of the run
        pilots = [Pilot(f"p{n}", f"示范试点{n}", start, "admin", months=12, leads=(30,)) for n in range(PILOTS)]
        world = World(tuple(pilots), Calendar(), START.replace(minute=10).time(), ZONE)
        super().__init__(database, lambda: world)
        self._database = database
        self._job = job
        self._announced = 0

    async def run(self, now: datetime) -> bool:
        told = await super().run(now)
        due = min(int((time.time() - self._job.started) / self._job.pace), self._job.updates)
        for number in range(self._announced, due):
            changed = [Changed(f"plan/{number}.1", f"措施{number}", "changed", "plan", ("finance",))]
            made = updates(number, changed, {"all": "全部"})
            async with self._database.transaction() as session:
                told |= await announcing.announce(session, made, now, World((), Calendar(), START.time(), ZONE)) > 0
        self._announced = due
        return told


async def work(job: Job) -> None:
    """Plans and sends until it is killed, perhaps by itself at a named step."""
    steps: Counter[str] = Counter()

    def on_step(name: str) -> None:
        steps[name] += 1
        if name == job.step and steps[name] == job.times:
            os.kill(os.getpid(), signal.SIGKILL)

    database = Database(job.database)
    async with ClientSession() as session:
        client = WecomClient(session, job.base, ACCOUNT.corp_id, ACCOUNT.secret, ACCOUNT.agent_id, timeout=2.0)
        sender = WecomSender(client)

        def encode(message: Mapping[str, object]) -> bytes:
            return sender.encode({**message, "enable_duplicate_check": int(job.duplicate_check)})

        async def send(body: bytes) -> Attempt:
            call = asyncio.create_task(sender.send(body))
            await asyncio.sleep(0.02)  # by now the request is on the wire
            on_step("wire")
            return await call

        links = Links("http://localhost/m", lambda id_: f"http://localhost/{id_}", str)
        outbox = Outbox(
            database,
            encode,
            links,
            ZONE,
            owner=str(os.getpid()),
            new_id=lambda: random.randbytes(12).hex(),
            random=random.random,
        )
        engine = Engine(Announcer(database, job), outbox, send, job.now, on_step=on_step)
        print("ready", flush=True)
        while True:
            try:
                await engine.run()
            except Unavailable as error:
                print(f"worker: {error}", file=sys.stderr)
            await asyncio.sleep(0.05)


async def start(job: Job) -> asyncio.subprocess.Process:
    """A process that is at work."""
    command = (sys.executable, "-m", "benchmarks.chaos", "--worker", json.dumps(asdict(job)))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    if process.stdout:
        await process.stdout.readline()
    return process


async def end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


# What surrounds the processes


@dataclass
class Run:
    job: Job
    database: Database
    platform: Platform
    kills: Counter[str] = field(default_factory=Counter)

    async def trouble(self) -> None:
        """What the platform does to those who call it, for ever."""
        faults = (
            Fault(Effect.RESET, "message/send", acts=True),
            Fault(Effect.RESET, "message/send"),
            Fault(Effect.HANG, "message/send", acts=True),
            Fault(Effect.ERRCODE, "message/send", errcode=45009),
        )
        while True:
            await asyncio.sleep(random.uniform(0.5, 2))
            if not self.platform.faults.active:
                self.platform.faults.add(random.choice(faults))
            if random.random() < 0.2:
                self.platform.expire_tokens()

    async def kill(self, fates: list[str]) -> None:
        """Starts one process after the other and kills each."""
        for fate in fates:
            job = self.job if fate == "random" else replace(self.job, step=fate, times=random.randint(1, 2))
            process = await start(job)
            try:
                await asyncio.wait_for(process.wait(), random.uniform(0.1, 3.0) if fate == "random" else 60)
                self.kills[fate] += 1
            except TimeoutError:
                self.kills[fate if fate == "random" else f"{fate} missed"] += 1
            await end(process)

    async def finish(self) -> None:
        """One process that is left alone does the rest."""
        process = await start(self.job)
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                while not await self._is_done():  # noqa: ASYNC110  other processes do it
                    await asyncio.sleep(1)
        await end(process)

    async def _is_done(self) -> bool:
        async with self.database.session() as session:
            told = await deliveries.rounds(session, kinds=[Kind.REMINDER, Kind.UPDATE], limit=10_000)
            subjects = [each.subject for each in told]
            everything = sum(subject.startswith(("示范试点", "全部")) for subject in subjects)
            return everything == PILOTS + self.job.updates and not await occurrences.waiting(session)

    def faults(self) -> list[str]:
        """What is wrong, one line each; nothing if all is well."""
        seen = Counter((d.user, what) for d in self.platform.deliveries for what in things(d.message))
        expected = {f"示范试点{n}" for n in range(PILOTS)} | {f"措施{n}" for n in range(self.job.updates)}
        wrong = [f"{user} saw {what} {n} times" for (user, what), n in seen.items() if n > 1 and what != REST]
        wrong += [f"{user} should not have seen {what}" for user, what in seen if not user.startswith("follower")]
        for user in (f"follower{n}" for n in range(FOLLOWERS)):
            missing = [what for what in expected if (user, what) not in seen]
            if len(missing) != seen[user, REST]:
                wrong.append(f"{user} never saw {missing}, and {seen[user, REST]} without a name")
        return wrong


def things(message: Mapping[str, Any]) -> list[str]:
    """The pilots or measures that a message is about, and REST for each that a long digest only counts."""
    if "template_card" in message:
        return [message["template_card"]["main_title"]["desc"]]
    lines = str(message["text"]["content"]).splitlines()
    if "里程碑" in lines[0]:
        return [lines[0].partition("】")[2]]
    named = [line.partition(">")[2].partition("<")[0] for line in lines if line.startswith("·")]
    return named + [REST for _ in range(int(lines[0].partition("：")[2].removesuffix("项有变化")) - len(named))]


@asynccontextmanager
async def running(url: str, rate: float, count: int, pace: float, *, duplicate_check: bool) -> AsyncIterator[Run]:
    """A platform that listens, and a database with people."""
    people = [Person(f"follower{n}", "", "") for n in range(FOLLOWERS)]
    people += [Person(f"stranger{n}", "", "") for n in range(STRANGERS)]
    database = Database(url)
    await database.migrate()
    async with database.transaction() as session:
        await followers.follow_many(session, [p.user for p in people[:FOLLOWERS]], followers.ALL, START)
        await followers.follow_many(session, [p.user for p in people[FOLLOWERS:]], "sector:other", START)
    address = bound("127.0.0.1", 0)
    base = f"http://127.0.0.1:{port_of(address)}"
    job = Job(base, url, time.time(), rate, count, pace, duplicate_check)
    await Announcer(database, job).run(START)  # what is due from here on is news
    async with ClientSession() as session_:
        platform = Platform(ACCOUNT, "http://localhost/", session_, job.now, people=people, accounts=10**6)
        app = web.Application()
        mount(app, platform)
        async with listening(app, address):
            yield Run(job, database, platform)
    await database.close()


async def fire(url: str, replicas: int, options: argparse.Namespace) -> list[str]:
    """All kills on one database."""
    fates = ["random"] * options.kills + [step for step in STEPS for _ in range(options.each)]
    random.shuffle(fates)
    check, pace = not options.no_duplicate_check, PACE / replicas
    async with running(url, RATE, len(fates), pace, duplicate_check=check) as run:
        trouble = asyncio.create_task(run.trouble())
        await asyncio.gather(*(run.kill(fates[n::replicas]) for n in range(replicas)))
        trouble.cancel()
        run.platform.faults.clear_calls()
        await run.finish()
        took, seen = time.time() - run.job.started, len(run.platform.deliveries)
        print(f"  {took:.0f} s; kills {dict(sorted(run.kills.items()))}; {run.job.updates} updates; {seen} messages")
        return run.faults()


async def outage(url: str) -> list[str]:
    """A call is accepted, its answer is lost, and the platform stays away for over four hours."""
    async with running(url, OUTAGE_RATE, 0, PACE, duplicate_check=True) as run:
        run.platform.faults.add(Fault(Effect.RESET, "message/send", acts=True))
        run.platform.faults.add(Fault(Effect.RESET, "message/send", times=None))
        async with run.database.transaction() as session:
            await occurrences.push(session, Notice("outage", Kind.ANSWER, {"text": "好"}), ["follower1"], START)
        process = await start(run.job)
        await asyncio.sleep(timedelta(hours=5) / timedelta(seconds=OUTAGE_RATE))
        run.platform.faults.clear_calls()
        await asyncio.sleep(2)  # nothing follows
        await end(process)
        async with run.database.session() as session:
            states = [each.state for each in await deliveries.listed(session, kinds=[Kind.ANSWER])]
        seen = [d.user for d in run.platform.deliveries if d.message.get("text", {}).get("content") == "好"]
    wrong = [] if states == [State.UNCONFIRMED] else [f"after the outage: {states}"]
    return wrong + ([] if seen == ["follower1"] else [f"during the outage seen by {seen}"])


async def main(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="pilotbot-chaos-") as folder:
        print("SQLite, one process:", flush=True)
        wrong = await fire(default_url(Path(folder) / "fire"), 1, options)
        if options.postgres:
            print("PostgreSQL, two replicas:", flush=True)
            with schema(options.postgres) as url:
                wrong += await fire(url, 2, options)
        print("An outage of five hours:", flush=True)
        wrong += await outage(default_url(Path(folder) / "outage"))
    print("\n".join(wrong[:20]) if wrong else "everybody saw everything exactly once, and nobody anything else")
    print(f"{len(wrong)} faults")
    return 1 if wrong else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="at random moments (50)")
    parser.add_argument("--each", type=int, default=5, help="at each named step (5)")
    parser.add_argument("--postgres", help="a PostgreSQL database as well, such as postgresql://root@127.0.0.1/test")
    parser.add_argument("--no-duplicate-check", action="store_true", help="to see it fail")
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        asyncio.run(work(Job(**json.loads(sys.argv[2]))))
    sys.exit(asyncio.run(main(read_options())))
