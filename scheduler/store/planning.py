"""Planning in the database: every process plans by the same pure rules, and unique keys let one of them decide."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler import due, wording
from scheduler.delivery import Kind, Notice
from scheduler.milestones import milestones
from scheduler.model import Milestone, Move, Pilot, Reminder
from scheduler.store import occurrences
from scheduler.store.followers import MILESTONES
from scheduler.store.outbox import Storage
from scheduler.workdays import Calendar

log = logging.getLogger("pilotbot.planning")


@dataclass(frozen=True, slots=True)
class World:
    """What planning depends on besides the time."""

    pilots: tuple[Pilot, ...]
    calendar: Calendar
    remind_at: time  # local
    zone: ZoneInfo

    def shown(self, at: datetime) -> str:
        """An instant as messages say it."""
        return f"{at.astimezone(self.zone):%m-%d %H:%M}"


class Planner:
    """Turns milestones into announcements when their time has come."""

    def __init__(self, storage: Storage, world: Callable[[], World]) -> None:
        self._storage = storage
        self._world = world
        self._planned: World | None = None  # what the wake-up time below was worked out for
        self._wake: datetime | None = None  # nothing is due before; None: nothing at all

    async def run(self, now: datetime) -> bool:
        """Records what is due at `now`: announcements, skipped leads, notices of moved dates.

        :returns: whether there was anything to tell.
        :raises Unavailable: the database does not answer; nothing was recorded.
        """
        world = self._world()
        if world == self._planned and (self._wake is None or now < self._wake):
            return False
        planned = _planned(world)
        async with self._storage.transaction() as session:
            told, waiting = await _plan(session, world, planned, now)
        self._planned = world
        ahead = [reminder.at for each in planned.values() for reminder in each if reminder.at > now]
        self._wake = min([*ahead, *waiting], default=None)
        return told

    async def rewind(self, to: datetime) -> None:
        """For demos whose clock is put back: what was skipped after `to` is open again; what was sent stays sent.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.transaction() as session:
            await occurrences.reopen(session, to)
        self._planned = None

    @property
    def wake(self) -> datetime | None:
        """The next instant at which something is due, as far as `run` has looked; None if nothing is."""
        return self._wake


def _planned(world: World) -> dict[Milestone, tuple[Reminder, ...]]:
    return {
        milestone: due.reminders(milestone, world.calendar, world.remind_at, world.zone)
        for pilot in world.pilots
        for milestone in milestones(pilot)
    }


async def _plan(
    session: AsyncSession, world: World, planned: dict[Milestone, tuple[Reminder, ...]], now: datetime
) -> tuple[bool, list[datetime]]:
    """Records what is due.

    :returns: whether there was anything to tell, and when to look again for what has to wait.
    """
    known = list(planned)
    new = await occurrences.see(session, known, now)
    seen = await occurrences.seen(session, known)
    told = await _tell_moves(session, world, new, seen, now)
    await occurrences.outdate(session, {(m.id, m.revision) for m in known}, now)
    settled = await occurrences.settled(session, known)
    again = []
    for milestone, reminders in planned.items():
        since = seen[milestone.id, milestone.revision][1]
        decision = due.decide(reminders, since, now, world.zone, settled)
        await occurrences.skip(session, (key for r in decision.skipped for key in r.keys), now)
        if missed := [lead for r in decision.skipped if r.at >= since for lead in r.leads]:
            leads = ", ".join(map(str, missed))
            log.warning("%s on %s: missed, not told late: %s days ahead", milestone.id, milestone.date, leads)
        if decision.send:
            told |= await occurrences.announce(session, decision.send, _end_of(milestone, world.zone), now) > 0
        if decision.waiting:
            again.append(due.opening(now, world.zone))
    return told, again


async def _tell_moves(
    session: AsyncSession,
    world: World,
    new: Sequence[Milestone],
    seen: dict[tuple[str, int], tuple[date, datetime]],
    now: datetime,
) -> bool:
    """One notice for each pilot whose milestones have new dates; False if there is none."""
    moved: dict[str, list[Move]] = defaultdict(list)
    for milestone in new:
        earlier = [revision for (id_, revision) in seen if id_ == milestone.id and revision < milestone.revision]
        if earlier:
            day = seen[milestone.id, max(earlier)][0]
            moved[milestone.pilot].append(Move(replace(milestone, date=day), milestone))
    today = now.astimezone(world.zone).date()
    told = False
    for moves in moved.values():
        if all(move.after.date < today and move.before.date < today for move in moves):
            continue  # history put right, which nobody waits for
        key = "moved:" + ",".join(f"{move.after.id}:{move.after.revision}" for move in moves)
        text = wording.moved_text(moves, today)
        occurrence = await occurrences.add(session, Notice(key, Kind.MOVED, {"text": text}), now, MILESTONES)
        if occurrence is not None:
            told |= await occurrences.tell_followers(session, occurrence, (MILESTONES,), None, now) > 0
    return told


def _end_of(milestone: Milestone, zone: ZoneInfo) -> datetime:
    """When an announcement is of no use any more: the milestone's day is over."""
    return due.local_instant(milestone.date + timedelta(days=1), time(), zone)
