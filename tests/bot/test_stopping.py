"""A stop takes so long and no longer, and whose message stays unanswered is told."""

from __future__ import annotations

import asyncio
import logging
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import yaml
from aiohttp import ClientSession
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from benchmarks.load import APP, Messages
from bot import compose, serve
from bot.database import Database
from bot.demo.model import Account
from bot.demo_service import connected
from bot.late import LateAnswers
from bot.process import bound, listening, port_of
from bot.settings import Settings
from bot.web import answers
from bot.web.answers import Answers
from bot.web.callback import Callback
from bot.web.turns import Turns
from handlers import texts
from handlers.model import NO_REPLY, Incoming, Kind, Outcome, Reply
from handlers.replies import say
from handlers.store.journal import Journal
from handlers.tables import InboxRow
from knowledge.errors import Unavailable
from scheduler.tables import OccurrenceRow, RecipientRow

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
FOR_EVER = 3600.0  # s


def message(user: str, kind: Kind = Kind.TEXT) -> Incoming:
    return Incoming(f"k-{user}", user, kind, "怎么办", NOW)


class Desk:
    """Answers each person after their delay, and remembers what was pushed to whom and who was turned away."""

    def __init__(self, **delays: float) -> None:
        self._delays = delays  # s
        self.pushed: list[str] = []
        self.turned_away: list[str] = []
        self.error: Exception | None = None
        self.hangs = False

    async def respond(self, incoming: Incoming) -> Reply:
        await asyncio.sleep(self._delays[incoming.user])
        return say("好")

    async def push(self, incoming: Incoming, _: str) -> None:
        self.pushed.append(incoming.user)

    async def turn_away(self, unanswered: Sequence[Incoming]) -> None:
        if self.hangs:
            await asyncio.sleep(FOR_EVER)
        if self.error:
            raise self.error
        self.turned_away += [incoming.user for incoming in unanswered]

    async def asked(self, *messages: Incoming) -> Answers:
        """All of them late."""
        sealed = {each.key: each for each in messages}
        found = Answers(sealed.__getitem__, self.respond, self.push, 0.02, turn_away=self.turn_away)
        got = await asyncio.gather(*(found.in_time(each.key) for each in messages))
        assert got == [(each, None) for each in messages]
        return found


async def test_who_gets_no_answer_in_time_is_asked_to_write_again_and_nobody_else() -> None:
    desk = Desk(ann=0.1, bob=FOR_EVER, eve=FOR_EVER)
    found = await desk.asked(message("ann"), message("bob"), message("eve", Kind.CLICK))
    await found.close(0.3)
    assert (desk.pushed, desk.turned_away) == (["ann"], ["bob"])  # a click is no message


async def test_who_still_waits_for_their_turn_is_asked_to_write_again_too() -> None:
    users = [f"u{n}" for n in range(9)]
    desk = Desk(**dict.fromkeys(users, FOR_EVER))
    found = Answers(message, desk.respond, desk.push, patience=0.0, turn_away=desk.turn_away)
    await asyncio.gather(*map(found.in_time, users))
    await found.close(0.01)
    assert sorted(desk.turned_away) == users


async def test_a_click_that_still_waits_for_its_turn_is_carried_out() -> None:
    desk, done = Desk(u0=FOR_EVER), list[Kind]()

    async def respond(incoming: Incoming) -> Reply:
        done.append(incoming.kind)
        return await desk.respond(incoming) if incoming.kind is Kind.TEXT else NO_REPLY

    kinds = {"u0": Kind.TEXT, "u1": Kind.TEXT, "u2": Kind.CLICK, "u3": Kind.LEAVE}
    found = Answers(
        lambda user: message(user, kinds[user]),
        respond,
        desk.push,
        0.0,
        turn_away=desk.turn_away,
        turns=Turns(0.0, 0.0, 0),
    )
    await asyncio.gather(*map(found.in_time, kinds))
    await found.close(0.0)
    assert sorted(desk.turned_away) == ["u0", "u1"]
    assert done == [Kind.TEXT, Kind.CLICK, Kind.LEAVE]


