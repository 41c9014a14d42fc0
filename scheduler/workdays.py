"""Working days by the official Chinese holiday arrangements, as far as they are published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from knowledge.model import WorkdayYear

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


class Workday(NamedTuple):
    day: date
    provisional: bool  # it depends on a year whose holidays are not published yet


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One year's official notice. It may reach back into the December before."""

    year: int
    holidays: frozenset[date] = frozenset()  # the days declared free, weekends included
    worked: frozenset[date] = frozenset()  # the Saturdays and Sundays that are worked


@dataclass(frozen=True, slots=True)
class Calendar:
    """The published years; elsewhere weekends alone decide."""

    years: Mapping[int, Arrangement] = field(default_factory=dict)

    @classmethod
    def of(cls, arrangements: Iterable[Arrangement]) -> Calendar:
        return cls(MappingProxyType({a.year: a for a in arrangements}))

    @classmethod
    def stated(cls, years: Iterable[WorkdayYear]) -> Calendar:
        """Of the years that admins loaded into the knowledge."""
        return cls.of(Arrangement(y.year, frozenset(y.holidays), frozenset(y.worked)) for y in years)

    def published(self, year: int) -> bool:
        return year in self.years

    def is_workday(self, day: date) -> bool:
        for year in (day.year + 1, day.year):  # the later notice knows better about the end of December
            notice = self.years.get(year)
            if notice and day in notice.worked:
                return True
            if notice and day in notice.holidays:
                return False
        return not is_weekend(day)

    def last_workday_on_or_before(self, day: date) -> Workday:
        """The day itself if it is worked, or else the nearest working day before it."""
        return self._first_workday(day, -_DAY)

    def next_workday_after(self, day: date) -> Workday:
        """The nearest working day after this one."""
        return self._first_workday(day + _DAY, _DAY)

    def updated(self, newer: Calendar) -> Calendar:
        """Both calendars as one; where both have a year, the newer's counts."""
        return Calendar.of({**self.years, **newer.years}.values())

    def _first_workday(self, day: date, step: timedelta) -> Workday:
        provisional = not self.published(day.year)
        while not self.is_workday(day):
            day += step
            provisional |= not self.published(day.year)
        return Workday(day, provisional)
