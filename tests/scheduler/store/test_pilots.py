"""Pilots and milestones as entries of the knowledge: what admins change, and what becomes of the revisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.database import Database
from handlers.editing import Editor
from knowledge import pack
from knowledge.changes import ChangeKind, pack_changes
from knowledge.codec import from_json, to_json
from knowledge.model import Document, MilestoneFact, Pack, PilotFact
from knowledge.store import versions
from scheduler import milestones
from scheduler.model import Pilot, PilotError
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.store.world import world

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=SHANGHAI)
PLAN = Document("plan", "示范试点方案")
PILOT = PilotFact("plan", "示范试点", date(2026, 1, 15))
MOVED = replace(PILOT, milestones=(MilestoneFact("mid-term", date(2027, 9, 1)),))
YAML = """
pilots:
  - document: plan
    name: 示范试点
    start: 2026-01-15
    start_basis: admin
    leads: [14, 0]
    milestones:
      - {kind: mid-term, date: 2027-09-01, title: 中期评估会, leads: [60, 1], revision: 2}
      - {kind: year-1, removed: true}
      - {kind: hearing, date: 2026-06-30, title: 听证会}
"""


@pytest.fixture
def editor(database: Database) -> Editor:
    return Editor(database, world, lambda: NOW)


async def put(database: Database, editor: Editor, *pilots: PilotFact) -> dict[str, tuple[date, int]]:
    """Makes these the pilots; kind -> date and revision of what is announced."""
    async with database.session() as session:
        before, _ = await versions.load(session)
    await editor.apply(pack_changes(before, Pack((PLAN,), pilots=pilots)), "wangfang", ChangeKind.EDIT, "更正")
    return await announced(database)


async def announced(database: Database) -> dict[str, tuple[date, int]]:
    async with database.session() as session:
        loaded, _ = await versions.load(session)
    found = [m for fact in loaded.pilots for m in milestones.milestones(Pilot.of(fact))]
    return {m.kind: (m.date, m.revision) for m in found}


def test_a_pack_states_what_admins_change() -> None:
    (fact,) = pack.parse(YAML).pilots
    listed = {m.kind: m for m in milestones.milestones(Pilot.of(fact))}
    assert list(listed) == ["start", "hearing", "mid-term", "year-2", "final-review", "end"]
    assert (listed["hearing"].title, listed["hearing"].date, listed["hearing"].leads) == (
        "听证会", date(2026, 6, 30), (14, 0),
    )  # fmt: skip
    assert (listed["mid-term"].date, listed["mid-term"].leads) == (date(2027, 9, 1), (60, 1))
    assert (listed["mid-term"].derived, listed["mid-term"].revision) == (False, 2)
    assert (listed["start"].derived, listed["end"].derived) == (False, True)


def test_a_pilot_is_the_same_after_its_journey_through_the_database() -> None:
    (fact,) = pack.parse(YAML).pilots
    assert from_json(PilotFact, to_json(fact)) == fact
    assert Pilot.of(fact).fact == fact


async def test_a_moved_date_is_a_new_revision_and_the_old_date_again_another_one(
    database: Database, editor: Editor
) -> None:
    await put(database, editor, PILOT)
    assert (await put(database, editor, MOVED))["mid-term"] == (date(2027, 9, 1), 1)
    assert (await put(database, editor, PILOT))["mid-term"] == (date(2027, 7, 15), 2)
    assert (await announced(database))["end"] == (date(2029, 1, 15), 0)


async def test_a_pilot_that_comes_back_takes_no_old_announcement_for_its_own(
    database: Database, editor: Editor
) -> None:
    await put(database, editor, PILOT)
    assert await put(database, editor) == {}
    later = await put(database, editor, replace(PILOT, start=date(2026, 2, 1)))
    assert later["end"] == (date(2029, 2, 1), 1)


async def test_what_changes_nothing_is_no_change(database: Database, editor: Editor) -> None:
    await put(database, editor, MOVED)
    changes = pack_changes(Pack(), Pack((PLAN,), pilots=(MOVED,)))
    assert await editor.apply(changes, "wangfang", ChangeKind.IMPORT, "again") is None


async def test_a_pilot_that_cannot_be_is_refused_whole(database: Database, editor: Editor) -> None:
    wrong = replace(PILOT, milestones=(MilestoneFact("end", date(2025, 1, 1)),))
    with pytest.raises(PilotError, match="早于起始日"):
        await put(database, editor, wrong)
    assert await announced(database) == {}
