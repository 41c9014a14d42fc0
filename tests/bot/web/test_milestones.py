"""The timeline: its page, its picture, and its calendars as a calendar program reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from icalendar import Calendar

from bot.web import site
from bot.web.milestone_pages import MilestonePages, followed
from bot.web.timeline import MARGIN, WIDTH, picture, sections
from handlers.feeds import FeedKeys
from knowledge.model import MilestoneFact
from scheduler.calendar_file import shipped
from scheduler.milestones import added, moved, removed
from scheduler.model import Pilot
from scheduler.store.followers import Follower
from scheduler.store.planning import World
from tests.bot.web.conftest import Client
from tests.bot.web.test_pages import page
from tests.scheduler.examples import REMIND_AT, SERVICES, SHANGHAI, TRADE

NOW = datetime(2022, 4, 1, 10, 0, tzinfo=SHANGHAI)
TODAY = NOW.date()
KEYS = FeedKeys(b"k" * 32)
PEOPLE = {
    "all": Follower("all", ("all",)),
    "one": Follower("one", ("sector:finance", f"document:{TRADE.document}"), calendar=2),
}


def world(*pilots: Pilot) -> World:
    return World(pilots, shipped(), REMIND_AT, SHANGHAI)


async def owner(token: str) -> Follower | None:
    named = KEYS.read(token)
    person = PEOPLE.get(named[0]) if named else None
    return person if named and person and person.calendar == named[1] else None


def application(*pilots: Pilot) -> web.Application:
    app = web.Application()
    site.install(app, "https://pilot.example")
    app.add_routes(MilestonePages(lambda: world(*pilots), owner, lambda: NOW, "https://pilot.example").routes())
    return app


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with TestClient(TestServer(application(SERVICES, TRADE))) as client:
        yield client


async def feed(client: Client, query: str = "") -> Calendar:
    response = await client.get("/calendar.ics" + query)
    assert response.status == 200
    assert response.content_type == "text/calendar"
    body = await response.read()
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert body.replace(b"\r\n", b"").count(b"\n") == 0
    return Calendar.from_ical(body)


def events(calendar: Calendar) -> dict[str, Any]:
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


# The page


async def test_the_page_lists_every_milestone_and_where_now_is(client: Client) -> None:
    text = await page(client, "/milestones")
    assert text.count("<circle") == text.count("<li class=") == 12
    assert text.count('aria-current="step"') == 2
    assert "已进行345天，还剩751天。" in text
    assert "推算：自起始日起满18个月" in text
    assert "批复" in text
    assert "style=" not in text  # the policy allows no inline styles


async def test_without_pilots_the_page_says_so() -> None:
    async with TestClient(TestServer(application())) as client:
        text = await page(client, "/milestones")
    assert "还没有登记试点" in text
    assert "<svg" not in text


def test_the_picture_puts_each_day_in_its_place() -> None:
    drawn = picture(sections(world(SERVICES), TODAY), TODAY)
    assert drawn is not None
    (bar,) = drawn.bars
    xs = [dot.x for dot in bar.dots]
    assert xs == sorted(xs)
    assert xs[0] == bar.x
    assert xs[-1] == pytest.approx(bar.x + bar.width)
    assert drawn.now == pytest.approx(bar.x + bar.width * 345 / 1096, abs=0.2)
    assert bar.passed == pytest.approx(drawn.now - bar.x, abs=0.1)
    assert [dot.state for dot in bar.dots] == ["over", "next", "ahead", "ahead", "ahead", "ahead"]
    assert [year for _, year in drawn.years] == [2022, 2023, 2024]


@pytest.mark.parametrize(("today", "arrow"), [(date(2019, 1, 1), "←"), (date(2030, 1, 1), "→"), (date(2024, 8, 1), "")])
def test_a_day_far_away_is_pointed_to_from_the_edge(today: date, arrow: str) -> None:
    drawn = picture(sections(world(SERVICES), today), today)
    assert drawn is not None
    assert drawn.beyond == arrow
    assert MARGIN <= drawn.now <= WIDTH - MARGIN


def test_milestones_close_to_each_other_do_not_cover_each_other() -> None:
    crowded = added(added(SERVICES, "hearing", "听证会", date(2022, 4, 25)), "visit", "调研", date(2022, 4, 28))
    drawn = picture(sections(world(crowded), TODAY), TODAY)
    assert drawn is not None
    near = [dot for dot in drawn.bars[0].dots if dot.number in (2, 3)]
    assert near[0].y != near[1].y


def test_a_pilot_that_is_over_says_since_when() -> None:
    (section,) = sections(world(SERVICES), date(2026, 11, 24))
    assert section.standing == "已于2024-04-21届满，至今947天。"
    assert not any(item.is_next or item.reminders for item in section.items)


# The calendars


async def test_a_calendar_program_reads_all_day_events_with_their_alarms(client: Client) -> None:
    calendar = await feed(client)
    found = events(calendar)
    assert len(found) == 12
    event = found[f"{TRADE.document}.mid-term@pilotbot"]
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (date(2022, 5, 5), date(2022, 5, 6))
    assert event["SUMMARY"] == f"试点中期（{TRADE.name}）"
    assert "推算：自起始日起满18个月" in event["DESCRIPTION"]
    assert event.decoded("SEQUENCE") == 0
    begin = datetime(2022, 5, 5, tzinfo=SHANGHAI)
    alarms = [begin + alarm.decoded("TRIGGER") for alarm in event.walk("VALARM")]
    assert [f"{at:%m-%d %H:%M}" for at in alarms] == ["04-02 09:10", "04-28 09:10", "04-29 09:10", "05-05 09:10"]


async def test_a_feed_can_be_of_one_document(client: Client) -> None:
    found = events(await feed(client, f"?document={TRADE.document}"))
    assert {uid.partition(".")[0] for uid in found} == {TRADE.document}
    assert (await client.get("/calendar.ics?document=nonsense")).status == 404


async def test_a_moved_date_keeps_its_uid_and_counts_up_and_a_removed_one_goes() -> None:
    changed = removed(moved(SERVICES, "mid-term", date(2022, 11, 1)), "year-2")
    async with TestClient(TestServer(application(changed))) as client:
        found = events(await feed(client))
    event = found[f"{SERVICES.document}.mid-term@pilotbot"]
    assert (event.decoded("SEQUENCE"), event.decoded("DTSTART")) == (1, date(2022, 11, 1))
    assert "日期由管理员确定" in event["DESCRIPTION"]
    assert f"{SERVICES.document}.year-2@pilotbot" not in found


async def test_what_admins_write_cannot_break_the_calendar() -> None:
    odd = replace(
        SERVICES.fact, name="甲;乙,丙\\丁\nEND:VCALENDAR" + "长" * 60, milestones=(MilestoneFact("end", title="a,b"),)
    )
    async with TestClient(TestServer(application(Pilot.of(odd)))) as client:
        found = events(await feed(client, f"?document={odd.document}"))
    assert found[f"{odd.document}.end@pilotbot"]["SUMMARY"] == f"a,b（{odd.name}）"


async def test_a_personal_feed_follows_the_person_and_ends_when_they_renew_it(client: Client) -> None:
    assert len(events(await feed(client, f"?person={KEYS.token('all', 0)}"))) == 12
    assert len(events(await feed(client, f"?person={KEYS.token('one', 2)}"))) == 6
    for token in (KEYS.token("one", 1), KEYS.token("nobody", 0), FeedKeys(b"x" * 32).token("all", 0), "%FF", "abc"):
        assert (await client.get(f"/calendar.ics?person={token}")).status == 403, token


def test_an_address_cannot_be_forged() -> None:
    token = KEYS.token("张敏", 3)
    assert KEYS.read(token) == ("张敏", 3)
    assert KEYS.read(token[:-2] + "AA") is None
    assert KEYS.read(token + "!") is None


def test_somebody_who_follows_only_sectors_has_all_milestones() -> None:
    assert followed((SERVICES, TRADE), Follower("u", ("sector:finance",))) == [SERVICES, TRADE]
    assert followed((SERVICES, TRADE), Follower("u", (f"document:{TRADE.document}",))) == [TRADE]
    both = Follower("u", (f"document:{TRADE.document}", "milestones"))
    assert followed((SERVICES, TRADE), both) == [SERVICES, TRADE]
