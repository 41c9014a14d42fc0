"""Two replicas on PostgreSQL at half load, one of them killed every minute: nothing lost, nothing twice.

    python -m benchmarks.soak [--minutes 30] [--rate 0] [--server URL]

Half load is half of what both replicas answer together on this machine, which also runs the database, the stand-in platform
and the people: found out first, by as many people as are answered at once. People ask and subscribe through either replica; as the platform does, a message whose replica fails is delivered again,
to the other one. Changes of the knowledge are announced to a group of followers meanwhile. At the end:

- every message was answered, by its reply or by push, and a server error came from nobody but a process that was being killed;
- every confirmed subscription is stored; every question is in the journal once, but for those that a killed process
  answered in its last moments, which it may take with it (a question changes nothing);
- every follower saw every update exactly once;
- the replica that lived through all of it holds as much memory as after its first minute.

Exit status 1 if not. It makes a schema of its own on the server and drops it.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from aiohttp import ClientError, ClientSession, web
from sqlalchemy import select
from sqlmodel import col

from benchmarks.callback import free_port, ready
from benchmarks.load import APP, Messages, only_questions
from benchmarks.postgres import schema
from bot.database import Database
from bot.demo.model import Account, Person
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.process import bound, listening, port_of
from handlers.tables import QuestionRow
from scheduler.store import announcing, followers
from scheduler.store.planning import World
from scheduler.tables import SubscriptionRow
from scheduler.updates import Changed, updates
from scheduler.workdays import Calendar

SERVER = os.environ.get("PILOTBOT_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 24, 9, 30, tzinfo=ZONE)  # a Tuesday, at an hour at which people are told things
START_UP = timedelta(seconds=1.5)  # until a process reads its clock: one that is slow takes messages for repeated ones
FOLLOWERS = 200
SUBSCRIBES = 9  # one message in so many is a subscription; odd, so that either replica gets some first
ATTEMPTS, PAUSE = 4, 1.0  # deliveries of a message, and s between them: as the platform, only faster
KILL_EVERY, DOWN = 60.0, 5.0  # s
ANNOUNCE_EVERY = 20.0  # s
LAST_MOMENTS = 1.0  # s: what a process may take with it, with a busy machine allowed for
OUT_OF_ORDER = 0.2  # s by which answers may reach people in another order than they are written
SETTLE = 120.0  # s for what is still to be sent
WARM_UP, MEASURED = 5.0, 10.0  # s for finding out the capacity
AT_ONCE = 32  # people, meanwhile
GROWTH = 1.25  # of the memory after the first minute: flat, with room for caches that fill


Answered: TypeAlias = "tuple[float, int]"  # when, by which replica


@dataclass
class Replica:
    """One process, started again whenever it was killed."""

    port: int
    environment: dict[str, str]
    log: Path
    started: float  # of the run
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        environment = {**os.environ, **self.environment, "PILOTBOT_CLOCK": (now(self.started) + START_UP).isoformat()}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], env=environment, stderr=log)

    def kill(self) -> None:
        if self.process:
            self.deaths.append(time.time())
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def memory(self) -> float:
        """Resident, in MB."""
        pid = self.process.pid if self.process else 0
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def was_dying(self, at: float) -> bool:
        return any(death - LAST_MOMENTS <= at <= death + DOWN + 30 for death in self.deaths)


def now(started: float) -> datetime:
    """The simulated time, the same in every process."""
    return START + timedelta(seconds=time.time() - started)


@dataclass
class Run:
    """What is done to the replicas, and what came of it."""

    replicas: list[Replica]
    messages: Messages
    texts: list[str]
    database: Database
    platform: Platform
    started: float
    numbers: Iterator[int] = field(default_factory=lambda: count(1))  # of the messages
    unanswered: list[str] = field(default_factory=list)
    asked: dict[str, Answered] = field(default_factory=dict)  # by key
    subscribed: set[str] = field(default_factory=set)
    late: dict[str, Answered] = field(default_factory=dict)  # who gets the answer by push, and since when
    repeated: int = 0
    faults: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    announced: int = 0

    async def capacity(self, seconds: float) -> float:
        """Messages a second that are answered when the next one always waits."""
        end, before = time.time() + seconds, len(self.latencies)

        async def ask(session: ClientSession) -> None:
            while time.time() < end:
                await self._one(session, next(self.numbers))

        async with ClientSession() as session:
            await asyncio.gather(*(ask(session) for _ in range(AT_ONCE)))
        return (len(self.latencies) - before) / seconds

    async def load(self, rate: float, end: float) -> None:
        """People, at a steady rate."""
        begun, sent = time.time(), 0
        tasks: set[asyncio.Task[None]] = set()
        async with ClientSession() as session:
            while time.time() < end:
                sent += 1
                task = asyncio.create_task(self._one(session, next(self.numbers)))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                await asyncio.sleep(max(0.0, begun + sent / rate - time.time()))
            await asyncio.gather(*tasks)

    async def _one(self, session: ClientSession, number: int) -> None:
        subscribes = number % SUBSCRIBES == 0
        user = f"soak{number}"
        self.platform.corp.hire(Person(user, "", ""))  # or no late answer could reach them
        text = "订阅 金融" if subscribes else self.texts[number // len(self.replicas) % len(self.texts)]  # of either
        begun = time.time()
        for attempt in range(ATTEMPTS):
            replica = (number + attempt) % len(self.replicas)
            if await self._delivered(session, replica, user, self.messages.request(number, text, user)):
                self.latencies.append(time.time() - begun)
                key = f"{APP.agent_id}:{user}:{number}"
                if user in self.late:
                    return
                if subscribes:
                    self.subscribed.add(user)
                else:
                    self.asked[key] = (time.time(), replica)
                return
            self.repeated += 1
            await asyncio.sleep(PAUSE)
        self.unanswered.append(user)

    async def _delivered(self, session: ClientSession, number: int, user: str, request: bytes) -> bool:
        head, _, body = request.partition(b"\r\n\r\n")
        replica = self.replicas[number]
        url = f"http://127.0.0.1:{replica.port}{head.split(b' ')[1].decode()}"
        try:
            async with session.post(url, data=body) as response:
                answer = await response.read()
                if response.status == 200:
                    if not answer:
                        self.late[user] = (time.time(), number)
                    return True
                what = f"replica {number}: {response.status}"
        except (OSError, ClientError) as error:
            what = f"replica {number}: {type(error).__name__}"
        if not replica.was_dying(time.time()):
            self.faults.append(what)
        return False

    async def kill(self, end: float) -> None:
        """The last replica dies every minute."""
        while time.time() + KILL_EVERY / 2 < end:
            await asyncio.sleep(min(KILL_EVERY, max(end - time.time(), 0) / 2))
            self.replicas[-1].kill()
            await asyncio.sleep(DOWN)
            self.replicas[-1].start()

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(KILL_EVERY / 4)
            self.memory.append(self.replicas[0].memory())

    async def announce(self, end: float) -> None:
        """Changes of the knowledge, one after the other."""
        while time.time() + ANNOUNCE_EVERY < end:
            await asyncio.sleep(ANNOUNCE_EVERY)
            self.announced += 1
            changed = [Changed(f"soak/{self.announced}.1", f"措施{self.announced}。", "changed", "soak", ("telecom",))]
            async with self.database.transaction() as session:
                made = updates(10**6 + self.announced, changed, {"telecom": "电信"})
                await announcing.announce(session, made, now(self.started), World((), Calendar(), START.time(), ZONE))

    async def settle(self) -> None:
        """Waits until everything announced was sent, and every late answer, as far as they ever are."""
        deadline = time.time() + SETTLE
        updates_ = self.announced * FOLLOWERS
        while time.time() < deadline and (sum(self.seen().values()) < updates_ or self.not_pushed()):  # noqa: ASYNC110
            await asyncio.sleep(1)
        await asyncio.sleep(3)

    def not_pushed(self) -> list[Answered]:
        """The late answers that have not been pushed."""
        told = {delivery.user for delivery in self.platform.deliveries}
        return [since for user, since in self.late.items() if user not in told]

    def seen(self) -> Counter[tuple[str, str]]:
        """How often each follower saw each update."""
        seen: Counter[tuple[str, str]] = Counter()
        for delivery in self.platform.deliveries:
            content = str(delivery.message.get("text", {}).get("content", ""))
            for number in range(1, self.announced + 1):
                seen[delivery.user, f"措施{number}。"] += f"措施{number}。" in content
        return +seen

    async def verdict(self) -> list[str]:
        wrong = [f"{len(self.unanswered)} messages were never answered"] if self.unanswered else []
        if waiting := self.not_pushed():  # a killed process takes what it had not answered yet
            print(f"{len(waiting)} of {len(self.late)} late answers went with a killed process")
            kept = [at for at, place in waiting if not any(death > at for death in self.replicas[place].deaths)]
            wrong += [f"{len(kept)} late answers were never pushed"] if kept else []
        wrong += [f"{what} ({number} times)" for what, number in Counter(self.faults).items()]
        async with self.database.session() as session:
            keys = Counter(await session.scalars(select(col(QuestionRow.key))))
            rows = Counter(await session.scalars(select(col(SubscriptionRow.user))))
        wrong += [f"the subscription of {user} is lost" for user in self.subscribed if rows[user] != 1]
        lost = [self.asked[key] for key in self.asked if not keys[key]]
        stored = [self.asked[key] for key in self.asked if keys[key]]
        wrong += self._not_the_last(lost, stored)
        seen = self.seen()
        wrong += [f"{user} saw {what} {n} times" for (user, what), n in seen.items() if n > 1]
        missing = self.announced * FOLLOWERS - len(seen)
        if missing:
            wrong.append(f"{missing} updates were never seen")
        early = self.memory[3:8] or self.memory
        if statistics.mean(self.memory[-4:]) > GROWTH * statistics.mean(early):
            wrong.append("the memory grew")
        return wrong

    def _not_the_last(self, lost: list[Answered], stored: list[Answered]) -> list[str]:
        """What is wrong with the questions that are missing: of each process that was killed they may be the last ones."""
        wrong = []
        for place, replica in enumerate(self.replicas):
            begun = 0.0
            for death in [*replica.deaths, math.inf]:
                end = death + DOWN / 2
                missing, kept = (
                    [at for at, by in them if by == place and begun < at <= end] for them in (lost, stored)
                )
                last, begun = max(kept, default=begun), end
                if not missing:
                    continue
                first = min(missing)
                print(
                    f"{len(missing)} questions went with replica {place}, the first answered {death - first:.2f} s before its end"
                )
                if death - first > LAST_MOMENTS:
                    wrong.append(f"a question answered {death - first:.2f} s before a replica was killed is missing")
                if last - first > OUT_OF_ORDER:
                    wrong.append(
                        f"a question is missing, but one answered {last - first:.2f} s later by the same process is not"
                    )
        return wrong


@asynccontextmanager
async def running(url: str, folder: Path) -> AsyncIterator[Run]:
    """A platform, and two replicas that are ready."""
    started = time.time()
    account = Account(APP.corp_id, APP.agent_id, APP.secret, APP.token, APP.aes_key)
    people = [Person(f"follower{n}", "", "") for n in range(FOLLOWERS)]
    database = Database(url)
    await database.migrate()
    async with ClientSession() as session, database.transaction() as transaction:
        await followers.follow_many(transaction, [person.user for person in people], "sector:telecom", START)
    async with ClientSession() as session:
        platform = Platform(account, "http://localhost/", session, lambda: now(started), people=people, accounts=10**6)
        app = web.Application()
        mount(app, platform)
        address = bound("127.0.0.1", 0)
        async with listening(app, address):
            api = f"http://127.0.0.1:{port_of(address)}"
            replicas = [_replica(url, api, folder / f"log-{n}", started) for n in range(2)]
            texts = only_questions()
            messages = Messages(texts, clock=lambda: now(started).timestamp())
            try:
                for replica in replicas:
                    replica.start()
                    await ready(f"http://127.0.0.1:{replica.port}/readyz")
                yield Run(replicas, messages, texts, database, platform, started)
            finally:
                for replica in replicas:
                    replica.kill()
    await database.close()


def _replica(url: str, api: str, log: Path, started: float) -> Replica:
    port = free_port()
    environment = {**APP.environment(port, api), "PILOTBOT_DATABASE_URL": url, "PILOTBOT_LOG_LEVEL": "warning"}
    return Replica(port, environment, log, started)


async def soak(options: argparse.Namespace, url: str, folder: Path) -> int:
    async with running(url, folder) as run:
        await run.capacity(WARM_UP)
        rate = options.rate or await run.capacity(MEASURED) / 2
        run.latencies.clear()
        print(f"{rate:.0f} messages/s for {options.minutes:g} min", flush=True)
        end = time.time() + options.minutes * 60
        watching = asyncio.create_task(run.watch())
        await asyncio.gather(run.load(rate, end), run.kill(end), run.announce(end))
        await run.settle()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        wrong = await run.verdict()
        _print(run, rate)
    print("\n".join(wrong[:20]) if wrong else "nothing lost, nothing twice")
    return 1 if wrong else 0


def _print(run: Run, rate: float) -> None:
    ordered = sorted(run.latencies)
    print(
        f"{len(ordered)} messages at {rate:.0f}/s, {len(run.subscribed)} of them subscriptions; {len(run.late)} late; {run.repeated} delivered again; "
        f"{len(run.replicas[-1].deaths)} kills; p50 {ordered[len(ordered) // 2] * 1000:.1f} ms, p99 {ordered[len(ordered) * 99 // 100] * 1000:.0f} ms; "
        f"{run.announced} updates to {FOLLOWERS} followers; memory {' '.join(f'{mb:.0f}' for mb in run.memory)} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; 0: half of what is possible")
    parser.add_argument("--server", default=SERVER, help="a PostgreSQL database in which schemas may be made")
    options = parser.parse_args()
    with schema(options.server) as url, tempfile.TemporaryDirectory(prefix="pilotbot-soak-") as folder:
        raise SystemExit(asyncio.run(soak(options, url, Path(folder))))


if __name__ == "__main__":
    main()
