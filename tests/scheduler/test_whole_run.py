"""Three years of both pilots through planning, outbox, the platform's client and a platform over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import pytest
from aiohttp import ClientSession, web

from bot.database import Database
from bot.demo.model import Account, Person
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.process import bound, listening, port_of
from bot.sending import WecomSender
from bot.wecom.client import WecomClient
from knowledge import pack
from scheduler.calendar_file import shipped
from scheduler.engine import Engine
from scheduler.model import Pilot
from scheduler.store import deliveries
from scheduler.store.followers import MILESTONES
from scheduler.store.outbox import Outbox
from scheduler.store.planning import Planner, World
from scheduler.texts import milestone_title
from tests.scheduler.examples import REMIND_AT, SHANGHAI
from tests.scheduler.platform import Time
from tests.scheduler.store.world import LINKS, subscribe
from tests.scheduler.test_expected_reminders import SERVICES_TABLE, TRADE_TABLE, rows

START = datetime(2020, 11, 1, 9, 0, tzinfo=SHANGHAI)
END = datetime(2024, 5, 1, 9, 0, tzinfo=SHANGHAI)
TICK = timedelta(days=60)  # a second of a clock that runs five million times as fast
ACCOUNT = Account("wwtest", 1000002, "s" * 43, "t" * 24, "k" * 43)
TABLES = {"mofcom-2021-63": SERVICES_TABLE, "shanghai-2020-24": TRADE_TABLE}


class Running(Time):
    """A clock that is further on each time that it is looked at."""

    by = timedelta(0)

    def __call__(self) -> datetime:
        self.now += self.by
        return self.now


@pytest.fixture
def clock() -> Running:
    return Running(START)


@pytest.fixture
async def platform(clock: Time) -> AsyncIterator[Platform]:
    async with ClientSession() as session:
        yield Platform(ACCOUNT, "http://localhost/", session, clock, people=[Person("li", "", "")])


@pytest.fixture
async def engine(database: Database, clock: Time, platform: Platform) -> AsyncIterator[Engine]:
    app, address = web.Application(), bound("127.0.0.1", 0)
    mount(app, platform)
    async with listening(app, address), ClientSession() as session:
        base = f"http://127.0.0.1:{port_of(address)}"
        sender = WecomSender(WecomClient(session, base, ACCOUNT.corp_id, ACCOUNT.secret, ACCOUNT.agent_id))
        ids = iter(range(999))
        outbox = Outbox(
            database, sender.encode, LINKS, SHANGHAI, owner="one", new_id=lambda: f"t{next(ids)}", random=lambda: 0.5
        )
        world = World(tuple(map(Pilot.of, pack.shipped().pilots)), shipped(), REMIND_AT, SHANGHAI)
        yield Engine(Planner(database, lambda: world), outbox, sender.send, clock, begins=START)


def expected() -> list[tuple[datetime, str, str]]:
    """(instant, the card's title, its pilot) of every row of the tables."""
    names = {pilot.document: pilot.name for pilot in pack.shipped().pilots}
    found = []
    for document, table in TABLES.items():
        for kind, _, _, day, _, count in rows(table):
            at = datetime.combine(date.fromisoformat(day), REMIND_AT, SHANGHAI)
            found.append((at, f"{milestone_title(kind)}：{count}", names[document]))
    return sorted(found)


async def test_a_fast_clock_yields_exactly_the_reminders_of_the_tables(
    engine: Engine, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, START)
    while clock.now < END:
        clock.now += TICK
        await engine.step_through()
    async with database.session() as session:
        sent = await deliveries.listed(session, user="li", limit=99)
    cards = [delivery.message["template_card"]["main_title"] for delivery in platform.deliveries]
    instants = sorted(delivery.at.astimezone(SHANGHAI) for delivery in sent)
    assert len(expected()) == 37
    assert (
        sorted(zip(instants, *zip(*((c["title"], c["desc"]) for c in cards), strict=True), strict=True)) == expected()
    )
    assert platform.dropped == []


async def test_what_falls_due_after_a_stop_before_the_first_tick_was_missed_and_is_no_history(
    engine: Engine, database: Database, clock: Time, platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    await engine.begin()
    await subscribe(database, ["li"], MILESTONES, START)
    clock.now = datetime(2021, 11, 1, 10, 0, tzinfo=SHANGHAI)
    await engine.run()
    (delivery,) = platform.deliveries
    assert delivery.message["template_card"]["main_title"]["title"] == "试点满一年：还有4天"
    told = [record.getMessage() for record in caplog.records if record.name == "pilotbot.planning"]
    assert "shanghai-2020-24/year-1 on 2021-11-05: missed, not told late: 30 days ahead" in told


async def test_what_falls_due_while_a_fast_clock_is_worked_through_is_not_missed(
    engine: Engine, clock: Running, caplog: pytest.LogCaptureFixture
) -> None:
    await engine.begin()
    clock.by = timedelta(days=30)  # that pass during each piece of work
    while clock.now < END:
        await engine.step_through()
    assert "missed" not in caplog.text
