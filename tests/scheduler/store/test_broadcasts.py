"""An admin's message to many: looked at first, tried on oneself, sent once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.database import Database
from scheduler.store import broadcasts, followers
from scheduler.store.broadcasts import MAX_BYTES, Broadcast, BroadcastError, Preview
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, subscribe

NOW = datetime(2022, 3, 1, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def clock() -> Time:
    return Time(NOW)


@pytest.fixture(autouse=True)
async def people(database: Database) -> None:
    await subscribe(database, ["fin"], "sector:finance", NOW)
    await subscribe(database, ["tal", "paused"], "sector:talent", NOW)
    await subscribe(database, ["boss"], "all", NOW)
    async with database.transaction() as session:
        await followers.pause(session, "paused", NOW)


async def drafted(database: Database, text: str = "周五培训", topic: str | None = None, id_: str = "b1") -> Broadcast:
    async with database.transaction() as session:
        await broadcasts.draft(session, id_, "wangfang", text, topic, NOW)
        found = await broadcasts.find(session, id_)
    assert found is not None
    return found


async def previewed(database: Database, broadcast: Broadcast, accounts: int | None = None) -> Preview:
    async with database.session() as session:
        return await broadcasts.preview(session, broadcast, NOW, accounts)


async def confirmed(database: Database, broadcast: Broadcast, at: datetime = NOW) -> int | None:
    async with database.transaction() as session:
        return await broadcasts.confirm(session, broadcast, "wangfang", at)


async def test_a_draft_shows_who_would_get_what_and_is_sent_to_nobody(
    replica: Replica, database: Database, platform: Platform
) -> None:
    broadcast = await drafted(database)
    preview = await previewed(database, broadcast)
    assert preview == Preview("【通知】周五培训\n（03-01 09:00 发布）", receivers=3, used=0, quota=None)
    assert (preview.calls, preview.days) == (1, 1)
    await replica.tick()
    assert platform.seen == []


@pytest.mark.parametrize(
    ("receivers", "used", "quota", "days"), [(200, 0, 200, 1), (200, 1, 200, 2), (500, 200, 200, 4), (9, 9, None, 1)]
)
def test_the_forecast_says_on_how_many_days_the_quota_lets_it_go_out(
    receivers: int, used: int, quota: int | None, days: int
) -> None:
    assert Preview("", receivers, used, quota).days == days


async def test_a_confirmed_broadcast_reaches_everybody_who_follows_anything_once(
    replica: Replica, database: Database, platform: Platform
) -> None:
    broadcast = await drafted(database)
    assert await confirmed(database, broadcast) == 3
    assert await confirmed(database, broadcast) is None
    await replica.tick()
    assert platform.users() == ["boss", "fin", "tal"]
    async with database.session() as session:
        (kept,) = await broadcasts.listed(session)
    assert (kept.author, kept.confirmed_by, kept.confirmed_at, kept.text) == ("wangfang", "wangfang", NOW, "周五培训")


async def test_a_broadcast_may_go_to_those_who_follow_one_thing(
    replica: Replica, database: Database, platform: Platform
) -> None:
    broadcast = await drafted(database, topic="sector:finance")
    assert (await previewed(database, broadcast)).receivers == await confirmed(database, broadcast) == 2
    await replica.tick()
    assert platform.users() == ["boss", "fin"]


async def test_the_same_words_again_are_visibly_another_message(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await confirmed(database, await drafted(database))
    await confirmed(database, await drafted(database, id_="b2"))
    await replica.tick()
    assert [what.splitlines()[1] for user, what in platform.seen if user == "fin"] == [
        "（03-01 09:00 发布）", "（03-01 09:00 发布，第2次）",
    ]  # fmt: skip


async def test_a_trial_goes_to_the_admin_alone(replica: Replica, database: Database, platform: Platform) -> None:
    broadcast = await drafted(database, "有<新>政策")
    async with database.transaction() as session:
        assert await broadcasts.try_out(session, broadcast, "wangfang", NOW)
        assert not await broadcasts.try_out(session, broadcast, "wangfang", NOW)
        assert await broadcasts.try_out(session, broadcast, "wangfang", NOW + timedelta(seconds=1))
    await replica.tick()
    assert platform.seen == [("wangfang", "【试发】有＜新＞政策\n（03-01 09:00:00，只发给您）")]


@pytest.mark.parametrize(("text", "reason"), [(" \n", "不能为空"), ("长" * 634, "最多 1900 字节")])
async def test_what_cannot_be_sent_is_refused_in_plain_words(database: Database, text: str, reason: str) -> None:
    with pytest.raises(BroadcastError, match=reason):
        await drafted(database, text)
    assert MAX_BYTES < 634 * 3
