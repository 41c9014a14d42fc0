"""What an undoing has to leave as it is."""

from __future__ import annotations

from knowledge.dependence import Identity, Kept, Step, Why, kept, needs

PLAN: Identity = ("document", "plan")
TECH: Identity = ("sector", "tech")
ONE: Identity = ("measure", "plan/1.1")
TWO: Identity = ("measure", "plan/1.2")
OTHER: Identity = ("measure", "tea/1.1")


def gone(*needed: Identity) -> Step:
    return Step(frozenset(needed), None)


def back(*needed: Identity) -> Step:
    return Step(None, frozenset(needed))


def test_a_measure_needs_its_document_its_sectors_and_the_measures_that_it_names() -> None:
    body = {"document": "plan", "sectors": ["tech"], "also_in": ["tea/1.1"], "replaced_by": "plan/1.2"}
    assert needs("measure", body) == {PLAN, TECH, OTHER, TWO}
    assert needs("pilot", {"document": "plan"}) == {PLAN}
    assert needs("document", {"slug": "plan"}) == needs("measure", None) == set()


def test_what_stays_keeps_what_it_refers_to_and_so_on() -> None:
    steps = {PLAN: gone(), TECH: gone(), ONE: gone(PLAN, TECH), TWO: gone(PLAN, ONE)}
    assert kept(steps, {}, set()) == {}
    assert kept(steps, {ONE: OTHER}, {OTHER}) == {
        ONE: Kept(*ONE, Why.NEEDED, OTHER),
        PLAN: Kept(*PLAN, Why.NEEDED, ONE),
        TECH: Kept(*TECH, Why.NEEDED, ONE),
    }


def test_what_would_refer_to_something_gone_does_not_come_back_nor_what_refers_to_that() -> None:
    steps = {ONE: back(PLAN), TWO: back(ONE)}
    assert kept(steps, {}, {PLAN}) == {}
    assert kept(steps, {}, set()) == {ONE: Kept(*ONE, Why.LACKING, PLAN), TWO: Kept(*TWO, Why.LACKING, ONE)}
    assert kept(steps | {PLAN: back()}, {}, set()) == {}


def test_an_entry_that_does_not_go_back_keeps_what_it_refers_to_now() -> None:
    steps = {ONE: Step(frozenset({PLAN}), frozenset({PLAN, TECH})), PLAN: gone()}
    assert kept(steps, {}, set()) == {ONE: Kept(*ONE, Why.LACKING, TECH), PLAN: Kept(*PLAN, Why.NEEDED, ONE)}


def test_what_is_missing_already_holds_nothing_up() -> None:
    assert kept({ONE: Step(frozenset({PLAN}), frozenset({PLAN}))}, {PLAN: OTHER}, {OTHER}) == {}
