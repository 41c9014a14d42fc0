from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.model import PilotFact
from scheduler.milestones import (
    add_months,
    added,
    dates,
    end,
    milestones,
    moved,
    moves,
    progress,
    removed,
    restarted,
    revised,
    status_note,
)
from scheduler.model import EARLIEST, LATEST, MAX_MONTHS, Override, Pilot, PilotError
from tests.scheduler.examples import SERVICES, TRADE

KINDS = ["start", "year-1", "mid-term", "year-2", "final-review", "end"]
pilots = st.builds(
    Pilot,
    document=st.just("pilot"),
    name=st.just("示范试点"),
    start=st.dates(date(2000, 1, 1), date(2100, 12, 31)),
    start_basis=st.sampled_from(["document", "admin"]),
    months=st.integers(1, MAX_MONTHS),
)


def listed(pilot: Pilot) -> dict[str, date]:
    return {m.kind: m.date for m in milestones(pilot)}


def revision(pilot: Pilot, kind: str) -> int:
    return pilot.override(kind).revision


# --- counted from the start ---


def test_a_pilot_of_three_years_has_six_milestones() -> None:
    assert listed(TRADE) == {
        "start": date(2020, 11, 5),
        "year-1": date(2021, 11, 5),
        "mid-term": date(2022, 5, 5),
        "year-2": date(2022, 11, 5),
        "final-review": date(2023, 8, 5),
        "end": date(2023, 11, 5),
    }
    assert listed(SERVICES)["end"] == date(2024, 4, 21)


def test_milestones_are_named_by_document_and_kind_and_announced_by_the_pilots_leads() -> None:
    start, *others = milestones(TRADE)
    assert [m.id for m in (start, *others)] == [f"shanghai-2020-24/{kind}" for kind in KINDS]
    assert start.leads == (0,)
    assert {m.leads for m in others} == {(30, 7, 1, 0)}
    assert [m.title for m in (start, *others)] == [
        "试点启动",
        "试点满一年",
        "试点中期",
        "试点满两年",
        "终期评估",
        "试点期满",
    ]


def test_everything_is_derived_until_an_admin_states_the_start() -> None:
    assert all(m.derived for m in milestones(TRADE))
    stated = restarted(TRADE, date(2020, 8, 2))
    assert {m.kind for m in milestones(stated) if not m.derived} == {"start"}


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 2, 29), 48, date(2024, 2, 29)),
        (date(2021, 8, 31), 18, date(2023, 2, 28)),
        (date(2022, 8, 31), 18, date(2024, 2, 29)),
        (date(2021, 5, 31), 1, date(2021, 6, 30)),
        (date(2021, 12, 31), 2, date(2022, 2, 28)),
        (date(2021, 1, 15), 0, date(2021, 1, 15)),
    ],
)
def test_months_are_clipped_to_the_last_day(start: date, months: int, expected: date) -> None:
    assert add_months(start, months) == expected


@given(st.dates(EARLIEST, date(2150, 1, 1)), st.integers(0, 40))
def test_months_are_added_as_by_turning_the_pages_of_a_calendar(day: date, months: int) -> None:
    page = day.replace(day=1)
    for _ in range(months):
        page = (page + timedelta(days=32)).replace(day=1)
    last = max(n for n in range(28, 32) if (page + timedelta(days=n - 1)).month == page.month)
    assert add_months(day, months) == page.replace(day=min(day.day, last))


def test_a_longer_pilot_has_more_years_and_the_same_share() -> None:
    assert list(listed(replace(TRADE, months=60))) == [
        "start",
        "year-1",
        "year-2",
        "mid-term",
        "year-3",
        "year-4",
        "final-review",
        "end",
    ]


def test_a_year_that_is_half_time_is_announced_once() -> None:
    assert list(listed(replace(TRADE, months=24))) == ["start", "mid-term", "final-review", "end"]


@given(pilots)
def test_every_milestone_lies_between_start_and_end_in_order(pilot: Pilot) -> None:
    found = milestones(pilot)
    assert [m.date for m in found] == sorted(m.date for m in found)
    assert found[0].kind == "start"
    assert found[-1].kind == "end"
    assert len({m.id for m in found}) == len(found)


# --- corrected by admins ---


def test_a_moved_milestone_has_the_stated_date_and_a_new_revision() -> None:
    pilot = moved(TRADE, "mid-term", date(2022, 6, 1))
    changed = next(m for m in milestones(pilot) if m.kind == "mid-term")
    assert (changed.date, changed.derived, changed.revision) == (date(2022, 6, 1), False, 1)
    assert [m.kind for m in milestones(pilot) if m.revision == 0] == [k for k in KINDS if k != "mid-term"]


