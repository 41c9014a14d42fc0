"""The swap of the knowledge, as those see it who are in the midst of asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.database import Database
from bot.live import LiveLibrary
from handlers.editing import Editor
from knowledge.changes import ChangeKind, EntryChange
from knowledge.codec import to_json
from scheduler.store.planning import World
from scheduler.workdays import Calendar
from tests.scheduler.examples import REMIND_AT, SHANGHAI


def now() -> datetime:
    return datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


async def test_who_still_holds_the_old_knowledge_is_answered_from_it(database: Database) -> None:
    library = LiveLibrary(database, now)
    await library.open()
    old = library()
    before = old.find("QFLP").matches[0].measure
    body = to_json(replace(before, title="改过的标题"))
    editor = Editor(database, lambda: World((), Calendar(), REMIND_AT, SHANGHAI), now)
    await editor.apply([EntryChange("measure", before.id, None, body)], "li", ChangeKind.EDIT, "")
    await library.refresh()
    assert library().find("QFLP").matches[0].measure.title == "改过的标题"
    assert old.find("外资想设QFLP基金").matches[0].measure == before
    assert old.by_sector[before.sectors[0]]
