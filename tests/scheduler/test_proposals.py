"""Deadlines in a text on their way to milestones."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.deadlines import Deadline
from knowledge.model import Document, Measure, Status
from knowledge.proposals import Proposal, proposed, undecided
from scheduler.milestones import milestones
from scheduler.model import PilotError
from scheduler.proposals import accepted, founded, ignored
from tests.scheduler.examples import TRADE

PLAN = Document("tea-2025-8", "某市茶叶流通便利化工作方案", issued=date(2025, 3, 1))
ROOM = Proposal("tea-2025-8/2.1", "发酵室改备案", Deadline("2026年底前", date(2026, 12, 31), firm=True))


def measure(text: str, item: int = 2, status: Status = Status.ACTIVE) -> Measure:
    return Measure(f"tea-2025-8/{item}.1", "tea-2025-8", item, 1, (), "发酵室改备案", "摘要", text=text, status=status)


def test_each_deadline_of_a_measure_in_force_is_proposed() -> None:
    found = list(proposed(PLAN, [measure("2026年底前完成改造，2027年6月前评估，2024年底前的不算。")]))
    assert [(p.id, p.date) for p in found] == [
        ("tea-2025-8/due-2-1-20261231", date(2026, 12, 31)),
        ("tea-2025-8/due-2-1-20270531", date(2027, 5, 31)),
    ]
    assert found[0] == ROOM
    others = [measure("2026年底前完成。", item=0), measure("2026年底前完成。", status=Status.RETIRED)]
    assert list(proposed(PLAN, others)) == []


def test_an_accepted_deadline_is_a_milestone_that_the_document_states() -> None:
    pilot = accepted(founded(PLAN, ROOM.date), [ROOM])
    assert [(m.id, m.date, m.derived, m.title) for m in milestones(pilot)] == [
        ("tea-2025-8/start", date(2025, 3, 1), True, "试点启动"),
        (ROOM.id, date(2026, 12, 31), False, "发酵室改备案（2026年底前）"),
    ]
    assert (pilot.start_basis, pilot.months, pilot.name) == ("document", 36, PLAN.title)


def test_a_known_pilot_keeps_its_milestones() -> None:
    assert {m.kind for m in milestones(accepted(TRADE, [ROOM]))} == {m.kind for m in milestones(TRADE)} | {ROOM.kind}


@pytest.mark.parametrize("decide", [accepted, ignored])
def test_nobody_is_asked_again_about_what_is_decided(decide: object) -> None:
    assert undecided([ROOM, ROOM], []) == (ROOM,)
    assert callable(decide)
    assert undecided([ROOM], [decide(founded(PLAN, ROOM.date), [ROOM]).fact]) == ()


def test_an_ignored_deadline_is_no_milestone() -> None:
    assert milestones(ignored(TRADE, [ROOM])) == milestones(TRADE)


def test_a_new_pilot_lasts_until_its_latest_deadline() -> None:
    assert founded(PLAN, date(2030, 3, 15)).months == 61


def test_without_a_date_of_the_document_no_pilot_is_made_up() -> None:
    with pytest.raises(PilotError, match="发文日期"):
        founded(Document("tea", "茶叶方案"), date(2026, 12, 31))
