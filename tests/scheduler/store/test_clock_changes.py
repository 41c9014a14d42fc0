"""A clock that is hours off, and one that is put back: nothing comes twice, and nothing waits for ever."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from bot.database import Database
from scheduler.delivery import HoldKind
from scheduler.engine import Engine
from scheduler.retry import Pause
from scheduler.store import followers, holds
from scheduler.store.followers import MILESTONES
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Died, Platform, Time
from tests.scheduler.store.world import Replica, pilot, subscribe, tell, told, world

END = date(2022, 3, 16)  # a Wednesday
BEFORE = datetime(2022, 3, 15, 8, 0, tzinfo=SHANGHAI)  # the day before, its reminder is due at 09:10
DAY = timedelta(days=1)


@dataclass
class Off(Time):
    """A clock that is off by so much."""

    right: Time = field(default_factory=Time)
    by: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.right() + self.by


@dataclass
class Service:
    """One process, whose clock may be wrong, and a platform, whose clock is right."""

    right: Time
    clock: Off
    platform: Platform
    replica: Replica
    engine: Engine

    async def during(self, period: timedelta, step: timedelta = timedelta(minutes=10)) -> None:
        """Ticks for so long, but not as often as a real one."""
        end = self.right.now + period
        while self.right.now < end:
            await self.engine.run()
            self.right.now += step


def service(database: Database, right: Time, platform: Platform, by: timedelta = timedelta()) -> Service:
    clock = Off(right=right, by=by)
    replica = Replica(database, clock, platform, world(pilot(END)))
    return Service(right, clock, platform, replica, Engine(replica.planner, replica.outbox, platform.send, clock))


@pytest.fixture
def right() -> Time:
    return Time(BEFORE)


@pytest.fixture
def platform(right: Time) -> Platform:
    return Platform(right)


@pytest.mark.parametrize("hours", [-5, -0.5, 0.5, 5])
async def test_with_a_clock_that_is_off_all_is_sent_once(
    database: Database, right: Time, platform: Platform, hours: float
) -> None:
    right.now = BEFORE - DAY
    bot = service(database, right, platform, timedelta(hours=hours))
    await bot.engine.begin()
    await subscribe(database, ["li"], MILESTONES, bot.clock())
    await tell(database, "late", "好", ["li"], bot.clock())
    await bot.during(3 * DAY)
    assert await told(database, "li") == ["sent"] * 3  # the answer, one day ahead, and on the day
    assert len(platform.seen) == len(set(platform.seen)) == 3


@pytest.mark.parametrize("hours", [0.5, 2, 26])
async def test_a_clock_that_is_put_back_sends_no_reminder_twice(
    database: Database, right: Time, platform: Platform, hours: float
) -> None:
    bot = service(database, right, platform)
    await bot.engine.begin()
    await subscribe(database, ["li"], MILESTONES, bot.clock())
    await bot.during(timedelta(hours=2))
    sent = list(platform.seen)
    assert len(sent) == 1
    bot.clock.by = -timedelta(hours=hours)
    await bot.during(timedelta(hours=hours))
    assert platform.seen == sent
    await bot.during(2 * DAY)
    assert await told(database, "li") == ["sent"] * 2
    assert len(platform.seen) == len(set(platform.seen)) == 2


async def test_what_was_recorded_while_the_clock_was_ahead_does_not_wait_for_that_time(
    database: Database, right: Time, platform: Platform
) -> None:
    bot = service(database, right, platform, timedelta(hours=6))
    await bot.engine.run()
    await tell(database, "late", "好", ["li"], bot.clock())
    await pause(database, bot.clock())
    bot.clock.by = timedelta()
    await bot.engine.run()
    assert platform.seen == [("li", "好")]


async def pause(database: Database, now: datetime) -> None:
    async with database.transaction() as session:
        await holds.hold(session, Pause(HoldKind.RATE, "too many calls", now + timedelta(minutes=1)), now)


async def test_who_was_out_of_reach_while_the_clock_was_ahead_comes_back_by_writing(
    database: Database, right: Time, platform: Platform
) -> None:
    bot = service(database, right, platform, timedelta(hours=6))
    await subscribe(database, ["li"], MILESTONES, right())
    platform.invalid = {"li"}
    await tell(database, "late", "好", ["li"], bot.clock())
    await bot.engine.run()
    platform.invalid = set()
    bot.clock.by = timedelta()
    await bot.engine.run()
    async with database.transaction() as session:
        await followers.back(session, {"li": bot.clock() + timedelta(minutes=1)})
        assert (await followers.follower(session, "li")).unreachable_since is None


@pytest.mark.parametrize("fate", ["die after", "drop"])
async def test_an_attempt_of_unknown_age_is_left_to_people_rather_than_repeated(
    database: Database, right: Time, platform: Platform, fate: str
) -> None:
    bot = service(database, right, platform, timedelta(hours=6))
    await tell(database, "late", "好", ["li"], bot.clock())
    platform.plan = iter([fate, *[""] * 9])
    with suppress(Died):
        await bot.engine.run()
    right.pass_(hours=5)  # nobody knows of them: the machine was off, and its clock is right now
    again = service(database, right, platform)
    await again.during(timedelta(hours=3))
    assert platform.seen == [("li", "好")]
    assert await told(database, "li") == ["unconfirmed"]


async def test_a_call_under_way_while_the_clock_is_put_back_is_settled(
    database: Database, right: Time, platform: Platform
) -> None:
    bot = service(database, right, platform, timedelta(hours=6))
    await tell(database, "late", "好", ["li"], bot.clock())
    batch = await bot.replica.outbox.claim(bot.clock())
    assert batch
    bot.clock.by = timedelta()
    await bot.engine.run()
    attempt = await platform.send(batch.body)
    await bot.replica.outbox.settle(batch, attempt, bot.clock())
    await bot.during(timedelta(hours=1))
    assert await told(database, "li") == ["sent"]


async def test_what_somebody_got_while_the_clock_was_ahead_does_not_count_until_that_time(
    database: Database, right: Time, platform: Platform
) -> None:
    bot = service(database, right, platform, timedelta(hours=6))
    for number in range(30):  # as many as the platform delivers within a minute
        await tell(database, f"late{number}", f"好{number}", ["li"], bot.clock())
    await bot.engine.run()
    bot.clock.by = timedelta()
    await tell(database, "one more", "好", ["li"], bot.clock())
    await bot.during(timedelta(minutes=30))
    assert platform.seen[30:] == [("li", "好")]
