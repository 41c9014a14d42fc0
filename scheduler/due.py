"""When a milestone is announced, and what becomes of an announcement whose time has come."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from scheduler.model import Decision, Key, Milestone, Reminder
from scheduler.workdays import Calendar, Workday

OPENS, CLOSES = time(8), time(21)  # local; what was missed is sent from the first until before the second
ON_TIME = timedelta(minutes=10)  # a reminder this late was not missed: the ticker has its own pace


def reminders(milestone: Milestone, calendar: Calendar, remind_at: time, zone: ZoneInfo) -> tuple[Reminder, ...]:
    """The announcements of a milestone, earliest first.

    Each lead is sent at the local time `remind_at` of its day, or of the last working day before a day off. Leads that
    meet on one day are one reminder.
    """
    leads_on: dict[date, list[tuple[int, Workday]]] = {}
    for lead in milestone.leads:
        workday = calendar.last_workday_on_or_before(milestone.date - timedelta(days=lead))
        leads_on.setdefault(workday.day, []).append((lead, workday))
    return tuple(
        Reminder(
            milestone=milestone,
            leads=tuple(lead for lead, _ in meeting),
            at=local_instant(day, remind_at, zone),
            provisional=any(workday.provisional for _, workday in meeting),
        )
        for day, meeting in sorted(leads_on.items())
    )


def decide(
    planned: Sequence[Reminder], since: datetime, now: datetime, zone: ZoneInfo, settled: Container[Key] = ()
) -> Decision:
    """What to do at `now` with the reminders of one milestone.

    Only the nearest one may go out, and if it was missed only between OPENS and CLOSES and until the milestone's day
    ends. Asking again with what was decided as `settled` gives nothing twice; reminders to come are left out.

    :param planned: what `reminders` gives, all of it.
    :param since: when the milestone got this date; what was due before is not news and is skipped.
    :param settled: the keys sent or skipped before.
    """
    due = sorted((r for r in planned if r.at <= now), key=lambda r: r.at)
    left = [_without(r, settled) for r in due]
    skipped = [r for r in left[:-1] if r.leads]
    nearest = left[-1] if left else None
    if nearest is None or not nearest.leads:
        return Decision(skipped=tuple(skipped))
    here = now.astimezone(zone)
    if nearest.at < since or here.date() > nearest.milestone.date:
        return Decision(skipped=(*skipped, nearest))
    if now - nearest.at <= ON_TIME or not is_quiet(now, zone):
        return Decision(send=nearest, skipped=tuple(skipped))
    return Decision(waiting=nearest, skipped=tuple(skipped))


def receives(subscribed_at: datetime, reminder: Reminder) -> bool:
    """Whether a follower gets this reminder: who subscribes after its instant does not get it late."""
    return subscribed_at <= reminder.at


def is_quiet(now: datetime, zone: ZoneInfo) -> bool:
    """Whether what is late waits for the day; what is due right now does not."""
    return not OPENS <= now.astimezone(zone).time() < CLOSES


def opening(now: datetime, zone: ZoneInfo) -> datetime:
    """When, after a quiet `now`, what is late may be sent again."""
    here = now.astimezone(zone)
    return local_instant(here.date() + timedelta(days=here.time() >= CLOSES), OPENS, zone)


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time, carried at that day's fixed offset so that comparing and subtracting are exact.

    A time that clocks skip (summer time begins) is as late as the gap is long; of one that they repeat the first counts
    (PEP 495, fold=0).
    """
    local = datetime.combine(day, at.replace(fold=0), tzinfo=zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def _without(reminder: Reminder, settled: Container[Key]) -> Reminder:
    """The reminder with the leads that are still open, perhaps none."""
    return replace(reminder, leads=tuple(key.lead for key in reminder.keys if key not in settled))
