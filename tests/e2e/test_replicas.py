"""Several services on one database, a database that goes away under them, and a stop in the midst of messages."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr
from sqlalchemy import Select, make_url, select
from sqlmodel import col

from benchmarks.cable import Cable
from benchmarks.load import APP, Messages, closed_loop
from bot import compose, live
from bot.compose import Core
from bot.database import Database, default_url
from bot.live import LiveLibrary
from bot.process import bound, port_of
from bot.settings import Settings
from handlers import texts
from handlers.model import Incoming, Kind
from handlers.tables import InboxRow, QuestionRow
from knowledge.changes import ChangeKind, EntryChange
from knowledge.codec import to_json
from knowledge.library import Library
from tests.conftest import ON_POSTGRES

SOON = 20.0  # s for what takes a second or two, on a busy machine


async def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.05)


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(database_url=SecretStr(url), data_dir=folder, public_url="http://bot.example")


def message(number: int, words: str, user: str = "li") -> Incoming:
    return Incoming(f"k{number}", user, Kind.TEXT, words, datetime.now(UTC))


async def said(core: Core, number: int, words: str, user: str = "li") -> str:
    return "\n".join(block.text for block in (await core.conversation.respond(message(number, words, user))).blocks)


@pytest.mark.parametrize("database_kind", [ON_POSTGRES])
async def test_while_the_database_is_away_questions_are_answered_and_written_when_it_is_back(
    database_url: str, tmp_path: Path
) -> None:
    server = make_url(database_url)
    cable = Cable(str(server.host), server.port or 5432)
    async with cable.laid() as here:
        settings = settings_for(server.set(host="127.0.0.1", port=here).render_as_string(False), tmp_path)
        async with compose.opened(settings, compose.clock_of(settings)) as core:
            before = await said(core, 1, "QFLP")
            cable.cut()
            assert await said(core, 2, "QFLP", "wang") == before
            assert await said(core, 3, "订阅 金融") == texts.UNAVAILABLE
            cable.mend()
            await subscribed(core)
    assert {"k1", "k2"} <= set(await stored(database_url, select(col(QuestionRow.key))))


async def subscribed(core: Core) -> None:
    """Asks until it works, as a person would."""
    for number in range(4, 100):
        if (await said(core, number, "订阅 金融")).startswith("已订阅"):
            return
        await asyncio.sleep(0.2)
    pytest.fail("subscribing never worked again")


async def stored(url: str, statement: Select[Any]) -> list[str]:
    database = Database(url)
    async with database.session() as session:
        found = list(await session.scalars(statement))
    await database.close()
    return found


class Slow:
    """Builds a library only once questions have been answered meanwhile: where they wait for it, nothing goes on."""

    def __init__(self, answered: int) -> None:
        self._left = threading.Semaphore(0)
        self._answered = answered

    def a_question_was_answered(self) -> None:
        self._left.release()

    def __call__(self, *given: Any) -> Library:
        for _ in range(self._answered):
            assert self._left.acquire(timeout=SOON), "questions wait for the swap"
        return Library(*given)


async def test_an_edit_at_one_replica_is_answered_by_the_other_at_its_next_look_and_no_question_waits(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(database_url, tmp_path)
    clock = compose.clock_of(settings)
    async with compose.opened(settings, clock) as one, compose.opened(settings, clock) as other:
        old = await said(other, 1, "QFLP")
        slow = Slow(answered=5)
        monkeypatch.setattr(live, "Library", slow)
        looks = counted(other.library, monkeypatch)
        following = asyncio.create_task(other.library.follow())
        measure = one.library().measures["shanghai-2020-24/4.9"]
        body = to_json(replace(measure, title="改过的标题"))
        assert measure.title in old
        change = await compose.editor_of(one).apply(
            [EntryChange("measure", measure.id, None, body)], "li", ChangeKind.EDIT, "试"
        )
        assert change is not None
        before = len(looks)
        answers = [old]
        deadline = time.monotonic() + SOON
        while answers[-1] == old and time.monotonic() < deadline:
            number = len(answers) + 1
            answers.append(await said(other, number, "QFLP", f"asker-{number}"))
            slow.a_question_was_answered()
            await asyncio.sleep(0.02)
        following.cancel()
    assert answers[-1] == old.replace(measure.title, "改过的标题")
    assert set(answers[:-1]) == {old}
    assert len(looks) - before <= 1
    assert live.POLL_SECONDS <= 1.0  # a look each second, and one look is enough: 2 s with the building


def counted(library: LiveLibrary, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each look for a newer version."""
    looks: list[int] = []
    refresh = library.refresh

    async def look() -> None:
        looks.append(len(looks))
        await refresh()

    monkeypatch.setattr(library, "refresh", look)
    return looks


async def test_a_stop_in_the_midst_of_messages_loses_none_that_was_accepted(tmp_path: Path) -> None:
    with bound("127.0.0.1", 0) as free:
        port = port_of(free)
    environment = {**APP.environment(port, "http://127.0.0.1:1"), "PILOTBOT_DATA_DIR": str(tmp_path), "PATH": ""}
    command = [sys.executable, "-m", "bot", "serve"]
    root = Path(__file__).parent.parent.parent
    with subprocess.Popen(command, env=environment, cwd=root, stderr=subprocess.DEVNULL) as process:
        try:
            await up(port)
            load = asyncio.create_task(closed_loop(port, Messages(["QFLP", "今天天气", "老外能考证吗"]), 8, SOON))
            await asyncio.sleep(1.0)
            process.send_signal(signal.SIGTERM)
            tally = await load
            assert await asyncio.to_thread(process.wait, SOON) == 0
        finally:
            process.kill()
    kept = await stored(default_url(tmp_path), select(col(InboxRow.key)))
    assert tally.statuses["200"] > 0
    assert set(tally.statuses) <= {"200", "reset"}
    assert len(kept) >= tally.statuses["200"]


async def up(port: int) -> None:
    deadline = time.monotonic() + SOON
    async with ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                    assert response.status == 200
                    return
            except OSError:
                assert time.monotonic() < deadline, "it never came up"
                await asyncio.sleep(0.1)
