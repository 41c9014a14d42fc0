"""PostgreSQL is away for a while under a real `pilotbot serve`: nothing fails, nothing is lost, all goes on by itself.

    python -m benchmarks.outage [--seconds 30] [--rate 40] [--silent] [--server URL]

People ask and subscribe all the time, over a line to the database that is cut in the midst of it and refuses connections
(--silent: nothing comes over it any more, and nobody is told). An update is announced just before, and another one by
somebody with a line of their own meanwhile. While the database is away

- questions are answered, those who subscribe are refused in plain words, no answer is an error or late (--silent: those who
  subscribe may wait for the end), /healthz says that the process lives, /readyz that it is not ready.

Once it is back

- the service is ready, subscriptions work, every answer is in the journal, every confirmed subscription is
  stored and no refused one is, every follower sees every update exactly once, and at SIGTERM the process ends with status 0.

Exit status 1 if not. It makes a schema of its own on the server and drops it.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from aiohttp import ClientError, ClientSession, web
from sqlalchemy import make_url, select
from sqlmodel import col

from benchmarks.cable import Cable
from benchmarks.callback import free_port, ready
from benchmarks.load import APP, Messages, only_questions
from benchmarks.postgres import schema
from benchmarks.soak import SERVER, START, ZONE, Replica, now
from bot.database import Database
from bot.demo.model import Account, Person
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.process import bound, listening, port_of
from bot.serve import STOPS_WITHIN
from bot.wecom.crypto import Envelope
from handlers import texts
from handlers.tables import InboxRow
from scheduler.store import announcing, followers
from scheduler.store.planning import World
from scheduler.tables import SubscriptionRow
from scheduler.updates import Changed, updates
from scheduler.workdays import Calendar

FOLLOWERS = 200
SUBSCRIBES = 10  # one message in so many is a subscription
BEFORE, AFTER = 5.0, 10.0  # s of messages with the database there
NOTICED = 8.0  # s until the service must have noticed a change: an attempt to connect takes 3 s at most, twice
LOOK_EVERY = 0.5  # s
TIMELY = 5.0  # s: what the platform still hears
SETTLE = 90.0  # s for what is still to be sent: a lease of a call takes 60 s to end
PUBLIC = Envelope(APP.token, APP.aes_key, APP.corp_id)


@dataclass
class Said:
    """One message, and what came back."""

    key: str
    user: str
    subscribes: bool
    at: float  # s of the run
    took: float  # s
    reply: str  # empty: late
    fault: str  # empty: none


@dataclass
class Run:
    """What is done to the service, and what came of it."""

    replica: Replica
    cable: Cable
    database: Database  # by a line of its own
    platform: Platform
    silent: bool
    messages: Messages = field(default_factory=lambda: Messages(only_questions()))
    began: float = field(default_factory=time.monotonic)
    said: list[Said] = field(default_factory=list)
    looks: list[tuple[float, str, int]] = field(default_factory=list)  # s of the run, path, status (0: no answer)
    announced: int = 0
    away: tuple[float, float] = (0.0, 0.0)  # s of the run

    def clock(self) -> float:
        return time.monotonic() - self.began

    async def outage(self, seconds: float) -> float:
        """s after the end of it at which every update was seen."""
        await asyncio.sleep(BEFORE)
        await self.announce()
        since = self.clock()
        self.cable.silence() if self.silent else self.cable.cut()
        await asyncio.sleep(seconds / 2)
        await self.announce()
        await asyncio.sleep(seconds / 2)
        self.cable.mend()
        self.away = since, self.clock()
        return await self.settle()

    async def announce(self) -> None:
        """A change of the knowledge, told to those who follow its sector."""
        self.announced += 1
        changed = [Changed(f"out/{self.announced}.1", f"措施{self.announced}。", "changed", "out", ("telecom",))]
        made = updates(10**6 + self.announced, changed, {"telecom": "电信"})
        async with self.database.transaction() as session:
            await announcing.announce(
                session, made, now(self.replica.started), World((), Calendar(), START.time(), ZONE)
            )

    async def load(self, rate: float, seconds: float) -> None:
        """People, at a steady rate."""
        async with ClientSession() as session, asyncio.TaskGroup() as group:
            for number in range(1, int(rate * seconds)):
                group.create_task(self._one(session, number))
                await asyncio.sleep(max(0.0, number / rate - self.clock()))

    async def _one(self, session: ClientSession, number: int) -> None:
        user, subscribes = f"person{number}", number % SUBSCRIBES == 0
        self.platform.corp.hire(Person(user, "", ""))  # or no late answer could reach them
        text = "订阅 金融" if subscribes else self.messages.texts[number % len(self.messages.texts)]
        head, _, body = self.messages.request(number, text, user).partition(b"\r\n\r\n")
        url, at, reply, fault = (
            f"http://127.0.0.1:{self.replica.port}{head.split(b' ')[1].decode()}",
            self.clock(),
            "",
            "",
        )
        try:
            async with session.post(url, data=body) as response:
                answer = await response.text()
                fault = "" if response.status == 200 else str(response.status)
                reply = opened(answer) if answer and not fault else ""
        except (OSError, ClientError) as error:
            fault = type(error).__name__
        key = f"{APP.agent_id}:{user}:{number}"
        self.said.append(Said(key, user, subscribes, at, self.clock() - at, reply, fault))

    async def watch(self) -> None:
        """What load balancers and supervisors are told, for ever."""
        async with ClientSession() as session:
            while True:
                await asyncio.gather(*(self._look(session, path) for path in ("/healthz", "/readyz")))
                await asyncio.sleep(LOOK_EVERY)

    async def _look(self, session: ClientSession, path: str) -> None:
        at = self.clock()
        try:
            async with asyncio.timeout(TIMELY), session.get(f"http://127.0.0.1:{self.replica.port}{path}") as response:
                self.looks.append((at, path, response.status))
        except (OSError, ClientError, TimeoutError):
            self.looks.append((at, path, 0))

    async def settle(self) -> float:
        """Waits until every update was seen, as far as they ever are; s since the database was back."""
        while self.clock() < self.away[1] + SETTLE and sum(self.seen().values()) < self.announced * FOLLOWERS:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        return self.clock() - self.away[1]

    def seen(self) -> Counter[tuple[str, str]]:
        """How often each follower saw each update."""
        told = [(d.user, str(d.message.get("text", {}).get("content", ""))) for d in self.platform.deliveries]
        names = [f"措施{number}。" for number in range(1, self.announced + 1)]
        return Counter((user, name) for user, content in told for name in names if name in content)

    async def verdict(self) -> list[str]:
        """What is wrong, one line each."""
        return [*self._answers(), *self._looks(), *await self._end(), *await self._stored(), *self._deliveries()]

    def _answers(self) -> list[str]:
        faults = Counter(said.fault for said in self.said if said.fault)
        wrong = [f"{number} messages got {fault}" for fault, number in faults.items()]
        slow = [said for said in self.said if said.took > TIMELY]
        wrong += [f"{len(slow)} messages were answered after {TIMELY:.0f} s"] if slow else []
        late = [said for said in self.said if not (said.reply or said.fault or (self.silent and said.subscribes))]
        wrong += [f"{len(late)} messages were answered late"] if late else []
        apologies = (texts.FAILED, texts.BUSY, texts.UNAVAILABLE)
        unanswered = [said for said in self.said if not said.subscribes and said.reply in apologies]
        wrong += [f"{len(unanswered)} questions were refused"] if unanswered else []
        odd = {said.reply for said in self.said if said.subscribes and said.reply and not expected(said.reply)}
        return wrong + [f"who subscribes is told: {reply}" for reply in odd]

    def _looks(self) -> list[str]:
        since, until = self.away
        wrong = [
            f"/healthz said {status} at {at:.0f} s"
            for at, path, status in self.looks
            if path == "/healthz" and status != 200
        ]
        for at, path, status in self.looks:
            if path == "/readyz":
                if status != 503 and since + NOTICED < at < until - TIMELY:
                    wrong.append(f"/readyz said {status} at {at:.0f} s, with the database away")
                if status != 200 and (at < since - LOOK_EVERY or at > until + NOTICED):
                    wrong.append(f"/readyz said {status} at {at:.0f} s, with the database there")
        return wrong

    async def _stored(self) -> list[str]:
        async with self.database.session() as session:
            keys = set(await session.scalars(select(col(InboxRow.key))))
            rows = set(await session.scalars(select(col(SubscriptionRow.user))))
        asked = [said.key for said in self.said if said.reply and said.reply != texts.UNAVAILABLE]
        missing = [key for key in asked if key not in keys]
        wrong = [f"{len(missing)} of {len(asked)} answers are missing from the journal"] if missing else []
        lost = [said.user for said in self.said if said.reply.startswith("已订阅") and said.user not in rows]
        wrong += [f"{len(lost)} confirmed subscriptions are lost"] if lost else []
        kept = [said.user for said in self.said if said.reply == texts.UNAVAILABLE and said.user in rows]
        return wrong + ([f"{len(kept)} refused subscriptions are stored"] if kept else [])

    def _deliveries(self) -> list[str]:
        seen = self.seen()
        wrong = [f"{user} saw {what} {n} times" for (user, what), n in seen.items() if n > 1]
        missing = self.announced * FOLLOWERS - len(seen)
        return wrong + ([f"{missing} updates were never seen"] if missing else [])

    async def _end(self) -> list[str]:
        process = self.replica.process
        if process is None or process.poll() is not None:
            return ["the process died"]
        process.send_signal(signal.SIGTERM)
        status = await asyncio.to_thread(process.wait, STOPS_WITHIN + 5)
        return [f"at SIGTERM the process ended with {status}"] if status else []


def expected(reply: str) -> bool:
    """Whether a reply to who subscribes is a confirmation or the refusal in plain words."""
    return reply.startswith("已订阅") or reply == texts.UNAVAILABLE


def opened(answer: str) -> str:
    """The text of a sealed reply."""
    sealed = ElementTree.fromstring(answer).findtext("Encrypt") or ""  # noqa: S314  our own
    return ElementTree.fromstring(PUBLIC.open(sealed).decode()).findtext("Content") or ""  # noqa: S314


@asynccontextmanager
async def running(url: str, folder: Path, silent: bool) -> AsyncIterator[Run]:
    """A platform, a line to the database, and a service that is ready."""
    started = time.time()
    account = Account(APP.corp_id, APP.agent_id, APP.secret, APP.token, APP.aes_key)
    people = [Person(f"follower{n}", "", "") for n in range(FOLLOWERS)]
    database = Database(url)
    await database.migrate()
    async with database.transaction() as transaction:
        await followers.follow_many(transaction, [person.user for person in people], "sector:telecom", START)
    server = make_url(url)
    cable = Cable(str(server.host), server.port or 5432)
    async with ClientSession() as session, cable.laid() as here:
        platform = Platform(account, "http://localhost/", session, lambda: now(started), people=people, accounts=10**6)
        app, address = web.Application(), bound("127.0.0.1", 0)
        mount(app, platform)
        async with listening(app, address):
            port = free_port()
            environment = {
                **APP.environment(port, f"http://127.0.0.1:{port_of(address)}"),
                "PILOTBOT_DATABASE_URL": server.set(host="127.0.0.1", port=here).render_as_string(False),
                "PILOTBOT_LOG_LEVEL": "warning",
            }
            replica = Replica(port, environment, folder / "log", started)
            try:
                replica.start()
                await ready(f"http://127.0.0.1:{port}/readyz")
                yield Run(
                    replica,
                    cable,
                    database,
                    platform,
                    silent,
                    Messages(only_questions(), clock=lambda: now(started).timestamp()),
                )
            finally:
                replica.kill()
    await database.close()


async def outage(options: argparse.Namespace, url: str, folder: Path) -> int:
    async with running(url, folder, options.silent) as run:
        watching = asyncio.create_task(run.watch())
        load = run.load(options.rate, BEFORE + options.seconds + AFTER)
        _, settled = await asyncio.gather(load, run.outage(options.seconds))
        watching.cancel()
        await asyncio.wait([watching])
        wrong = await run.verdict()
        report(run, settled)
    print("\n".join(wrong[:20]) if wrong else "nothing failed, nothing lost, and all went on by itself")
    return 1 if wrong else 0


def report(run: Run, settled: float) -> None:
    since, until = run.away
    during = [said for said in run.said if since <= said.at < until]
    counts = {
        "questions": lambda said: not said.subscribes,
        "subscriptions refused": lambda said: said.reply == texts.UNAVAILABLE,
        "late": lambda said: not said.reply,
    }
    back = [at for at, path, status in run.looks if path == "/readyz" and status == 200 and at >= until]
    took = sorted(said.took * 1000 for said in during)
    print(
        f"away for {until - since:.0f} s; {len(run.said)} messages, meanwhile {len(during)}: "
        + ", ".join(f"{sum(map(is_, during))} {what}" for what, is_ in counts.items())
        + f"; p50 {took[len(took) // 2]:.1f} ms, slowest {took[-1]:.0f} ms; "
        f"ready {min(back, default=float('nan')) - until:.1f} s after, updates seen {settled:.1f} s after"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the database is away (30)")
    parser.add_argument("--rate", type=float, default=40.0, help="messages a second (40)")
    parser.add_argument("--silent", action="store_true", help="the line says nothing instead of refusing")
    parser.add_argument("--server", default=SERVER, help="a PostgreSQL database in which schemas may be made")
    options = parser.parse_args()
    with schema(options.server) as url, tempfile.TemporaryDirectory(prefix="pilotbot-outage-") as folder:
        raise SystemExit(asyncio.run(outage(options, url, Path(folder))))


if __name__ == "__main__":
    main()
