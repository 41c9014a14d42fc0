"""Clicks on the buttons of a reminder: 知道了, 已完成, 明天再提醒."""

from __future__ import annotations

from datetime import time, timedelta

from handlers import texts
from handlers.model import NO_REPLY, MarkMilestone, Outcome, Reply, Snooze
from handlers.replies import say
from handlers.request import Request
from scheduler import messages
from scheduler.delivery import Mark
from scheduler.due import local_instant
from scheduler.milestones import milestones
from scheduler.model import Milestone


def clicked(request: Request) -> Outcome:
    """The card as it is after the click. What was clicked before, or twice, leads to the same card."""
    content = request.person.card
    if content is None or "milestone" not in content:
        return Outcome(NO_REPLY)
    milestone = _today(request, messages.milestone_of(content))
    is_done = (milestone.id, milestone.revision) in request.person.done
    if is_done or request.incoming.text == messages.DONE:
        return Outcome(_closed(request, milestone), effects=(MarkMilestone(milestone, Mark.DONE),))
    if request.incoming.text == messages.TOMORROW:
        return _snooze(request, milestone)
    return Outcome(_left(request, milestone, texts.CARD_SEEN), effects=(MarkMilestone(milestone, Mark.SEEN),))


def _today(request: Request, told: Milestone) -> Milestone:
    """The milestone as it is now: its date may have moved since the card was sent."""
    listed = (m for pilot in request.schedule.world().pilots for m in milestones(pilot))
    return next((m for m in listed if m.id == told.id), told)


def _snooze(request: Request, milestone: Milestone) -> Outcome:
    """One more reminder at the next working day's time, if that comes before the milestone is over."""
    world, today = request.schedule.world(), request.now.date()
    if today > milestone.date:
        return Outcome(_left(request, milestone, texts.CARD_TOO_LATE))
    day = world.calendar.next_workday_after(today).day
    if day > milestone.date:
        return Outcome(_left(request, milestone, texts.CARD_NO_WORKDAY))
    at = local_instant(day, world.remind_at, world.zone)
    over = local_instant(milestone.date + timedelta(days=1), time(), world.zone)
    note = texts.CARD_SNOOZED.format(at=f"{at:%m-%d %H:%M}")
    return Outcome(_left(request, milestone, note), effects=(Snooze(milestone, at, over),))


def _left(request: Request, milestone: Milestone, note: str) -> Reply:
    page = request.schedule.page_url
    card = messages.answered(milestone, request.incoming.task, request.now.date(), page, note)
    return Reply(say(note).blocks, card=card)


def _closed(request: Request, milestone: Milestone) -> Reply:
    page = request.schedule.page_url
    card = messages.closed(milestone, request.incoming.task, request.now.date(), page)
    return Reply(say(texts.CARD_DONE).blocks, card=card)
