"""What several tests share: the two known pilots, and strategies for made-up calendars and dates."""

from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scheduler.model import Milestone, Pilot
from scheduler.workdays import Arrangement, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
REMIND_AT = time(9, 10)

SERVICES = Pilot("mofcom-2021-63", "服务业扩大开放试点", date(2021, 4, 21), "document")
TRADE = Pilot("shanghai-2020-24", "服务贸易创新发展试点", date(2020, 11, 5), "document")

days = st.dates(date(2023, 1, 1), date(2026, 12, 31))
leads = st.lists(st.integers(0, 60), max_size=5).map(lambda found: tuple(sorted(set(found), reverse=True)))


@st.composite
def arrangements(draw: st.DrawFn, year: int) -> Arrangement:
    """Some ranges of free days, among them long ones, and some worked weekend days."""
    inside = st.dates(date(year, 1, 1), date(year, 12, 31))
    ranges = draw(st.lists(st.tuples(inside, st.integers(1, 12)), max_size=12))
    named = {first + timedelta(days=n) for first, length in ranges for n in range(length)}
    holidays = {day for day in named if day.year == year}  # a notice reaches back into December, never forward
    worked = draw(st.sets(inside.filter(lambda day: day.weekday() > 4), max_size=8))
    return Arrangement(year, frozenset(holidays - worked), frozenset(worked))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Some of the years 2022 to 2027, the others unpublished."""
    published = sorted(draw(st.sets(st.integers(2022, 2027))))
    return Calendar.of(draw(arrangements(year)) for year in published)


def milestone(day: date, leads: tuple[int, ...] = (30, 7, 1, 0), revision: int = 0, derived: bool = True) -> Milestone:
    return Milestone(
        id="pilot/review",
        pilot="pilot",
        pilot_name="示范试点",
        kind="review",
        title="中期检查",
        date=day,
        derived=derived,
        revision=revision,
        leads=leads,
    )
