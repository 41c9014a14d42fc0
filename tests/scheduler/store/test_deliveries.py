"""What admins see of deliveries, and telling something again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from bot.database import Database
from scheduler.delivery import Kind, Notice, State
from scheduler.store import deliveries, followers, occurrences
from scheduler.store.followers import MILESTONES
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, pilot, subscribe, tell, told, world

NOW = datetime(2022, 3, 1, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def clock() -> Time:
    return Time(NOW)


@pytest.fixture
def replica(database: Database, clock: Time, platform: Platform) -> Replica:
    return Replica(database, clock, platform, world(pilot(date(2022, 4, 27))))


async def resent(database: Database, occurrence: int, at: datetime, users: list[str] | None = None) -> int:
    async with database.transaction() as session:
        return await deliveries.resend(session, occurrence, at, users)


async def rounds(database: Database) -> tuple[deliveries.Round, ...]:
    async with database.session() as session:
        return await deliveries.rounds(session)


async def test_deliveries_are_listed_newest_first_by_person_and_state(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    platform.plan = iter(["", "never", *[""] * 9])
    await tell(database, "k1", "一\n其余", ["li", "wang"], NOW)
    await replica.tick()
    clock.pass_(minutes=1)
    await tell(database, "k2", "二", ["li"], clock.now)
    await replica.tick()
    await tell(database, "k3", "三", ["Li"], NOW + timedelta(days=1))
    async with database.session() as session:
        of_li = await deliveries.listed(session, user="LI")
        failed = await deliveries.listed(session, states=deliveries.FAILED)
        second = await deliveries.listed(session, kinds=[Kind.ANSWER], limit=1, offset=1)
    assert [(d.subject, d.state) for d in of_li] == [
        ("三", State.PLANNED), ("二", State.GIVEN_UP), ("一", State.SENT),
    ]  # fmt: skip
    assert [(d.user, d.subject, d.code, d.detail) for d in failed] == [("li", "二", 44004, "empty")]
    assert [d.subject for d in second] == ["二"]


async def test_a_round_counts_people_by_what_became_of_it(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    platform.invalid = {"u1"}
    await subscribe(database, [f"u{n}" for n in range(30)], MILESTONES, NOW)
    await replica.until(datetime(2022, 3, 29, 9, 0, tzinfo=SHANGHAI))
    (reminder,) = await rounds(database)
    assert (reminder.kind, reminder.subject) == (Kind.REMINDER, "示范试点 试点期满 2022-04-27")
    assert reminder.counts == {State.SENT: 29, State.INVALID: 1}


async def test_what_did_not_arrive_is_sent_again_and_says_so(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    platform.invalid = {"wang"}
    await subscribe(database, ["li", "wang"], MILESTONES, NOW)
    await replica.until(datetime(2022, 3, 29, 9, 0, tzinfo=SHANGHAI))
    platform.invalid = set()
    async with database.transaction() as session:
        await followers.back(session, {"wang": clock.now})
    (reminder,) = await rounds(database)
    assert await resent(database, reminder.occurrence, clock.now) == 1
    await replica.tick()
    card = platform.requests[-1]["template_card"]
    assert (platform.requests[-1]["touser"], card["sub_title_text"]) == ("wang", "补发 03-29 09:00")
    assert platform.users() == ["li", "wang"]


async def test_people_named_get_it_again_whatever_became_of_it_unless_it_is_on_its_way(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await tell(database, "k1", "好", ["li", "wang"], NOW)
    (round_,) = await rounds(database)
    assert await resent(database, round_.occurrence, clock.now, ["li"]) == 0
    await replica.tick()
    assert await resent(database, round_.occurrence, clock.now) == 0
    assert await resent(database, round_.occurrence, clock.now, ["Li", "stranger"]) == 1
    await replica.tick()
    assert platform.seen[-1] == ("li", "【补发 03-01 09:00】\n好")
    assert len(platform.seen) == 3


async def test_what_is_of_no_use_any_more_is_not_sent_again(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    platform.plan = iter(["never"])
    async with database.transaction() as session:
        notice = Notice("k", Kind.ANSWER, {"text": "好"}, NOW + timedelta(hours=1))
        assert await occurrences.push(session, notice, ["li"], NOW)
        assert not await occurrences.push(session, notice, ["li"], NOW)
    await replica.tick()
    (round_,) = [r for r in await rounds(database) if r.kind is Kind.ANSWER]
    assert await resent(database, round_.occurrence, NOW + timedelta(hours=1)) == 0
    assert await told(database, "li") == ["given_up"]
