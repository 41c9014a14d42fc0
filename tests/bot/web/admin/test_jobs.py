"""Previews that take longer than a page waits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.database import Database
from bot.live import LiveLibrary
from bot.web.admin import jobs
from bot.web.admin.jobs import Jobs
from handlers.editing import Editor
from handlers.importing import File, Importer
from knowledge.changes import ChangeKind, EntryChange
from scheduler.store.planning import World
from scheduler.workdays import Calendar
from tests.scheduler.examples import REMIND_AT, SHANGHAI

FILE = File("词.yaml", "synonyms:\n- [绿茶, 青茶]\n".encode())


def now() -> datetime:
    return datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def editor(database: Database) -> Editor:
    return Editor(database, lambda: World((), Calendar(), REMIND_AT, SHANGHAI), now)


@pytest.fixture
async def work(database: Database, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setattr(jobs, "PATIENCE", 0.0)
    library = LiveLibrary(database, now)
    await library.open()
    return Jobs(Importer(database, editor, library), database, library)


async def test_what_was_worked_out_meanwhile_is_shown(work: Jobs) -> None:
    first = await work.look("key", FILE)
    assert first.is_busy
    assert first.task is not None
    await first.task
    again = await work.look("key", FILE)
    assert not again.is_busy
    assert again.preview is not None
    assert again.preview.plan.counts["added"] == 1


async def test_it_is_worked_out_again_once_the_knowledge_has_changed(work: Jobs, editor: Editor) -> None:
    first = await work.look("key", FILE)
    assert first.task is not None
    await first.task
    await editor.apply([EntryChange("synonym", "绿茶", None, {"words": ["绿茶", "青茶"]})], "li", ChangeKind.EDIT, "")
    again = await work.look("key", FILE)
    assert again.task is not None
    await again.task
    assert again.preview is not None
    assert again.preview.plan.is_empty


async def test_a_second_click_imports_nothing_again(work: Jobs) -> None:
    first = await work.look("key", FILE)
    assert first.task is not None
    await first.task
    assert first.preview is not None
    version = first.preview.version
    applied = await work.apply("key", FILE, "wang", "", version)
    assert applied is not None
    assert applied.task is not None
    await applied.task
    change = applied.change
    twice = await work.apply("key", FILE, "wang", "", version)
    assert twice is not None
    assert twice.is_applied
    assert twice.change is change
    assert change is not None
