"""The swap of the knowledge, as those see it who are in the midst of asking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from numpy.typing import NDArray
from sqlalchemy import text

from bot import backup, live
from bot import bell as bell_module
from bot.bell import Bell
from bot.database import Database, default_url
from bot.ending import ended
from bot.live import LiveLibrary
from handlers.editing import Editor
from knowledge import match
from knowledge.changes import ChangeKind, EntryChange
from knowledge.codec import to_json
from knowledge.postings import Postings
from knowledge.store.versions import CHANNEL
from scheduler.store.planning import World
from scheduler.workdays import Calendar
from tests.conftest import ON_POSTGRES
from tests.scheduler.examples import REMIND_AT, SHANGHAI


def now() -> datetime:
    return datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


async def edited(
    database: Database, library: LiveLibrary, title: str = "改过的标题", at: datetime | None = None
) -> None:
    """Gives a measure another title, by a process of its own."""
    before = library().find("QFLP").matches[0].measure
    editor = Editor(database, lambda: World((), Calendar(), REMIND_AT, SHANGHAI), lambda: at or now())
    change = EntryChange("measure", before.id, None, to_json(replace(before, title=title)))
    await editor.apply([change], "li", ChangeKind.EDIT, "")


@pytest.mark.parametrize("database_kind", [ON_POSTGRES])
async def test_a_replica_is_told_of_a_new_version(
    database: Database, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 3600.0)
    other, ours = Database(migrated_url), named(migrated_url)
    library, bell = LiveLibrary(database, now), Bell(ours)
    await library.open()
    tasks = [asyncio.create_task(bell.listen()), asyncio.create_task(library.follow(bell.wait))]
    await until(lambda: listens(other))
    await edited(other, library)
    await until(lambda: answers(library, "改过的标题"))
    await ended(*tasks)
    await until(lambda: silent(other))
    await ours.close()
    await other.close()


@pytest.mark.parametrize("database_kind", [ON_POSTGRES])
async def test_a_replica_that_lost_its_connection_listens_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell_module, "AGAIN_SECONDS", 0.01)
    ours, other = named(database_url), Database(database_url)
    bell = Bell(ours)
    listening = asyncio.create_task(bell.listen())
    await until(lambda: listens(other))
    async with other.transaction() as session:  # waited for: the connection ends a moment later
        await session.execute(text(f"SELECT pg_terminate_backend(pid, 5000) {LISTENERS}"))
    await until(lambda: listens(other))
    async with other.transaction() as session:
        await session.execute(text(f"NOTIFY {CHANNEL}"))
    async with asyncio.timeout(5):
        await bell.wait(3600)
    await ended(listening)
    await ours.close()
    await other.close()


async def test_a_bell_on_sqlite_is_silent(tmp_path: Path) -> None:
    bell = Bell(Database(default_url(tmp_path)))
    await bell.listen()
    await bell.wait(0.01)


NAME = f"listener {uuid4().hex}"  # as the server knows our connections from those of others
LISTENERS = f"FROM pg_stat_activity WHERE query = 'LISTEN {CHANNEL}' AND application_name = '{NAME}'"


def named(url: str) -> Database:
    return Database(f"{url}&application_name={quote(NAME)}")


async def listens(database: Database) -> bool:
    """Whether a connection of ours waits for notifications."""
    async with database.session() as session:
        return bool(await session.scalar(text(f"SELECT count(*) {LISTENERS}")))


async def silent(database: Database) -> bool:
    return not await listens(database)


async def answers(library: LiveLibrary, title: str) -> bool:
    return library().find("QFLP").matches[0].measure.title == title


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_who_still_holds_the_old_knowledge_is_answered_from_it(database: Database) -> None:
    library = LiveLibrary(database, now)
    await library.open()
    old = library()
    before = old.find("QFLP").matches[0].measure
    await edited(database, library)
    await library.refresh()
    assert library().find("QFLP").matches[0].measure.title == "改过的标题"
    assert old.find("外资想设QFLP基金").matches[0].measure == before
    assert old.by_sector[before.sectors[0]]


class Kept:
    """Keeps indexes in memory."""

    def __init__(self) -> None:
        self.by_name: dict[str, Mapping[str, NDArray[Any]]] = {}

    def load(self, name: str) -> Mapping[str, NDArray[Any]] | None:
        return self.by_name.get(name)

    def save(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        self.by_name[name] = arrays


async def test_after_an_edit_the_index_is_kept_for_a_restart_once_all_is_quiet(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match, "MANY", 1)
    kept = Kept()
    library = LiveLibrary(database, now, kept)
    await library.open()
    await edited(database, library)
    await library.refresh()
    assert len(kept.by_name) == 1  # nobody waits for it
    following = asyncio.create_task(library.follow(lambda _: asyncio.sleep(0)))
    await until(lambda: has(kept, 2))
    await ended(following)
    monkeypatch.setattr(Postings, "of", None)
    restarted = LiveLibrary(database, now, kept)
    await restarted.open()
    assert await answers(restarted, "改过的标题")


async def test_an_index_that_cannot_be_kept_holds_up_no_later_version(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match, "MANY", 1)
    kept, tried = Kept(), asyncio.Event()
    library = LiveLibrary(database, now, kept)
    await library.open()
    await edited(database, library)
    await library.refresh()

    def save(*_: object) -> None:
        loop.call_soon_threadsafe(tried.set)
        raise RuntimeError("nobody foresaw this")

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(kept, "save", save)
    monkeypatch.setattr(live, "POLL_SECONDS", 0.001)
    following = asyncio.create_task(library.follow())
    await asyncio.wait_for(tried.wait(), 20)
    await edited(database, library, "另一个标题")
    await until(lambda: answers(library, "另一个标题"))
    await ended(following)


async def test_what_a_restored_backup_holds_is_answered_though_its_version_has_the_same_number(
    database: Database, tmp_path: Path
) -> None:
    library = LiveLibrary(database, now)
    await library.open()
    backup.save(database, tmp_path / "before", now())
    await edited(database, library)
    await library.refresh()
    other = LiveLibrary(database, now)
    await other.open()
    backup.load(database, tmp_path / "before")
    await edited(database, other, "另一个标题", now() + timedelta(hours=1))
    await library.refresh()
    assert await answers(library, "另一个标题")


async def has(kept: Kept, number: int) -> bool:
    return len(kept.by_name) == number
