from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar_file import shipped
from scheduler.due import ON_TIME, decide, local_instant, receives, reminders
from scheduler.milestones import milestones as milestones_of
from scheduler.milestones import moved
from scheduler.model import Decision, Key, Milestone, Reminder
from scheduler.workdays import Arrangement, Calendar
from tests.scheduler.examples import REMIND_AT, SHANGHAI, TRADE, calendars, days, leads, milestone

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def planned(m: Milestone, calendar: Calendar | None = None) -> tuple[Reminder, ...]:
    return reminders(m, calendar or shipped(), REMIND_AT, SHANGHAI)


# --- when ---


def test_each_lead_is_sent_at_the_local_time_of_its_day() -> None:
    found = planned(milestone(date(2026, 7, 8)))
    assert [(r.leads, r.at.isoformat()) for r in found] == [
        ((30,), "2026-06-08T09:10:00+08:00"),
        ((7,), "2026-07-01T09:10:00+08:00"),
        ((1,), "2026-07-07T09:10:00+08:00"),
        ((0,), "2026-07-08T09:10:00+08:00"),
    ]
    assert not any(r.provisional for r in found)


def test_leads_that_meet_on_one_day_are_one_reminder_with_a_key_each() -> None:
    *_, last = planned(milestone(date(2026, 10, 6), revision=3))
    assert last.leads == (1, 0)
    assert last.at == local("2026-09-30 09:10")
    assert last.keys == (Key("pilot/review", 3, 1), Key("pilot/review", 3, 0))


def test_reminders_that_depend_on_an_unpublished_year_are_provisional() -> None:
    found = planned(milestone(date(2027, 1, 5)))
    assert [(r.at.date().isoformat(), r.provisional) for r in found] == [
        ("2026-12-04", False),
        ("2026-12-29", False),
        ("2027-01-04", True),
        ("2027-01-05", True),
    ]


def test_a_published_year_plans_its_reminders_again() -> None:
    notice = Arrangement(2027, frozenset({date(2027, 1, 4), date(2027, 1, 5)}), frozenset({date(2027, 1, 2)}))
    found = planned(milestone(date(2027, 1, 5)), shipped().updated(Calendar.of([notice])))
    assert [(r.leads, r.at.date().isoformat(), r.provisional) for r in found[2:]] == [((1, 0), "2027-01-02", False)]


def test_a_milestone_without_leads_is_not_announced() -> None:
    assert planned(milestone(date(2026, 7, 8), leads=())) == ()


@given(calendars(), days, leads)
def test_reminders_agree_with_a_walk_through_every_day(calendar: Calendar, day: date, leads: tuple[int, ...]) -> None:
    expected: dict[date, tuple[int, ...]] = {}
    for lead in leads:
        back = 0
        while not calendar.is_workday(day - timedelta(days=lead + back)):
            back += 1
        sent = day - timedelta(days=lead + back)
        expected[sent] = (*expected.get(sent, ()), lead)
    found = planned(milestone(day, leads), calendar)
    assert {r.at.date(): r.leads for r in found} == expected
    assert [r.at for r in found] == sorted(r.at for r in found)
    assert all(r.provisional or calendar.published(r.at.year) for r in found)


ZONES = ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]


def minutes_around(day: date) -> Iterator[datetime]:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)
    return (start + n * MINUTE for n in range(60 * 52))


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        ("America/New_York", "2024-03-10", "02:30", "2024-03-10T07:30:00+00:00"),  # skipped: 03:30 summer time
        ("America/New_York", "2024-11-03", "01:30", "2024-11-03T05:30:00+00:00"),  # repeated: the first
        ("America/Sao_Paulo", "2018-11-04", "00:10", "2018-11-04T03:10:00+00:00"),  # a gap at midnight
        ("Australia/Lord_Howe", "2024-10-06", "02:10", "2024-10-05T15:40:00+00:00"),  # a gap of half an hour
        ("Asia/Shanghai", "2024-10-08", "09:10", "2024-10-08T01:10:00+00:00"),
    ],
)
def test_skipped_and_repeated_local_times_have_one_instant(zone: str, day: str, at: str, instant: str) -> None:
    found = local_instant(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    assert found.astimezone(UTC).isoformat() == instant
    assert found.date().isoformat() == day


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date(2018, 11, 4), date(2024, 3, 10), date(2024, 10, 27), date(2024, 4, 7)])
@pytest.mark.parametrize("at", [time(0, 10), time(1, 50), time(2, 20), time(9, 10), time(23, 50, fold=1)])
def test_a_local_time_is_the_first_minute_whose_clock_shows_it(zone: str, day: date, at: time) -> None:
    here = ZoneInfo(zone)
    found = local_instant(day, at, here)
    wall = datetime.combine(day, at).replace(fold=0)
    shown = {
        minute.astimezone(here).replace(tzinfo=None, fold=0): minute for minute in reversed([*minutes_around(day)])
    }
    gap = timedelta() if wall in shown else timedelta(minutes=30 if zone == "Australia/Lord_Howe" else 60)
    assert found == shown[wall + gap]
    assert (found.date(), found.time()) == (day, at.replace(fold=0))


