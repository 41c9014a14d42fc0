"""里程碑: where the pilots stand."""

from __future__ import annotations

from datetime import date

from handlers import texts
from handlers.model import Block, Outcome, Reply
from handlers.replies import safe, say
from handlers.request import Request
from scheduler import texts as dates
from scheduler.milestones import end, milestones, progress, start
from scheduler.model import Milestone, Pilot
from scheduler.wording import milestone_date, start_note

NEXT = 3  # milestones that are named of a pilot


def show(request: Request) -> Outcome:
    """Dates, days passed and left, the next milestones; of a pilot that is over what ended when."""
    pilots = sorted(request.schedule.world().pilots, key=lambda pilot: pilot.start, reverse=True)
    if not pilots:
        return Outcome(say(texts.NO_PILOTS))
    today = request.now.date()
    blocks = [Block(texts.TIMELINE.format(today=today))]
    for pilot in pilots:
        blocks += map(Block, _pilot(pilot, today))
    notes = dict.fromkeys(note for pilot in pilots if (note := start_note(pilot)))
    blocks += map(Block, notes)
    blocks.append(Block(texts.TIMELINE_LINK.format(url=request.schedule.page_url)))
    return Outcome(Reply(tuple(blocks)))


def _pilot(pilot: Pilot, today: date) -> list[str]:
    last = end(pilot)
    stands = progress(pilot, today)
    pattern, days = texts.TIMELINE_RUNNING, stands.left
    if today < pilot.start:
        pattern, days = texts.TIMELINE_COMING, (pilot.start - today).days
    elif today > last.date:
        pattern = texts.TIMELINE_OVER
    line = pattern.format(
        start=milestone_date(start(pilot)),
        end=milestone_date(last),
        left=days,
        passed=stands.passed,
        since=(today - last.date).days,
    )
    return [texts.TIMELINE_PILOT.format(name=safe(pilot.name)), line, *_milestones(pilot, stands.last, today)]


def _milestones(pilot: Pilot, last: Milestone | None, today: date) -> list[str]:
    """The last one and the next ones; all of them when the pilot is over."""
    listed = milestones(pilot)
    coming = [m for m in listed if m.date >= today]
    if not coming:
        return [texts.TIMELINE_PAST.format(date=milestone_date(m), title=safe(m.title)) for m in listed]
    before = [texts.TIMELINE_LAST.format(date=milestone_date(last), title=safe(last.title))] if last else []
    return before + [
        texts.TIMELINE_NEXT.format(
            date=milestone_date(m), title=safe(m.title), left=dates.countdown((m.date - today).days)
        )
        for m in coming[:NEXT]
    ]
