"""Followers, a plan, an outbox and a platform on one database."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from bot.database import Database
from scheduler.delivery import Kind, Notice
from scheduler.dispatcher import dispatch
from scheduler.messages import Links
from scheduler.model import Pilot
from scheduler.store import followers, occurrences
from scheduler.store.outbox import Outbox
from scheduler.store.planning import Planner, World
from scheduler.workdays import Calendar
from tests.scheduler.examples import REMIND_AT, SHANGHAI
from tests.scheduler.platform import Died, Platform, Time

LINKS = Links(
    "https://bot.example.com/milestones",
    lambda id_: f"https://bot.example.com/measures/{id_}",
    lambda topic: f"https://bot.example.com/measures?{topic}",
)
_ids = count(1)


@dataclass
class Replica:
    """One process."""

    database: Database
    clock: Time
    platform: Platform
    world: World
    accounts: int | None = None
    admins: tuple[str, ...] = ()
    planner: Planner = field(init=False)
    outbox: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.planner = Planner(self.database, lambda: self.world)
        self.outbox = Outbox(
            self.database,
            self.platform.encode,
            LINKS,
            SHANGHAI,
            owner=f"replica-{next(_ids)}",
            new_id=lambda: f"task-{next(_ids)}",
            random=lambda: 0.5,
            accounts=self.accounts,
            admins=self.admins,
        )

    async def tick(self) -> int:
        """Plans and sends what is due; the number of calls. A killed process leaves everything as it is."""
        await self.planner.run(self.clock())
        with suppress(Died):
            return await dispatch(self.outbox, self.platform.send, self.clock)
        return -1

    async def until(self, end: datetime) -> None:
        """Lets time pass until `end`, from one due instant to the next."""
        while True:
            await self.tick()
            ahead = [due for due in (self.planner.wake, await self.outbox.next_due()) if due]
            due = max(min(ahead, default=end), self.clock.now + timedelta(minutes=1))
            if due >= end:
                break
            self.clock.now = due
        self.clock.now = end
        await self.tick()


def world(*pilots: Pilot) -> World:
    return World(pilots, Calendar(), REMIND_AT, SHANGHAI)


def pilot(end: date, name: str = "示范试点", **more: object) -> Pilot:
    """A pilot of a year whose only interesting milestone is its end."""
    start = end.replace(year=end.year - 1)
    return Pilot("demo", name, start, "admin", months=12, **more)  # type: ignore[arg-type]


async def subscribe(database: Database, users: Iterable[str], topic: str, at: datetime) -> None:
    async with database.transaction() as session:
        await followers.follow_many(session, list(users), topic, at)


async def told(database: Database, user: str) -> list[str]:
    """The states of what a person was told, oldest first."""
    async with database.session() as session:
        return [each.state.value for each in reversed(await followers.told(session, user, 50))]


async def tell(
    database: Database, key: str, text: str, users: Iterable[str], at: datetime, kind: Kind = Kind.ANSWER
) -> None:
    """Something to be sent to people by name."""
    async with database.transaction() as session:
        occurrence = await occurrences.add(session, Notice(key, kind, {"text": text}), at)
        assert occurrence is not None
        await occurrences.tell(session, occurrence, list(users), at)