@given(days, st.times(), st.sampled_from(ZONES))
def test_comparing_instants_is_exact_in_every_zone(day: date, at: time, zone: str) -> None:
    found = local_instant(day, at, ZoneInfo(zone))
    assert found - found.astimezone(UTC) == timedelta()
    assert not found < found.astimezone(UTC)


# --- what becomes of those that are due ---

REVIEW = milestone(date(2026, 7, 8))  # announced on 06-08, 07-01, 07-07 and 07-08


def decided(now: str, since: datetime = LONG_AGO, settled: set[Key] | None = None, m: Milestone = REVIEW) -> Decision:
    return decide(planned(m), since, local(now), SHANGHAI, settled or set())


def keys(*leads: int) -> set[Key]:
    return {Key("pilot/review", 0, lead) for lead in leads}


def sent(decision: Decision) -> tuple[int, ...]:
    return decision.send.leads if decision.send else ()


def skipped(decision: Decision) -> list[int]:
    return [lead for r in decision.skipped for lead in r.leads]


def test_nothing_happens_before_an_instant() -> None:
    assert decided("2026-06-08 09:09:59") == Decision()


def test_a_reminder_is_sent_at_its_instant_and_once() -> None:
    assert sent(decided("2026-06-08 09:10")) == (30,)
    assert decided("2026-06-08 09:10", settled=keys(30)) == Decision()


def test_of_those_missed_only_the_nearest_is_sent() -> None:
    decision = decided("2026-07-07 15:00", settled=keys(30))
    assert sent(decision) == (1,)
    assert skipped(decision) == [7]


def test_an_older_one_is_not_sent_after_a_newer_one() -> None:
    decision = decided("2026-07-07 15:00", settled=keys(30, 1))
    assert decision.send is None
    assert skipped(decision) == [7]


@pytest.mark.parametrize(
    ("now", "send"),
    [
        ("2026-07-03 07:59:59", False),
        ("2026-07-03 08:00", True),
        ("2026-07-03 20:59:59", True),
        ("2026-07-03 21:00", False),
        ("2026-07-04 12:00", True),  # a day off is no hindrance
    ],
)
def test_what_was_missed_is_sent_between_eight_and_nine_in_the_evening(now: str, send: bool) -> None:
    decision = decided(now, settled=keys(30))
    assert (sent(decision) == (7,)) is send
    assert (decision.waiting is not None) is not send
    assert decision.skipped == ()


def test_one_that_waits_gives_way_to_a_nearer_one() -> None:
    decision = decided("2026-07-07 09:10", settled=keys(30))
    assert sent(decision) == (1,)
    assert skipped(decision) == [7]


def test_what_is_on_time_keeps_its_instant_outside_those_hours() -> None:
    night = reminders(REVIEW, shipped(), time(22, 40), SHANGHAI)
    at = local("2026-07-08 22:40")
    settled = keys(30, 7, 1)
    assert sent(decide(night, LONG_AGO, at + ON_TIME, SHANGHAI, settled)) == (0,)
    assert decide(night, LONG_AGO, at + ON_TIME + MINUTE, SHANGHAI, settled).waiting is not None
    assert skipped(decide(night, LONG_AGO, at + timedelta(hours=2), SHANGHAI, settled)) == [0]


