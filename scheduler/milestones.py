"""The milestones of a pilot: counted from its start, corrected by the admins."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date

from scheduler import texts, wording
from scheduler.model import Milestone, Move, Override, Pilot, PilotError, Progress

REVIEW_BEFORE_END = 3  # months


def milestones(pilot: Pilot) -> tuple[Milestone, ...]:
    """All milestones that are announced, by date."""
    planned = sorted(dates(pilot).items(), key=lambda item: item[1])
    return tuple(_milestone(pilot, kind, day) for kind, day in planned if not pilot.override(kind).removed)


def dates(pilot: Pilot) -> dict[str, date]:
    """The date of every milestone by its kind, in the usual order, removed ones included."""
    counted = {kind: add_months(pilot.start, months) for kind, months in _offsets(pilot.months).items()}
    stated = {o.kind: o.date for o in pilot.overrides if o.date is not None}
    return counted | stated


def months_after_start(pilot: Pilot, kind: str) -> int | None:
    """The rule that gives the usual date of a milestone; None for one of the admins' own."""
    return _offsets(pilot.months).get(kind)


def start(pilot: Pilot) -> Milestone:
    """The pilot's first day, also where the admins want no announcement of it."""
    return _milestone(pilot, "start", dates(pilot)["start"])


def end(pilot: Pilot) -> Milestone:
    """The pilot's end, also where the admins want no announcement of it."""
    return _milestone(pilot, "end", dates(pilot)["end"])


def status_note(pilot: Pilot, today: date) -> str | None:
    """The caveat on every answer from the pilot's document after its end; None up to the last day."""
    last = end(pilot)
    return wording.status_note(last.date, last.derived) if today > last.date else None


def progress(pilot: Pilot, today: date) -> Progress:
    """Where the pilot stands on that local day."""
    last_day = end(pilot).date
    listed = milestones(pilot)
    over = [m for m in listed if m.date < today]
    return Progress(
        passed=max((min(today, last_day) - pilot.start).days, 0),
        left=max((last_day - today).days, 0),
        last=over[-1] if over else None,
        coming=listed[len(over) :],
    )


def restarted(pilot: Pilot, start: date) -> Pilot:
    """The pilot with a start that an admin states; what is counted from it moves along."""
    return revised(pilot, replace(pilot, start=start, start_basis="admin"))


def moved(pilot: Pilot, kind: str, day: date) -> Pilot:
    """The pilot with a date that an admin states, for one milestone only; moving the start restarts the pilot.

    :raises PilotError: if there is no such milestone.
    """
    if kind == "start":
        return restarted(pilot, day)
    return _overridden(pilot, replace(_known(pilot, kind), date=day, removed=False))


def removed(pilot: Pilot, kind: str) -> Pilot:
    """The pilot without announcements of this milestone.

    :raises PilotError: if there is no such milestone.
    """
    return _overridden(pilot, replace(_known(pilot, kind), removed=True))


def added(pilot: Pilot, kind: str, title: str, day: date) -> Pilot:
    """The pilot with a milestone of the admins' own.

    :raises PilotError: if there is one of that kind already, or the kind is no short word of a-z, 0-9 and '-'.
    """
    if kind in dates(pilot) and not pilot.override(kind).removed:
        raise PilotError(texts.KNOWN_KIND.format(value=kind))
    return _overridden(pilot, replace(pilot.override(kind), title=title, date=day, removed=False))


def revised(before: Pilot, after: Pilot) -> Pilot:
    """`after`, whatever was changed or undone in it, with the revisions that follow from `before`.

    A milestone's revision goes up when its date changes or goes, and never down.
    """
    own = {o.kind for o in after.overrides} | dates(after).keys()
    dropped = tuple(replace(o, removed=True) for o in before.overrides if o.kind not in own)
    after = replace(after, overrides=after.overrides + dropped)
    old, new = dates(before), dates(after)
    kinds = dict.fromkeys([*old, *new, *(o.kind for o in before.overrides + after.overrides)])
    overrides = (
        replace(after.override(k), revision=before.override(k).revision + (k in old and old[k] != new.get(k)))
        for k in kinds
    )
    return replace(after, overrides=tuple(o for o in overrides if o != Override(o.kind)))


def moves(before: Pilot, after: Pilot) -> tuple[Move, ...]:
    """The announced milestones whose date has changed, for one notice."""
    old = {m.id: m for m in milestones(before)}
    return tuple(Move(old[m.id], m) for m in milestones(after) if m.id in old and m.date != old[m.id].date)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or the last day of that month if it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _offsets(months: int) -> dict[str, int]:
    """Months after the start by kind. A pilot that does not run three years has its half and its full years."""
    middle, review = months // 2, months - REVIEW_BEFORE_END
    years = {f"year-{n // 12}": n for n in range(12, months, 12) if n not in (middle, review)}
    inner = years | {"mid-term": middle, "final-review": review}
    inner = {kind: n for kind, n in sorted(inner.items(), key=lambda item: item[1]) if n > 0}
    return {"start": 0, **inner, "end": months}


def _milestone(pilot: Pilot, kind: str, day: date) -> Milestone:
    override = pilot.override(kind)
    usual = (0,) if kind == "start" else pilot.leads
    leads = usual if override.leads is None else override.leads
    return Milestone(
        id=f"{pilot.document}/{kind}",
        pilot=pilot.document,
        pilot_name=pilot.name,
        kind=kind,
        title=override.title or texts.milestone_title(kind),
        date=day,
        derived=pilot.start_basis == "document" if kind == "start" else override.date is None,
        revision=override.revision,
        leads=tuple(sorted(set(leads), reverse=True)),
    )


def _known(pilot: Pilot, kind: str) -> Override:
    if kind not in dates(pilot):
        raise PilotError(texts.UNKNOWN_KIND.format(value=kind))
    return pilot.override(kind)


def _overridden(pilot: Pilot, override: Override) -> Pilot:
    others = tuple(o for o in pilot.overrides if o.kind != override.kind)
    return revised(pilot, replace(pilot, overrides=(*others, override)))
