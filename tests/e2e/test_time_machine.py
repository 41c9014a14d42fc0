"""Time in the demo: jumps through what is due, and what people do with the reminders that arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot import demo_service
from bot.demo.model import Entry, Outcome, Timing
from bot.demo.platform import Platform
from bot.settings import Settings

SOON = 15.0  # s that something may take on a busy machine
LATER = datetime.fromisoformat("2026-11-24T10:00:00+08:00")


class Machine:
    """The sandbox's controls of time, over HTTP."""

    def __init__(self, base: str, platform: Platform, session: ClientSession) -> None:
        self.base, self.platform, self._session = base, platform, session

    async def act(self, **asked: Any) -> None:
        async with self._session.post(f"{self.base}/sandbox/act", json=asked) as response:
            assert response.status == 202

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(int(SOON / 0.02)):
            if holds():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"not within {SOON} s")

    @property
    def minute(self) -> str:
        return f"{self.platform.corp.now():%Y-%m-%d %H:%M}"

    async def jump(self, to: str) -> None:
        await self.act(do="jump", to=to)
        await self.until(lambda: self.minute == to.replace("T", " "))
        await self.act(do="speed", rate=1)  # tells where time is
        await self.until(lambda: self._shown()["moving"] is False)

    def _shown(self) -> dict[str, Any]:
        states = [change.value for change in self.platform.corp.feed.since(0) if change.kind == "time"]
        return {"now": states[-1].now, "moving": states[-1].moving, "next": states[-1].next}

    async def open_page(self) -> datetime:
        """What a page that opens now takes for the time."""
        async with self._session.get(f"{self.base}/sandbox/events") as stream:
            await stream.content.readuntil(b"event: ready")
        now: datetime = self._shown()["now"]
        return now

    def cards(self, user: str) -> list[tuple[str, str]]:
        """When reminders arrived, and what stood on them."""
        return [
            (f"{one.at:%m-%d %H:%M}", one.message["template_card"]["main_title"]["title"])
            for one in self.platform.deliveries
            if one.user.lower() == user.lower()
        ]

    def last_card(self, user: str) -> Entry:
        return [entry for entry in self.platform.chat(user) if "template_card" in entry.message][-1]


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    settings = Settings(port=0, data_dir=tmp_path, clock=LATER, log_level="warning")
    async with demo_service.running(settings, Timing(answer=2.0)) as (base, platform), ClientSession() as session:
        yield Machine(base, platform, session)


async def begin(machine: Machine, at: str = "2022-04-01T10:00") -> tuple[str, str]:
    """Two people who follow the milestones from then on."""
    await machine.jump(at)
    first, second = (person.user for person in machine.platform.people[:2])
    for user in (first, second):
        assert (await machine.platform.say(user, "订阅 里程碑")).outcome is Outcome.REPLY
    return first, second


async def test_everybody_can_follow_with_one_tap_and_the_next_reminder_reaches_all(machine: Machine) -> None:
    await machine.jump("2022-04-01T10:00")
    await machine.act(do="chorus")
    users = [person.user for person in machine.platform.people]
    await machine.until(lambda: all("已订阅" in "".join(machine.platform.replies(user)) for user in users))
    await machine.act(do="next")
    await machine.until(lambda: len(machine.platform.deliveries) == len(users))
    assert machine.minute == "2022-04-02 09:10"
    assert {tuple(machine.cards(user)) for user in users} == {(("04-02 09:10", "试点中期：还有33天"),)}