def test_it_is_useful_until_the_milestones_day_ends() -> None:
    assert sent(decided("2026-07-08 20:59", settled=keys(30, 7, 1))) == (0,)
    assert skipped(decided("2026-07-09 08:00", settled=keys(30, 7, 1))) == [0]


def test_a_reminder_moved_before_days_off_is_useful_on_them() -> None:
    decision = decided("2026-10-06 12:00", m=milestone(date(2026, 10, 6)))
    assert sent(decision) == (1, 0)
    assert skipped(decision) == [30, 7]


def test_a_milestone_entirely_in_the_past_sends_nothing() -> None:
    decision = decided("2026-11-21 10:00", since=local("2026-11-21 10:00"))
    assert decision.send is None
    assert decision.waiting is None
    assert skipped(decision) == [30, 7, 1, 0]


def test_what_was_due_before_the_milestone_was_known_is_skipped() -> None:
    decision = decided("2026-07-03 10:00", since=local("2026-07-02 10:00"))
    assert decision.send is None
    assert skipped(decision) == [30, 7]
    assert sent(decided("2026-07-07 09:10", since=local("2026-07-02 10:00"))) == (1,)


def test_of_leads_that_meet_only_those_not_settled_are_sent() -> None:
    decision = decided("2026-09-30 09:10", settled=keys(30, 7, 1), m=milestone(date(2026, 10, 6)))
    assert sent(decision) == (0,)


def test_a_moved_date_has_only_the_leads_still_ahead() -> None:
    at = local("2022-04-27 10:00")
    pilot = moved(TRADE, "mid-term", date(2022, 5, 20))
    later = next(m for m in milestones_of(pilot) if m.kind == "mid-term")
    plan = planned(later)
    assert {key.revision for r in plan for key in r.keys} == {1}
    assert skipped(decide(plan, at, at, SHANGHAI)) == [30]
    assert sent(decide(plan, at, local("2022-05-13 09:10"), SHANGHAI)) == (7,)


def test_who_subscribes_after_an_instant_does_not_get_it() -> None:
    reminder = planned(REVIEW)[0]
    assert receives(local("2026-06-08 09:10"), reminder)
    assert not receives(local("2026-06-08 09:11"), reminder)


ticks = st.lists(
    st.integers(0, 60 * 24 * 8).map(lambda n: timedelta(minutes=10 * n)), min_size=1, max_size=60, unique=True
)


@given(ticks, st.integers(0, 50), days, leads, calendars())
def test_however_the_service_runs_each_key_is_settled_once_and_useful_when_sent(
    ticks: list[timedelta], known: int, day: date, leads: tuple[int, ...], calendar: Calendar
) -> None:
    m = milestone(day, leads)
    plan = planned(m, calendar)
    begin = datetime.combine(day - timedelta(days=45), time(), tzinfo=SHANGHAI)
    since = begin + timedelta(days=known)
    settled: set[Key] = set()
    last_sent = begin - timedelta(days=365)
    for now in sorted(begin + tick for tick in ticks):
        decision = decide(plan, since, now, SHANGHAI, settled)
        chosen = [decision.send] if decision.send else []
        touched = [key for r in [*chosen, *decision.skipped] for key in r.keys]
        assert len(set(touched)) == len(touched)
        assert settled.isdisjoint(touched)
        if decision.send:
            assert since <= decision.send.at <= now
            assert now.date() <= day
            assert decision.send.at > last_sent
            assert now - decision.send.at <= ON_TIME or 8 <= now.hour < 21
            last_sent = decision.send.at
        settled.update(touched)
        waiting = decision.waiting.keys if decision.waiting else ()
        assert {key for r in plan if r.at <= now for key in r.keys} == settled | set(waiting)


@given(days, leads, calendars())
def test_a_service_that_never_rests_sends_everything_on_its_day(
    day: date, leads: tuple[int, ...], calendar: Calendar
) -> None:
    plan = planned(milestone(day, leads), calendar)
    settled: set[Key] = set()
    for reminder in plan:
        decision = decide(plan, LONG_AGO, reminder.at + MINUTE, SHANGHAI, settled)
        assert decision == Decision(send=reminder)
        settled.update(reminder.keys)


def test_a_revision_is_another_key() -> None:
    assert decided("2026-06-08 09:10", settled=keys(30), m=replace(REVIEW, revision=1)).send is not None
