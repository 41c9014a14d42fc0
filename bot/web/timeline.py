"""The pilots' timeline for people: what the page lists, and its picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.web import texts
from knowledge.proposals import is_stated
from scheduler import due
from scheduler.milestones import end, milestones, months_after_start, progress
from scheduler.model import Milestone, Pilot, Reminder
from scheduler.store.planning import World
from scheduler.texts import countdown
from scheduler.wording import start_note

# The picture, in units that are CSS pixels on a phone of 360.
WIDTH, MARGIN, TOP, ROW, FOOT = 328, 12, 26, 66, 22
BAR_AT, BAR = 38, 12  # of a row: where its bar begins, how high it is
CLOSE = 17  # milestones nearer to each other than this stand on two levels
NOW_WITHIN = timedelta(days=400)  # today is drawn this far from the pilots; farther away an arrow points to it


@dataclass(frozen=True, slots=True)
class Item:
    """A milestone in the list."""

    number: int  # in the picture, from 1 for each pilot
    milestone: Milestone
    reminders: tuple[Reminder, ...]  # those to come
    provisional: bool
    is_over: bool
    is_next: bool  # the nearest one to come
    left: str  # '还有20天'
    rule: str  # where its date comes from


@dataclass(frozen=True, slots=True)
class Section:
    """A pilot on the page."""

    pilot: Pilot
    standing: str  # where it is now, in a sentence
    note: str | None  # what to know about its start
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    number: int
    x: float
    y: float
    state: str  # 'over', 'next' or 'ahead'


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    y: float
    x: float
    width: float
    passed: float  # width of what is over
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    bars: tuple[Bar, ...]
    years: tuple[tuple[float, int], ...]  # x of 1 January, the year
    now: float  # x of today, or of the edge that today lies beyond
    beyond: str  # '', or the arrow that points to today


def sections(world: World, today: date) -> list[Section]:
    """The pilots, the latest first."""
    return [_section(pilot, world, today) for pilot in sorted(world.pilots, key=lambda p: p.start, reverse=True)]


def rule(pilot: Pilot, milestone: Milestone) -> str:
    """Where the date of a milestone comes from, for people."""
    months = months_after_start(pilot, milestone.kind)
    if not milestone.derived or months is None:
        return texts.IN_THE_TEXT if is_stated(milestone.kind, milestone.date) else texts.STATED
    return texts.RULE.format(months=months) if months else texts.RULE_START


def picture(shown: Sequence[Section], today: date) -> Picture | None:
    """The sections as bars over one axis; None without pilots."""
    if not shown:
        return None
    days = [item.milestone.date for section in shown for item in section.items]
    days += [day for section in shown for day in (section.pilot.start, end(section.pilot).date)]
    first, last = min(days), max(days)
    beyond = "→" if today > last + NOW_WITHIN else "←" if today < first - NOW_WITHIN else ""
    if not beyond:
        first, last = min(first, today), max(last, today)
    axis = _Axis(first - timedelta(days=20), last + timedelta(days=20))
    return Picture(
        width=WIDTH,
        height=TOP + ROW * len(shown) + FOOT,
        bars=tuple(_bar(section, TOP + ROW * n, axis, today) for n, section in enumerate(shown)),
        years=tuple((axis.x(date(y, 1, 1)), y) for y in range(axis.first.year + 1, axis.last.year + 1)),
        now=min(max(axis.x(today), MARGIN), WIDTH - MARGIN),
        beyond=beyond,
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    first: date
    last: date

    def x(self, day: date) -> float:
        share = (day - self.first).days / (self.last - self.first).days
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)


def _section(pilot: Pilot, world: World, today: date) -> Section:
    listed = milestones(pilot)
    ahead = next((m for m in listed if m.date >= today), None)
    items = tuple(_item(n, m, pilot, world, today, is_next=m is ahead) for n, m in enumerate(listed, 1))
    return Section(pilot, _standing(pilot, today), start_note(pilot), items)


def _item(number: int, milestone: Milestone, pilot: Pilot, world: World, today: date, *, is_next: bool) -> Item:
    reminders = due.reminders(milestone, world.calendar, world.remind_at, world.zone)
    return Item(
        number=number,
        milestone=milestone,
        reminders=tuple(r for r in reminders if r.at.date() >= today),
        provisional=any(r.provisional for r in reminders),
        is_over=milestone.date < today,
        is_next=is_next,
        left=countdown((milestone.date - today).days),
        rule=rule(pilot, milestone),
    )


def _standing(pilot: Pilot, today: date) -> str:
    last, stands = end(pilot).date, progress(pilot, today)
    if today < pilot.start:
        return texts.NOT_STARTED.format(days=(pilot.start - today).days)
    if today > last:
        return texts.ENDED.format(end=last, days=(today - last).days)
    return texts.RUNNING.format(passed=stands.passed, left=stands.left)


def _bar(section: Section, top: float, axis: _Axis, today: date) -> Bar:
    last = end(section.pilot).date
    begin, finish = axis.x(section.pilot.start), axis.x(last)
    passed = axis.x(min(max(today, section.pilot.start), last))
    y = top + BAR_AT
    dots: list[Dot] = []
    for item in section.items:
        x = axis.x(item.milestone.date)
        is_low = bool(dots) and x - dots[-1].x < CLOSE and dots[-1].y < y + BAR
        state = "over" if item.is_over else "next" if item.is_next else "ahead"
        dots.append(Dot(item.number, x, y + (BAR + 8 if is_low else BAR / 2), state))
    return Bar(section.pilot.name, y, begin, round(finish - begin, 1), round(passed - begin, 1), tuple(dots))
