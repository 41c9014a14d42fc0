"""Updates of the knowledge: who is told what, when, and in how many messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.database import Database
from scheduler.delivery import Cadence
from scheduler.store import announcing, followers
from scheduler.updates import Changed, Weight, updates
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, subscribe, world

THURSDAY = datetime(2022, 3, 3, 15, 0, tzinfo=SHANGHAI)
LOANS = Changed("plan/1.1", "跨境贷款", "changed", "plan", ("finance", "trade"))
CARDS = Changed("plan/1.2", "外卡受理", "added", "plan", ("finance",))
VISAS = Changed("plan/2.1", "签证便利", "retired", "plan", ("talent",))
NAMES = {
    "sector:finance": "金融",
    "sector:trade": "贸易",
    "sector:talent": "人才",
    "document:plan": "方案",
    "all": "全部",
}


@pytest.fixture
def clock() -> Time:
    return Time(THURSDAY)


async def change(
    database: Database, number: int, measures: Sequence[Changed], at: datetime, weight: Weight = Weight.NORMAL
) -> int:
    async with database.transaction() as session:
        made = updates(number, measures, NAMES, weight)
        return await announcing.announce(session, made, at, world(), weight)


async def has_cadence(database: Database, user: str, cadence: Cadence) -> None:
    async with database.transaction() as session:
        await followers.set_cadence(session, user, cadence, THURSDAY)


async def test_the_followers_of_a_touched_topic_are_told_at_once(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, ["li"], "sector:finance", THURSDAY)
    await subscribe(database, ["wang"], "document:plan", THURSDAY)
    await subscribe(database, ["zhou"], "sector:tourism", THURSDAY)
    assert await change(database, 1, [LOANS, CARDS], THURSDAY) == 2
    await replica.tick()
    told = dict(platform.seen)
    assert set(told) == {"li", "wang"}
    assert told["li"].splitlines() == [
        "【政策更新】金融：2项有变化",
        '· 修订：<a href="https://bot.example.com/measures/plan/1.1">跨境贷款</a>',
        '· 新增：<a href="https://bot.example.com/measures/plan/1.2">外卡受理</a>',
    ]


async def test_an_author_whose_clock_is_behind_still_tells_those_who_follow(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, ["li"], "sector:finance", THURSDAY)
    assert await change(database, 1, [LOANS], THURSDAY - timedelta(minutes=5)) == 1
    await replica.tick()
    assert [user for user, _ in platform.seen] == ["li"]


async def test_who_follows_several_touched_topics_gets_one_message_with_each_measure_once(
    replica: Replica, database: Database, platform: Platform
) -> None:
    for topic in ("sector:finance", "sector:trade", "document:plan"):
        await subscribe(database, ["li"], topic, THURSDAY)
    await change(database, 1, [LOANS, CARDS], THURSDAY)
    await replica.tick()
    ((_, text),) = platform.seen
    assert text.count("跨境贷款") == 1
    assert text.startswith("【政策更新】方案、金融、贸易：2项有变化")


async def test_who_follows_everything_is_told_once(replica: Replica, database: Database, platform: Platform) -> None:
    await subscribe(database, ["li"], "all", THURSDAY)
    await subscribe(database, ["li"], "sector:finance", THURSDAY)
    assert await change(database, 1, [LOANS], THURSDAY) == 1
    await replica.tick()
    assert [text.splitlines()[0] for _, text in platform.seen] == ["【政策更新】全部：1项有变化"]


async def test_digests_wait_for_their_day_and_merge(replica: Replica, database: Database, platform: Platform) -> None:
    for user, cadence in (("now", Cadence.IMMEDIATE), ("daily", Cadence.DAILY), ("weekly", Cadence.WEEKLY)):
        await subscribe(database, [user], "all", THURSDAY)
        await has_cadence(database, user, cadence)
    await change(database, 1, [LOANS], THURSDAY)
    await replica.until(datetime(2022, 3, 4, 9, 0, tzinfo=SHANGHAI))
    assert [user for user, _ in platform.seen] == ["now"]
    await change(database, 2, [VISAS], replica.clock.now)
    await replica.until(datetime(2022, 3, 5, 0, 0, tzinfo=SHANGHAI))
    assert [user for user, _ in platform.seen] == ["now", "now", "daily"]
    await replica.until(datetime(2022, 3, 8, 0, 0, tzinfo=SHANGHAI))
    user, text = platform.seen[-1]
    assert (len(platform.seen), user) == (4, "weekly")
    assert ("跨境贷款" in text, "签证便利" in text) == (True, True)


async def test_a_minor_change_is_not_announced_and_an_urgent_one_now(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, ["li"], "all", THURSDAY)
    await has_cadence(database, "li", Cadence.WEEKLY)
    assert await change(database, 1, [LOANS], THURSDAY, Weight.MINOR) == 0
    assert await change(database, 2, [CARDS], THURSDAY, Weight.URGENT) == 1
    await replica.tick()
    assert [user for user, _ in platform.seen] == ["li"]


async def test_a_change_is_announced_once_however_often_it_is_recorded(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, ["li"], "all", THURSDAY)
    assert await change(database, 1, [LOANS], THURSDAY) == 1
    assert await change(database, 1, [LOANS], THURSDAY) == 0
    await replica.tick()
    assert len(platform.seen) == 1


async def test_another_cadence_moves_what_waits(replica: Replica, database: Database, platform: Platform) -> None:
    await subscribe(database, ["li"], "all", THURSDAY)
    await has_cadence(database, "li", Cadence.WEEKLY)
    await change(database, 1, [LOANS], THURSDAY)
    await replica.tick()
    assert platform.seen == []
    await has_cadence(database, "li", Cadence.IMMEDIATE)
    await replica.tick()
    assert len(platform.seen) == 1


async def test_a_large_change_names_some_counts_all_and_stays_within_the_limit(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, ["li"], "document:plan", THURSDAY)
    many = [Changed(f"plan/1.{n}", f"很长很长的措施标题第{n}号" * 2, "added", "plan", ("finance",)) for n in range(500)]
    await change(database, 1, many, THURSDAY)
    await replica.tick()
    ((_, text),) = platform.seen
    assert len(text.encode()) <= 2048
    assert "500项有变化" in text
    assert re.search(
        r'\n另有49\d项，<a href="https://bot.example.com/measures\?document:plan">在网页上浏览</a>，', text
    )


async def test_a_digest_of_many_topics_names_some_and_counts_all(
    replica: Replica, database: Database, platform: Platform
) -> None:
    sectors = [f"s{n}" for n in range(17)]
    for sector in sectors:
        await subscribe(database, ["li"], f"sector:{sector}", THURSDAY)
    await change(database, 1, [Changed("plan/1.1", "甲", "added", "plan", tuple(sectors))], THURSDAY)
    await replica.tick()
    ((_, text),) = platform.seen
    assert text.startswith("【政策更新】sector:s0、sector:s1、sector:s10等17项：1项有变化")
