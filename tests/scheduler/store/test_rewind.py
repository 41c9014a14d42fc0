"""A demo's clock that is put back: what was skipped comes in its turn, what was sent does not come again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.database import Database
from scheduler.store.followers import MILESTONES
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, pilot, subscribe, told, world

END = date(2022, 3, 16)  # a Wednesday
LATE = datetime(2024, 1, 1, 12, 0, tzinfo=SHANGHAI)
EARLY = datetime(2022, 3, 10, 12, 0, tzinfo=SHANGHAI)


async def test_a_clock_put_back_opens_what_was_skipped_and_repeats_nothing(database: Database) -> None:
    clock = Time(LATE)
    replica = Replica(database, clock, Platform(clock), world(pilot(END)))
    await subscribe(database, ["wang"], MILESTONES, LATE)
    await replica.tick()  # everything lies in the past and is skipped
    for _ in range(2):
        clock.now = EARLY
        await replica.planner.rewind(EARLY)
        await replica.until(EARLY + timedelta(days=10))
        assert await told(database, "wang") == ["sent", "sent"]  # one day ahead, and on the day
