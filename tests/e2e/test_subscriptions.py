"""Following sectors and milestones in the chat, over HTTP with the stand-in platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from bot import demo_service
from bot.database import Database, default_url
from bot.demo import callbacks
from bot.demo.model import Outcome, Person, Timing
from bot.demo.platform import Platform
from bot.settings import Settings
from scheduler.delivery import Cadence
from scheduler.store import followers
from scheduler.store.followers import Follower

MORNING = datetime.fromisoformat("2022-04-01T10:00:00+08:00")
LATER = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
_numbers = count(1)

pytestmark = pytest.mark.asyncio(loop_scope="module")


def settings(folder: Path, clock: datetime = MORNING) -> Settings:
    return Settings(port=0, data_dir=folder, clock=clock, log_level="warning")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Platform, Database]]:
    folder = tmp_path_factory.mktemp("data")
    async with demo_service.running(settings(folder), Timing(answer=2.0)) as (_, platform):
        database = Database(default_url(folder))
        yield platform, database
        await database.close()


@pytest.fixture
def platform(running: tuple[Platform, Database]) -> Platform:
    return running[0]


@pytest.fixture
def somebody(platform: Platform) -> str:
    """A person who has said nothing yet."""
    return platform.hire(Person(f"Person{next(_numbers)}", "某人", "")).user


async def says(platform: Platform, user: str, *messages: str) -> str:
    """Says one thing after the other, and returns the last reply."""
    for message in messages:
        exchange = await platform.say(user, message)
        assert exchange.outcome is Outcome.REPLY, exchange.problems
        assert exchange.problems == ()
    return platform.replies(user)[-1]


async def standing(running: tuple[Platform, Database], user: str) -> Follower:
    """What the database holds of a person, as soon as the reply is there."""
    async with running[1].session() as session:
        return await followers.follower(session, user.lower())


async def can_be_reached(running: tuple[Platform, Database], user: str) -> bool:
    """Whether a sign of life counts, which is written behind: within 0.2 s, on a busy machine later."""
    for _ in range(50):
        if (await standing(running, user)).unreachable_since is None:
            return True
        await asyncio.sleep(0.05)
    return False


async def test_the_first_confirmation_names_what_is_followed_and_the_next_dates(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    reply = await says(platform, somebody, "订阅金融和医疗")
    assert (await standing(running, somebody)).topics == ("sector:finance", "sector:health")
    assert "已订阅：金融、健康医疗。" in reply
    assert "即时" in reply
    assert "2022-04-21（周四，推算）" in reply
    second = await says(platform, somebody, "订阅 旅游，金融")
    assert "已订阅：旅游。" in second
    assert "已经订阅：金融" in second
    assert "2022-04-21" not in second


async def test_following_the_milestones_names_the_next_reminder(platform: Platform, somebody: str) -> None:
    assert "下一次提醒：2022-04-02 09:10。" in await says(platform, somebody, "订阅 里程碑")


async def test_unknown_names_get_the_nearest_and_leave_the_others_followed(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    reply = await says(platform, somebody, "订阅 教育 <金容>")
    assert "＜金容＞" in reply
    assert "相近的有：金融、" in reply
    assert (await standing(running, somebody)).topics == ("sector:education",)


async def test_what_is_dropped_is_gone_and_the_rest_stays(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    await says(platform, somebody, "subscribe finance, tourism and milestones")
    assert "已退订：旅游" in await says(platform, somebody, "退订 旅游")
    assert (await standing(running, somebody)).topics == ("milestones", "sector:finance")
    assert "没有单独订阅：教育" in await says(platform, somebody, "unsubscribe education")
    assert "已退订全部" in await says(platform, somebody, "退订 全部")
    assert (await standing(running, somebody)).topics == ()
    assert "还没有订阅" in await says(platform, somebody, "我的订阅")


async def test_everything_is_one_topic_and_a_single_one_cannot_be_taken_from_it(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    await says(platform, somebody, "订阅 全部")
    assert "仍会收到" in await says(platform, somebody, "退订 金融")
    assert (await standing(running, somebody)).topics == ("all",)


async def test_cadence_pause_and_resume_are_kept(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    await says(platform, somebody, "订阅 金融")
    assert "每周首个工作日 09:10" in await says(platform, somebody, "频率 每周")
    assert "已暂停" in await says(platform, somebody, "暂停")
    person = await standing(running, somebody)
    assert (person.cadence, person.paused_at is None) == (Cadence.WEEKLY, False)
    mine = await says(platform, somebody, "我的订阅")
    assert "金融" in mine
    assert "已暂停" in mine
    assert "已恢复" in await says(platform, somebody, "resume")
    assert (await standing(running, somebody)).paused_at is None


async def test_leaving_keeps_the_choice_and_any_sign_of_life_ends_it(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    await says(platform, somebody, "订阅 金融")
    await platform.leave(somebody)
    person = await standing(running, somebody)
    assert person.unreachable_since is not None
    assert person.topics == ("sector:finance",)
    await platform.join(somebody)
    assert await can_be_reached(running, somebody)


async def test_an_event_that_is_not_answered_is_a_sign_of_life_too(
    platform: Platform, somebody: str, running: tuple[Platform, Database]
) -> None:
    await says(platform, somebody, "订阅 金融")
    async with running[1].transaction() as session:
        await followers.lost(session, [somebody.lower()], MORNING)
    exchange = await platform.tell(somebody, callbacks.event("view", "https://example.com/"))
    assert exchange.outcome is Outcome.EMPTY
    assert await can_be_reached(running, somebody)


async def test_a_retry_of_a_subscription_gets_the_same_confirmation(platform: Platform, somebody: str) -> None:
    platform.faults.silent_attempts = 1
    try:
        exchange = await platform.say(somebody, "订阅 金融")
    finally:
        platform.faults.silent_attempts = 0
    assert [attempt.outcome for attempt in exchange.attempts] == [Outcome.TIMEOUT, Outcome.REPLY]
    assert "已订阅：金融" in platform.replies(somebody)[-1]


async def test_planned_reminders_are_listed(platform: Platform, somebody: str) -> None:
    assert "没有排定" in await says(platform, somebody, "我的提醒")
    reply = await says(platform, somebody, "订阅 里程碑", "我的提醒")
    assert "还没有给您发过" in reply
    assert "2022-04-02 09:10 上海市全面深化服务贸易创新发展试点·试点中期" in reply


async def test_the_menu_key_acts_like_the_words(platform: Platform, somebody: str) -> None:
    await platform.click(somebody, "订阅 里程碑")
    assert "已订阅：里程碑" in platform.replies(somebody)[-1]


async def test_questions_that_begin_like_commands_are_answered_as_questions(platform: Platform, somebody: str) -> None:
    assert "已订阅" not in await says(platform, somebody, "订阅号怎么认证")
    assert "还没有订阅" in await says(platform, somebody, "我的订阅")


async def test_the_timeline_says_where_the_pilots_stand(platform: Platform, somebody: str) -> None:
    reply = await says(platform, somebody, "进度")
    assert "已进行345天，还剩751天" in reply
    assert "2022-05-05（周四，推算） 试点中期，还有34天" in reply
    assert "批复" in reply
    assert await says(platform, somebody, "timeline") == reply


async def test_of_pilots_that_are_over_it_says_what_ended_when(tmp_path: Path) -> None:
    async with demo_service.running(settings(tmp_path, LATER)) as (_, platform):
        user = platform.people[0].user
        reply = await says(platform, user, "里程碑")
        assert "2024-04-21（周日，推算）届满，已过947天" in reply
        assert "2023-11-05（周日，推算）届满，已过1115天" in reply
        assert "2021-04-21（周三，推算） 启动" in reply
        assert "2022-10-21（周五，推算） 试点中期" in reply
        assert "还有" not in reply
        assert "均已届满" in await says(platform, user, "订阅 里程碑")
