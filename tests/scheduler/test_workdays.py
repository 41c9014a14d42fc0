from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given

from scheduler.calendar_file import shipped
from scheduler.workdays import Arrangement, Calendar, Workday
from tests.scheduler.examples import calendars, days

EMPTY = Calendar()


def walked(calendar: Calendar, day: date) -> bool:
    """Whether a day is worked, by asking every notice in turn."""
    worked = day.weekday() in (0, 1, 2, 3, 4)
    for _, notice in sorted(calendar.years.items()):
        if day in notice.holidays:
            worked = False
        if day in notice.worked:
            worked = True
    return worked


@pytest.mark.parametrize(
    ("year", "count"), [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
)
def test_each_shipped_year_has_its_number_of_working_days(year: int, count: int) -> None:
    all_days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    assert sum(shipped().is_workday(day) for day in all_days if day.year == year) == count


@pytest.mark.parametrize(
    "day",
    [
        date(2022, 4, 2),  # Saturday before the Qingming days
        date(2020, 1, 19),
        date(2020, 2, 3),  # first day after the extended Spring Festival
        date(2024, 2, 9),  # New Year's Eve, free by custom only
        date(2026, 1, 4),
        date(2026, 9, 20),
    ],
)
def test_worked_days_of_the_official_notices(day: date) -> None:
    assert shipped().is_workday(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2022, 4, 5),
        date(2020, 1, 31),  # added by the extension
        date(2020, 2, 1),  # first announced as worked, then cancelled
        date(2020, 5, 5),
        date(2022, 12, 31),  # named by the notice for 2023
        date(2025, 10, 8),
        date(2026, 2, 23),
    ],
)
def test_free_days_of_the_official_notices(day: date) -> None:
    assert not shipped().is_workday(day)


def test_the_shipped_years_are_published_and_no_others() -> None:
    assert [year for year in range(2015, 2035) if shipped().published(year)] == list(range(2020, 2027))


def test_in_an_unpublished_year_weekends_decide_and_the_result_is_provisional() -> None:
    assert shipped().last_workday_on_or_before(date(2027, 1, 1)) == Workday(date(2027, 1, 1), provisional=True)
    assert shipped().last_workday_on_or_before(date(2027, 1, 3)) == Workday(date(2027, 1, 1), provisional=True)
    assert shipped().last_workday_on_or_before(date(2026, 12, 27)) == Workday(date(2026, 12, 25), provisional=False)


def test_a_walk_across_new_year_is_provisional_if_either_year_is_unpublished() -> None:
    only_2022 = Calendar.of([shipped().years[2022]])
    assert only_2022.last_workday_on_or_before(date(2023, 1, 1)) == Workday(date(2022, 12, 30), provisional=True)
    assert only_2022.next_workday_after(date(2022, 12, 30)) == Workday(date(2023, 1, 2), provisional=True)
    assert shipped().next_workday_after(date(2022, 12, 30)) == Workday(date(2023, 1, 3), provisional=False)


def test_the_later_notice_decides_about_the_december_before() -> None:
    saturday, monday = date(2007, 12, 29), date(2007, 12, 31)
    calendar = Calendar.of([Arrangement(2007), Arrangement(2008, frozenset({monday}), frozenset({saturday}))])
    assert calendar.is_workday(saturday)
    assert not calendar.is_workday(monday)


def test_a_newer_calendar_replaces_the_years_it_has_and_keeps_the_others() -> None:
    newer = Calendar.of([Arrangement(2026), Arrangement(2027)])
    both = shipped().updated(newer)
    assert both.is_workday(date(2026, 2, 23))
    assert not both.is_workday(date(2025, 10, 8))
    assert both.published(2027)
    assert not shipped().published(2027)


@given(calendars(), days)
def test_the_last_working_day_is_the_first_one_met_walking_back(calendar: Calendar, day: date) -> None:
    found = calendar.last_workday_on_or_before(day)
    passed = [day - timedelta(days=n) for n in range((day - found.day).days)]
    assert walked(calendar, found.day)
    assert not any(walked(calendar, other) for other in passed)
    assert found.provisional == (not {d.year for d in [*passed, found.day]} <= set(calendar.years))


@given(calendars(), days)
def test_the_next_working_day_is_the_first_one_met_walking_on(calendar: Calendar, day: date) -> None:
    found = calendar.next_workday_after(day)
    passed = [day + timedelta(days=n) for n in range(1, (found.day - day).days)]
    assert found.day > day
    assert walked(calendar, found.day)
    assert not any(walked(calendar, other) for other in passed)
    assert found.provisional == (not {d.year for d in [*passed, found.day]} <= set(calendar.years))


@given(days)
def test_without_any_notice_every_result_is_provisional_and_no_weekend(day: date) -> None:
    found = EMPTY.last_workday_on_or_before(day)
    assert found.provisional
    assert found.day.isoweekday() <= 5
    assert (day - found.day).days <= 2