def test_moving_to_the_same_date_states_it_without_a_new_revision() -> None:
    pilot = moved(TRADE, "end", date(2023, 11, 5))
    assert not end(pilot).derived
    assert revision(pilot, "end") == 0
    assert moves(TRADE, pilot) == ()


def test_a_new_start_moves_what_is_counted_from_it_and_nothing_else() -> None:
    before = moved(TRADE, "end", date(2023, 12, 31))
    after = restarted(before, date(2020, 8, 2))
    assert [move.after.kind for move in moves(before, after)] == [k for k in KINDS if k != "end"]
    assert listed(after)["mid-term"] == date(2022, 2, 2)
    assert revision(after, "end") == 1
    assert moved(before, "start", date(2020, 8, 2)) == after


def test_a_removed_milestone_is_not_announced_and_can_come_back() -> None:
    without = removed(TRADE, "year-1")
    assert "year-1" not in listed(without)
    again = moved(without, "year-1", date(2021, 11, 5))
    assert listed(again)["year-1"] == date(2021, 11, 5)
    assert revision(again, "year-1") == 0


def test_the_end_counts_even_where_nobody_wants_it_announced() -> None:
    pilot = removed(TRADE, "end")
    assert end(pilot).date == date(2023, 11, 5)
    assert status_note(pilot, date(2023, 11, 6)) is not None


def test_an_added_milestone_stands_among_the_others() -> None:
    pilot = added(TRADE, "summary", "经验总结", date(2022, 6, 1))
    own = next(m for m in milestones(pilot) if m.kind == "summary")
    assert (own.title, own.derived, own.leads) == ("经验总结", False, (30, 7, 1, 0))
    assert list(listed(pilot)) == ["start", "year-1", "mid-term", "summary", "year-2", "final-review", "end"]


def test_leads_and_titles_can_be_adjusted_for_one_milestone() -> None:
    pilot = replace(TRADE, leads=(14, 3), overrides=(Override("end", leads=(0, 60, 0), title="收官"),))
    by_kind = {m.kind: m for m in milestones(pilot)}
    assert (by_kind["end"].leads, by_kind["end"].title) == ((60, 0), "收官")
    assert by_kind["year-1"].leads == (14, 3)
    assert by_kind["start"].leads == (0,)


def test_a_revision_never_comes_back_when_a_change_is_undone() -> None:
    first = moved(TRADE, "mid-term", date(2022, 6, 1))
    undone = revised(first, TRADE)
    again = moved(undone, "mid-term", date(2022, 7, 1))
    assert [revision(p, "mid-term") for p in (first, undone, again)] == [1, 2, 3]
    assert listed(undone) == listed(TRADE)


def test_a_milestone_added_and_undone_remembers_its_revision() -> None:
    first = moved(added(TRADE, "summary", "总结", date(2022, 6, 1)), "summary", date(2022, 6, 2))
    undone = revised(first, TRADE)
    again = added(undone, "summary", "总结", date(2022, 6, 3))
    assert "summary" not in listed(undone)
    assert revision(again, "summary") == 2


def test_a_year_that_goes_with_a_shorter_term_comes_back_as_another_revision() -> None:
    long = replace(TRADE, months=60)
    short = revised(long, TRADE)
    long_again = revised(short, replace(short, months=60))
    assert "year-4" not in listed(short)
    assert revision(long_again, "year-4") == 1


changes = st.lists(
    st.one_of(
        st.tuples(st.just("moved"), st.sampled_from([*KINDS, "own"]), st.dates(date(2026, 1, 1), date(2026, 2, 1))),
        st.tuples(st.just("removed"), st.sampled_from([*KINDS, "own"]), st.none()),
        st.tuples(st.just("added"), st.just("own"), st.dates(date(2026, 1, 1), date(2026, 2, 1))),
        st.tuples(st.just("undone"), st.none(), st.none()),
    ),
    max_size=12,
)


@given(changes)
def test_a_revision_never_means_two_dates(steps: list[tuple[str, str, date]]) -> None:
    first = pilot = Pilot("pilot", "示范试点", date(2025, 1, 1), "document", months=12)
    meanings: dict[tuple[str, int], date] = {}
    for what, kind, day in steps:
        try:
            match what:
                case "moved":
                    pilot = moved(pilot, kind, day)
                case "removed":
                    pilot = removed(pilot, kind)
                case "added":
                    pilot = added(pilot, kind, "自定", day)
                case _:
                    pilot = revised(pilot, first)
        except PilotError:
            continue
        for m in milestones(pilot):
            assert meanings.setdefault((m.id, m.revision), m.date) == m.date


