"""Pilots, what is announced of them, and when. Values only, no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from knowledge.model import MilestoneFact, PilotFact
from scheduler import texts

DEFAULT_LEADS = (30, 7, 1, 0)  # calendar days ahead
MAX_LEAD = 366  # days
MAX_MONTHS = 120
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)  # dates outside are taken for typing errors

_KIND = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class PilotError(ValueError):
    """A pilot or milestone that cannot be; the message is for the person who typed it."""


class Key(NamedTuple):
    """What is sent at most once to a person. Never the instant: that moves with the calendar."""

    milestone: str  # id
    revision: int
    lead: int  # days


@dataclass(frozen=True, slots=True)
class Override:
    """What the admins say of one milestone, on top of what the pilot's start says."""

    kind: str
    date: date | None = None  # stated by an admin; None: derived from the start
    title: str | None = None  # None: the usual one
    leads: tuple[int, ...] | None = None  # days ahead; None: the pilot's
    removed: bool = False
    revision: int = 0  # how often the date has changed; kept for life, so that a key never means two dates

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise PilotError(texts.BAD_KIND.format(value=self.kind))
        if self.date is not None:
            _check_date(self.date)
            if self.kind == "start":
                raise PilotError(texts.START_IS_THE_PILOTS)
        _check_leads(self.leads or ())


@dataclass(frozen=True, slots=True)
class Pilot:
    document: str  # slug of the plan that founds it
    name: str
    start: date
    start_basis: str  # 'document' (derived from the document's date) or 'admin' (stated)
    months: int = 36  # how long it runs
    leads: tuple[int, ...] = DEFAULT_LEADS  # days ahead at which its milestones are announced
    overrides: tuple[Override, ...] = ()  # one per kind at most

    def __post_init__(self) -> None:
        _check_date(self.start)
        _check_leads(self.leads)
        if not 1 <= self.months <= MAX_MONTHS:
            raise PilotError(texts.BAD_MONTHS.format(value=self.months, most=MAX_MONTHS))
        if self.start_basis not in ("document", "admin"):
            raise PilotError(texts.BAD_BASIS.format(value=self.start_basis))
        if len({o.kind for o in self.overrides}) < len(self.overrides):
            raise PilotError(texts.TWICE)
        stated_end = self.override("end").date
        if stated_end is not None and stated_end < self.start:
            raise PilotError(texts.END_BEFORE_START.format(end=stated_end, start=self.start))

    @classmethod
    def of(cls, fact: PilotFact) -> Pilot:
        """The pilot as a pack or an admin states it.

        :raises PilotError: if the fact is out of bounds.
        """
        leads = DEFAULT_LEADS if fact.leads is None else fact.leads
        overrides = tuple(Override(m.kind, m.date, m.title, m.leads, m.removed, m.revision) for m in fact.milestones)
        return cls(fact.document, fact.name, fact.start, fact.start_basis, fact.months, leads, overrides)

    @property
    def fact(self) -> PilotFact:
        """What `of` makes this pilot of."""
        leads = None if self.leads == DEFAULT_LEADS else self.leads
        stated = tuple(MilestoneFact(o.kind, o.date, o.title, o.leads, o.removed, o.revision) for o in self.overrides)
        return PilotFact(self.document, self.name, self.start, self.start_basis, self.months, leads, stated)

    def override(self, kind: str) -> Override:
        """What the admins say of this milestone; an empty override if nothing."""
        return next((o for o in self.overrides if o.kind == kind), Override(kind))


@dataclass(frozen=True, slots=True)
class Milestone:
    id: str  # '<document slug>/<kind>'
    pilot: str  # the document's slug
    pilot_name: str
    kind: str  # 'start', 'year-1', 'mid-term', 'year-2', 'final-review', 'end' or an admin's own
    title: str  # for people
    date: date
    derived: bool  # not stated by anybody, but counted from the start or taken from the document's date
    revision: int  # how often the date has changed
    leads: tuple[int, ...]  # days ahead, longest first


@dataclass(frozen=True, slots=True)
class Reminder:
    milestone: Milestone
    leads: tuple[int, ...]  # those that meet on one day, longest first; never empty
    at: datetime  # aware, at the fixed offset of the local time it is meant in: at.date() is the local day
    provisional: bool  # the holidays of a year it depends on are not published yet

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(Key(self.milestone.id, self.milestone.revision, lead) for lead in self.leads)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of those reminders of one milestone whose instant has come. Each lead is in one place at most."""

    send: Reminder | None = None  # now
    waiting: Reminder | None = None  # later today or tomorrow, when messages may be sent again
    skipped: tuple[Reminder, ...] = ()  # recorded, never sent


@dataclass(frozen=True, slots=True)
class Move:
    """A milestone whose date has changed."""

    before: Milestone
    after: Milestone


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a pilot stands on a day."""

    passed: int  # days since the start; 0 before it, all of them after the end
    left: int  # days to the end; 0 after it
    last: Milestone | None  # the latest one that is over
    coming: tuple[Milestone, ...]  # today's and later ones, nearest first


def _check_date(day: date) -> None:
    if not EARLIEST <= day <= LATEST:
        raise PilotError(texts.BAD_DATE.format(value=day, first=EARLIEST, last=LATEST))


def _check_leads(leads: tuple[int, ...]) -> None:
    for lead in leads:
        if not 0 <= lead <= MAX_LEAD:
            raise PilotError(texts.BAD_LEAD.format(value=lead, most=MAX_LEAD))
