"""Whole journeys over HTTP: the real service beside the stand-in platform, encrypted both ways."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from bot import demo_service
from bot.demo import callbacks
from bot.demo.model import Outcome, Timing
from bot.demo.platform import Platform
from bot.settings import Settings

USER = "wangfang"
TODAY = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
IMPATIENT = Timing(answer=1.0)  # s; the platform waits for 5
LINK = re.compile(r'<a href="([^"]+)">')


def settings(folder: Path) -> Settings:
    return Settings(port=0, data_dir=folder, clock=TODAY, log_level="warning")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Platform]]:
    async with demo_service.running(settings(tmp_path_factory.mktemp("data")), IMPATIENT) as running:
        yield running


@pytest.fixture
def platform(service: tuple[str, Platform]) -> Platform:
    return service[1]


@pytest.fixture
def somebody(platform: Platform) -> str:
    """A person; tests that build on earlier messages take different ones or start anew."""
    return platform.people[0].user


async def told(platform: Platform, user: str, *messages: str) -> str:
    """Says one thing after the other, and returns the last reply."""
    for message in messages:
        exchange = await platform.say(user, message)
        assert exchange.outcome is Outcome.REPLY, exchange.problems
        assert exchange.problems == ()
    return platform.replies(user)[-1]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("老外能考证吗", "63号"),
        ("QFLP", "沪府规〔2020〕24号"),
        ("数字人民弊", "数字人民币"),
        ("yiwangtongban", "一网通办"),
        ("沿海捎帶", "沿海捎带"),
    ],
)
async def test_a_question_in_anybodys_words_gets_a_cited_answer(
    platform: Platform, somebody: str, question: str, clause: str
) -> None:
    reply = await told(platform, somebody, question)
    assert clause in reply
    assert re.search(r"依据：.+第\d+条第\d+项", reply)
    assert LINK.search(reply)
    assert "届满（推算），现行规定请核实" in reply


async def test_the_link_of_an_answer_opens(platform: Platform, somebody: str) -> None:
    address = LINK.search(await told(platform, somebody, "QFLP"))
    assert address
    async with ClientSession() as session, session.get(address[1]) as response:
        assert response.status == 200
        assert "QFLP" in await response.text()


async def test_a_clause_and_a_sector_are_lists_to_choose_from(platform: Platform, somebody: str) -> None:
    assert "共" in await told(platform, somebody, "63号文第8条")
    first = await told(platform, somebody, "金融")
    assert "发“更多”继续看" in first
    second = await told(platform, somebody, "更多")
    assert LINK.findall(first)[0] not in second
    chosen = await told(platform, somebody, "金融", "2")
    assert LINK.findall(first)[1] in chosen


async def test_an_answer_can_be_read_in_full_and_rated(platform: Platform, somebody: str) -> None:
    answer = await told(platform, somebody, "QFLP")
    detail = await told(platform, somebody, "详情")
    assert LINK.findall(answer)[0] in detail
    assert "官方原文还没有导入" in detail
    assert "谢谢" in await told(platform, somebody, "有用")


async def test_what_no_measure_is_about_gets_an_honest_none(platform: Platform, somebody: str) -> None:
    reply = await told(platform, somebody, "今天天气")
    assert "依据" not in reply
    assert not LINK.search(reply)


async def test_a_part_that_the_copy_lacks_is_said_so(platform: Platform, somebody: str) -> None:
    assert "没有找到" not in await told(platform, somebody, "24号文第9条")


async def test_the_menu_acts_like_the_words(platform: Platform, somebody: str) -> None:
    typed = await told(platform, somebody, "板块")
    exchange = await platform.click(somebody, "板块")
    assert exchange.outcome is Outcome.REPLY
    assert platform.replies(somebody)[-1] == typed


async def test_opening_the_app_greets_once_a_day(platform: Platform) -> None:
    newcomer = platform.people[1].user
    assert (await platform.open_app(newcomer)).outcome is Outcome.REPLY
    assert "会被记录" in platform.replies(newcomer)[-1]
    await asyncio.sleep(1.1)  # within one second it would be the same event, told twice
    assert (await platform.open_app(newcomer)).outcome is Outcome.EMPTY


async def test_pictures_get_a_short_reply_and_unknown_events_none(platform: Platform, somebody: str) -> None:
    await platform.tell(somebody, {"MsgType": "image", "PicUrl": "http://x.invalid/a.jpg", "MediaId": "m1"})
    assert "文字" in platform.replies(somebody)[-1]
    exchange = await platform.tell(somebody, callbacks.event("low_active"))
    assert exchange.outcome is Outcome.EMPTY


async def test_nothing_a_person_types_can_become_a_link(platform: Platform, somebody: str) -> None:
    reply = await told(platform, somebody, '<a href="http://evil.invalid">金融</a> ]]><x>&amp;')
    assert "evil" not in " ".join(LINK.findall(reply))


@pytest.mark.parametrize("text", ["", " ", "🙂", "？？？", "\u200b\u200d", "a" * 5000, "金融 " * 900, "1" * 50])
async def test_strange_messages_get_a_reply_within_the_limit(platform: Platform, somebody: str, text: str) -> None:
    reply = await told(platform, somebody, text)
    assert 0 < len(reply.encode()) <= 2048


async def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    async with demo_service.running(settings(tmp_path)) as (_, platform):
        listed = await told(platform, platform.people[0].user, "金融")
    async with demo_service.running(settings(tmp_path)) as (base, platform):
        chosen = await told(platform, platform.people[0].user, "3")
    wanted = LINK.findall(listed)[2].partition("/measures/")[2]
    assert f"{base}/measures/{wanted}" in chosen


async def test_a_retry_gets_the_same_reply_and_has_no_second_effect(platform: Platform, somebody: str) -> None:
    await told(platform, somebody, "金融")
    platform.faults.silent_attempts = 1
    try:
        exchange = await platform.say(somebody, "更多")
    finally:
        platform.faults.silent_attempts = 0
    assert [attempt.outcome for attempt in exchange.attempts] == [Outcome.TIMEOUT, Outcome.REPLY]
    assert "第9—" in platform.replies(somebody)[-1]