async def test_a_jump_passes_through_everything_that_is_due_and_going_back_repeats_nothing(machine: Machine) -> None:
    user, _ = await begin(machine)
    await machine.jump("2022-05-06T12:00")
    expected = [
        ("04-02 09:10", "试点中期：还有33天"),
        ("04-14 09:10", "试点满一年：还有7天"),
        ("04-20 09:10", "试点满一年：还有1天"),
        ("04-21 09:10", "试点满一年：今天"),
        ("04-28 09:10", "试点中期：还有7天"),
        ("04-29 09:10", "试点中期：还有6天"),
        ("05-05 09:10", "试点中期：今天"),
    ]
    assert machine.cards(user) == expected
    await machine.jump("2022-04-01T10:00")
    assert "2022-04-01" in (await told(machine, user, "里程碑"))
    await machine.jump("2022-05-06T12:00")
    assert machine.cards(user) == expected


async def test_time_that_runs_fast_misses_nothing(machine: Machine) -> None:
    user, _ = await begin(machine, "2022-04-12T10:00")
    await machine.act(do="speed", rate=604800)
    await machine.until(lambda: len(machine.cards(user)) >= 3)
    await machine.act(do="speed", rate=1)
    assert machine.cards(user)[:3] == [
        ("04-14 09:10", "试点满一年：还有7天"),
        ("04-20 09:10", "试点满一年：还有1天"),
        ("04-21 09:10", "试点满一年：今天"),
    ]


async def test_what_is_done_is_not_reminded_of_again_and_a_click_counts_once(machine: Machine) -> None:
    busy, other = await begin(machine)
    await machine.jump("2022-04-14T12:00")
    card = machine.last_card(busy)
    for _ in range(2):
        exchange = await machine.platform.press(card.id, "done")
        assert (exchange.outcome, exchange.problems) == (Outcome.REPLY, ())
    assert machine.last_card(busy).replaced == "已完成"
    await machine.jump("2022-04-28T12:00")
    assert [title for _, title in machine.cards(busy)][2:] == ["试点中期：还有7天"]
    assert len(machine.cards(other)) == 5


async def test_seen_leaves_done_and_says_so(machine: Machine) -> None:
    user, _ = await begin(machine)
    await machine.jump("2022-04-02T12:00")
    exchange = await machine.platform.press(machine.last_card(user).id, "seen")
    assert exchange.problems == ()
    card = machine.last_card(user).message["template_card"]
    assert [button["text"] for button in card["button_list"]] == ["已完成"]
    assert "已知道" in card["sub_title_text"]
    assert card["main_title"]["title"] == "试点中期：还有33天"


async def test_tomorrow_is_the_next_working_day_for_this_person_alone(machine: Machine) -> None:
    sleepy, other = await begin(machine)
    await machine.jump("2022-04-02T12:00")  # a worked Saturday before the Qingming holiday
    await machine.platform.press(machine.last_card(sleepy).id, "tomorrow")
    assert "04-06 09:10 再提醒" in machine.last_card(sleepy).message["template_card"]["sub_title_text"]
    assert "2022-04-06 09:10" in await told(machine, sleepy, "我的提醒")
    await machine.jump("2022-04-06T12:00")
    assert machine.cards(sleepy)[1:] == [("04-06 09:10", "试点中期：还有29天")]
    assert len(machine.cards(other)) == 1


async def test_tomorrow_is_refused_when_it_would_be_too_late(machine: Machine) -> None:
    user, _ = await begin(machine)
    await machine.jump("2022-04-20T12:00")
    card = machine.last_card(user)
    await machine.jump("2022-04-22T12:00")
    await machine.platform.press(card.id, "tomorrow")
    changed = next(entry for entry in machine.platform.chat(user) if entry.id == card.id)
    assert "已经过了" in changed.message["template_card"]["sub_title_text"]
    before = len(machine.cards(user))
    await machine.jump("2022-04-25T12:00")
    assert len(machine.cards(user)) == before


async def told(machine: Machine, user: str, message: str) -> str:
    await machine.platform.say(user, message)
    return machine.platform.replies(user)[-1]


async def test_a_page_that_opens_later_shows_the_time_that_it_is_by_then(machine: Machine) -> None:
    await machine.jump("2022-04-01T10:00")
    before = machine.platform.corp.now()
    assert await machine.open_page() >= before