# --- where a pilot stands ---


def test_the_status_note_begins_the_day_after_the_end() -> None:
    assert status_note(TRADE, date(2023, 11, 5)) is None
    assert status_note(TRADE, date(2023, 11, 6)) == "试点期已于 2023-11-05 届满（推算），现行规定请核实"


def test_the_status_note_of_a_stated_end_does_not_say_derived() -> None:
    pilot = moved(TRADE, "end", date(2024, 12, 31))
    assert status_note(pilot, date(2024, 12, 31)) is None
    assert status_note(pilot, date(2025, 1, 1)) == "试点期已于 2024-12-31 届满，现行规定请核实"


def test_progress_counts_days_and_names_the_milestones_around_today() -> None:
    now = progress(TRADE, date(2022, 5, 5))
    assert (now.passed, now.left) == (546, 549)
    assert now.last is not None
    assert now.last.kind == "year-1"
    assert [m.kind for m in now.coming] == ["mid-term", "year-2", "final-review", "end"]


def test_progress_before_the_start_and_after_the_end_stays_within_the_term() -> None:
    before, after = progress(TRADE, date(2020, 1, 1)), progress(TRADE, date(2026, 11, 21))
    assert (before.passed, before.left, before.last) == (0, 1404, None)
    assert len(before.coming) == 6
    assert (after.passed, after.left, after.coming) == (1095, 0, ())


@given(pilots, st.dates(EARLIEST, LATEST))
def test_within_the_term_passed_and_left_make_the_whole(pilot: Pilot, today: date) -> None:
    stand = progress(pilot, today)
    whole = (end(pilot).date - pilot.start).days
    if pilot.start <= today <= end(pilot).date:
        assert stand.passed + stand.left == whole
    assert 0 <= stand.passed <= whole
    assert stand.left >= 0
    assert (status_note(pilot, today) is not None) == (today > end(pilot).date)


# --- what cannot be ---


def test_a_fact_of_a_pack_becomes_a_pilot() -> None:
    assert Pilot.of(PilotFact("shanghai-2020-24", TRADE.name, date(2020, 11, 5), "document")) == TRADE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": date(202, 1, 5)}, "请检查年份"),
        ({"months": 0}, "试点期限 0 个月应在 1 至 120 个月之间"),
        ({"leads": (-1,)}, "提前天数 -1 应在 0 至 366 之间"),
        ({"start_basis": "guess"}, "起始日依据“guess”"),
        ({"overrides": (Override("end"), Override("end"))}, "调整了两次"),
        ({"overrides": (Override("end", date=date(2020, 1, 1)),)}, "期满日 2020-01-01 早于起始日 2020-11-05"),
    ],
)
def test_an_impossible_pilot_is_refused_in_plain_words(change: dict[str, object], message: str) -> None:
    with pytest.raises(PilotError, match=message):
        replace(TRADE, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "中期"}, "里程碑代号“中期”"),
        ({"kind": "a/b"}, "里程碑代号“a/b”"),
        ({"kind": "x" * 41}, "最多 40 个字符"),
        ({"kind": "end\n"}, "里程碑代号"),
        ({"kind": "start", "date": date(2022, 1, 1)}, "请直接修改起始日"),
        ({"kind": "own", "date": date(9999, 12, 31)}, "请检查年份"),
        ({"kind": "own", "leads": (400,)}, "提前天数 400"),
    ],
)
def test_an_impossible_override_is_refused_in_plain_words(fields: dict[str, object], message: str) -> None:
    with pytest.raises(PilotError, match=message):
        Override(**fields)  # type: ignore[arg-type]


def test_only_known_milestones_can_be_moved_or_removed_and_only_new_ones_added() -> None:
    with pytest.raises(PilotError, match="没有里程碑“summary”"):
        moved(TRADE, "summary", date(2022, 6, 1))
    with pytest.raises(PilotError, match="没有里程碑“summary”"):
        removed(TRADE, "summary")
    with pytest.raises(PilotError, match="里程碑“end”已经存在"):
        added(TRADE, "end", "收官", date(2022, 6, 1))


def test_removed_milestones_keep_their_date() -> None:
    assert dates(removed(TRADE, "mid-term"))["mid-term"] == date(2022, 5, 5)
