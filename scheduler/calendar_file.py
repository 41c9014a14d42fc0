"""The file in which a working-day calendar is written by hand: YAML, laid out like `data/workdays.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

import yaml

from scheduler import texts
from scheduler.workdays import Arrangement, Calendar, is_weekend

FIRST_YEAR, LAST_YEAR = 2000, 2199  # years outside are taken for typing errors

_DAYS = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\s*\.\.\s*([0-9]{4}-[0-9]{2}-[0-9]{2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with a file."""

    line: int  # from 1
    column: int  # from 1
    message: str  # for the person who wrote the file


class CalendarError(ValueError):
    """A calendar file that cannot be used."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """:param faults: all that were found, at least one."""
        self.faults = tuple(sorted(faults))
        super().__init__("；".join(f"第{f.line}行：{f.message}" for f in self.faults))


@cache
def shipped() -> Calendar:
    """The calendar that comes with the program."""
    return read((resources.files("scheduler") / "data" / "workdays.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Calendar:
    """The calendar that a file's text describes.

    :raises CalendarError: naming line and column of everything that is wrong.
    """
    reader = _Reader()
    calendar = reader.calendar(text)
    if reader.faults:
        raise CalendarError(reader.faults)
    return calendar


def read_section(key: yaml.Node, years: yaml.Node) -> Calendar:
    """The calendar under `workdays:` of a larger file, given as YAML nodes.

    :raises CalendarError: as `read`.
    """
    mark = key.start_mark
    reader = _Reader()
    calendar = reader.of_root(yaml.MappingNode("tag:yaml.org,2002:map", [(key, years)], mark, years.end_mark))
    if reader.faults:
        raise CalendarError(reader.faults)
    return calendar


class _Reader:
    """Reads YAML nodes rather than values, so that every fault knows its place. Goes on after a fault to find more."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def calendar(self, text: str) -> Calendar:
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            self._fault(getattr(error, "problem_mark", None), texts.NOT_YAML)
            return Calendar()
        return self.of_root(root)

    def of_root(self, root: yaml.Node | None) -> Calendar:
        years = self._fields(root, texts.THE_FILE, required="workdays").get("workdays")
        entries = self._entries(years, "workdays") if years else []
        return Calendar.of(self._arrangement(key, node) for key, node in entries)

    def _arrangement(self, key: yaml.ScalarNode, node: yaml.Node) -> Arrangement:
        if not re.fullmatch("[0-9]{4}", key.value) or not FIRST_YEAR <= int(key.value) <= LAST_YEAR:
            self._fault(key.start_mark, texts.BAD_YEAR.format(value=key.value, first=FIRST_YEAR, last=LAST_YEAR))
            return Arrangement(0)
        year = int(key.value)
        fields = self._fields(node, key.value, required="holidays", optional="worked")
        holidays = self._days(fields.get("holidays"), "holidays", year)
        worked = self._days(fields.get("worked"), "worked", year)
        for day, item in worked.items():
            if not is_weekend(day):
                self._fault(item.start_mark, texts.NOT_WEEKEND.format(day=day, weekday=texts.weekday(day)))
            if day in holidays:
                self._fault(item.start_mark, texts.FREE_AND_WORKED.format(day=day))
        return Arrangement(year, frozenset(holidays), frozenset(worked))

    def _days(self, node: yaml.Node | None, what: str, year: int) -> dict[date, yaml.Node]:
        """Every day of a list of days and ranges, with the entry that names it."""
        if node is None:
            return {}
        if not isinstance(node, yaml.SequenceNode):
            self._fault(node.start_mark, texts.NOT_A_LIST.format(what=what))
            return {}
        if what == "holidays" and not node.value:
            self._fault(node.start_mark, texts.NO_DAYS.format(what=what))
        return {day: item for item in node.value for day in self._range(item, year)}

    def _range(self, item: yaml.Node, year: int) -> list[date]:
        """The days of one entry; none if something is wrong with it."""
        value = item.value if isinstance(item, yaml.ScalarNode) else "…"
        ends = _ends(value)
        if ends is None:
            self._fault(item.start_mark, texts.BAD_DAYS.format(value=value))
            return []
        first, last = ends
        strangers = [day for day in ends if not date(year - 1, 12, 1) <= day <= date(year, 12, 31)]
        if strangers:
            self._fault(item.start_mark, texts.OTHER_YEAR.format(day=strangers[0], year=year))
            return []
        if last < first:
            self._fault(item.start_mark, texts.BACKWARDS.format(value=value))
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _fields(self, node: yaml.Node | None, what: str, required: str, optional: str = "") -> dict[str, yaml.Node]:
        """The fields of a mapping by name, without the unknown ones."""
        known = [name for name in (required, optional) if name]
        fields = {}
        for key, value in self._entries(node, what):
            if key.value in known:
                fields[key.value] = value
            else:
                self._fault(key.start_mark, texts.UNKNOWN_FIELD.format(value=key.value, known="、".join(known)))
        if isinstance(node, yaml.MappingNode) and required not in fields:
            self._fault(node.start_mark, texts.MISSING_FIELD.format(what=what, value=required))
        return fields

    def _entries(self, node: yaml.Node | None, what: str) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        """The entries of a mapping in the file's order, each name once."""
        if not isinstance(node, yaml.MappingNode):
            self._fault(node.start_mark if node else None, texts.NOT_FIELDS.format(what=what))
            return []
        entries: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key.start_mark, texts.NOT_FIELDS.format(what=what))
            elif key.value in entries:
                self._fault(key.start_mark, texts.TWICE_FIELD.format(value=key.value))
            else:
                entries[key.value] = (key, value)
        return list(entries.values())

    def _fault(self, place: yaml.Mark | None, message: str) -> None:
        line, column = (place.line + 1, place.column + 1) if place else (1, 1)
        self.faults.append(Fault(line, column, message))


def _ends(value: str) -> tuple[date, date] | None:
    """First and last day of 'YYYY-MM-DD' or 'YYYY-MM-DD..YYYY-MM-DD'; None if it is neither."""
    match = _DAYS.fullmatch(value)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1]), date.fromisoformat(match[2] or match[1])
    except ValueError:  # no such day, as 30 February
        return None