async def test_nobody_is_told_anything_where_all_have_their_answer(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk(ann=0.05)
    await (await desk.asked(message("ann"))).close(5.0)
    assert (desk.pushed, desk.turned_away, caplog.records) == (["ann"], [], [])


@pytest.mark.parametrize("hangs", [False, True])
async def test_where_they_cannot_be_asked_the_log_says_how_many_they_are(
    hangs: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "TELL_SECONDS", 0.01)
    desk = Desk(ann=FOR_EVER, bob=FOR_EVER)
    desk.error, desk.hangs = Unavailable("nobody there"), hangs
    found = await desk.asked(message("ann"), message("bob"))
    async with asyncio.timeout(5):
        await found.close(0.01)
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert logged == [
        "2 messages get no answer; who wrote them is asked to write again",
        "who wrote them could not be asked in time" if hangs else "who wrote them could not be asked: nobody there",
    ]


async def test_all_are_asked_by_one_notice_each_once(database: Database) -> None:
    late = LateAnswers(database, lambda: NOW)
    await late.turn_away([message("ann"), message("bob"), message("ann")])
    await late.turn_away([])
    async with database.session() as session:
        (notice,) = await session.scalars(select(OccurrenceRow))
        users = list(await session.scalars(select(RecipientRow.user).order_by(col(RecipientRow.user))))
    assert (notice.content, users) == ({"text": texts.RESTARTED}, ["ann", "bob"])


async def test_whose_answer_is_recorded_after_all_is_not_asked_to_write_again(database: Database) -> None:
    late = LateAnswers(database, lambda: NOW)
    await late.push(message("ann"), "好")
    await late.turn_away([message("ann"), message("bob")])
    async with database.session() as session:
        told = select(OccurrenceRow.content, RecipientRow.user).join(RecipientRow)
        got = {user: content["text"] for content, user in await session.execute(told)}
    assert got == {"ann": "好", "bob": texts.RESTARTED}


async def test_nobody_is_asked_to_write_again_before_the_late_answers_have_ended() -> None:
    class Slow(Desk):
        """Records an answer although it is told to stop, as a database may whose commit is on its way."""

        async def push(self, incoming: Incoming, text: str) -> None:
            try:
                await asyncio.sleep(FOR_EVER)
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
                await super().push(incoming, text)

        async def turn_away(self, unanswered: Sequence[Incoming]) -> None:
            await super().turn_away([each for each in unanswered if each.user not in self.pushed])

    desk = Slow(ann=0.05, bob=FOR_EVER)
    await (await desk.asked(message("ann"), message("bob"))).close(0.1)
    assert (desk.pushed, desk.turned_away) == (["ann"], ["bob"])


class Hanging:
    """A database that takes connections and says nothing more."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        await asyncio.sleep(FOR_EVER)
        yield AsyncSession()

    session = transaction


async def test_a_database_that_hangs_does_not_hold_up_the_journal(caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(Hanging(), lambda: NOW)
    for number in range(3):
        journal.record_later(f"k{number}", Reply(), Outcome(Reply()))
    async with asyncio.timeout(5):
        await journal.close(within=0.05)
    assert [record.getMessage() for record in caplog.records] == ["3 records are lost"]


class Returning:
    """A database that is away for the first attempts."""

    def __init__(self, database: Database, attempts: int) -> None:
        self._database = database
        self.attempts = attempts
        self.session = database.session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self.attempts -= 1
        if self.attempts >= 0:
            raise Unavailable("nobody there")
        async with self._database.transaction() as session:
            yield session


async def test_a_database_that_comes_back_during_the_stop_loses_no_record(database: Database) -> None:
    journal = Journal(Returning(database, 3), lambda: NOW, interval=0.01)
    journal.record_later("k1", Reply(), Outcome(Reply()))
    await journal.close(within=30.0)
    async with database.session() as session:
        assert list(await session.scalars(select(InboxRow.key))) == ["k1"]


async def test_a_message_that_becomes_late_during_the_stop_gets_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "Callback", partial(Callback, patience=0.3))
    underway = asyncio.Event()

    async def respond(_: Incoming) -> Reply:
        underway.set()
        await asyncio.sleep(0.6)
        return say("好")

    address = bound("127.0.0.1", 0)
    port = port_of(address)
    account = Account(APP.corp_id, APP.agent_id, APP.secret, APP.token, APP.aes_key)
    settings = connected(Settings(data_dir=tmp_path), account, "http://127.0.0.1:1")
    async with compose.opened(settings, compose.clock_of(settings)) as core, ClientSession() as session:
        monkeypatch.setattr(core.conversation, "at_once", lambda *_: None)
        monkeypatch.setattr(core.conversation, "respond", respond)
        async with listening(compose.web_app(core, compose.wecom_for(core, session)), address):
            sent = asyncio.create_task(delivered(port))
            await underway.wait()
        assert b" 200 " in await sent
        async with core.database.session() as reading:
            assert [row.content for row in await reading.scalars(select(OccurrenceRow))] == [{"text": "好"}]


async def delivered(port: int) -> bytes:
    """The first line of the answer to a message."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(Messages(["QFLP"]).next())
    line = await reader.readline()
    writer.close()
    return line


def test_a_thread_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    hanging = "import threading, time; from bot.process import end_within; end_within(0.1); time.sleep(60)"
    began = time.monotonic()
    assert subprocess.run([sys.executable, "-c", hanging], cwd=ROOT, stderr=subprocess.DEVNULL).returncode == 1
    assert time.monotonic() - began < 30


def test_what_supervisors_grant_is_more_than_a_stop_takes_and_the_documents_say_so() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    (composed,) = {services[f"pilotbot-{n}"]["stop_grace_period"].removesuffix("s") for n in (1, 2)}
    (unit,) = re.findall(r"TimeoutStopSec=(\d+)", (ROOT / "deploy" / "pilotbot.service").read_text())
    stopping = (ROOT / "docs" / "operations.md").read_text().partition("**Stopping.**")[2].partition("\n## ")[0]
    (ends, grace) = re.findall(r"After (\d+) s the process ends.*give it (\d+)", stopping, re.S)[0]
    steps = sum(map(int, re.findall(r"\b(\d+) s\b", stopping.partition("Mostly")[0])))
    assert float(ends) == serve.STOPS_WITHIN == steps + serve.ENDING_SECONDS
    assert composed == unit == grace
    assert int(grace) > serve.STOPS_WITHIN
