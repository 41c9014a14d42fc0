"""What a person follows, how updates arrive, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers import texts
from handlers.model import (
    NO_REPLY,
    Effect,
    Follow,
    Leave,
    Outcome,
    Pause,
    RenewCalendar,
    Resume,
    SetCadence,
    Unfollow,
)
from handlers.replies import safe, say
from handlers.request import Request
from handlers.topics import Reading, label, topics_of
from scheduler import due, updates, wording
from scheduler import texts as dates
from scheduler.delivery import Cadence, Kind, State
from scheduler.messages import milestone_of
from scheduler.milestones import milestones
from scheduler.model import Milestone, Reminder
from scheduler.store.followers import ALL, MILESTONES, Told

NEXT_DATES = 3  # named in the first confirmation, and of the planned reminders
LAST_TOLD = 5  # of what was sent


def follow(reading: Reading, request: Request) -> Outcome:
    """订阅 …: what is known of the names is followed from now on."""
    person = request.person.follower
    new = [topic for topic in reading.topics if topic not in person.topics]
    lines = [texts.FOLLOWED.format(names=_names(request, new))] if new else []
    if old := [topic for topic in reading.topics if topic in person.topics]:
        lines.append(texts.FOLLOWED_BEFORE.format(names=_names(request, old)))
    lines += _unknown(reading, request)
    if new and not person.topics:
        lines.append(texts.CADENCE_IS.format(cadence=_cadence(request, person.cadence)))
    if new and (not person.topics or MILESTONES in new):
        lines += _next_dates(request, new)
    if new and person.paused_at:
        lines.append(texts.STILL_PAUSED)
    return Outcome(say(*lines), effects=(Follow(tuple(new)),) if new else ())


def unfollow(reading: Reading, request: Request) -> Outcome:
    """退订 …"""
    topics = request.person.follower.topics
    if ALL in reading.topics:
        return Outcome(say(texts.UNFOLLOWED_ALL if topics else texts.NOTHING_FOLLOWED), effects=(Unfollow(None),))
    gone = tuple(topic for topic in reading.topics if topic in topics)
    lines = [texts.UNFOLLOWED.format(names=_names(request, gone))] if gone else []
    if others := [topic for topic in reading.topics if topic not in topics]:
        lines.append(texts.NOT_FOLLOWED.format(names=_names(request, others)))
    if reading.topics and ALL in topics:
        lines.append(texts.ALL_IS_FOLLOWED)
    lines += _unknown(reading, request)
    return Outcome(say(*lines), effects=(Unfollow(gone),) if gone else ())


def mine(request: Request) -> Outcome:
    """我的订阅, also what 订阅 and 退订 alone get."""
    person = request.person.follower
    if not person.topics:
        lines = [texts.NOTHING_FOLLOWED, texts.HOW_TO_FOLLOW]
    else:
        lines = [
            texts.FOLLOWING.format(names=_names(request, person.topics)),
            texts.CADENCE_IS.format(cadence=_cadence(request, person.cadence)),
            texts.CALENDAR.format(url=request.schedule.calendar_url(person.user, person.calendar)),
            texts.HOW_TO_CHANGE.format(name=_names(request, person.topics[:1])),
        ]
    return Outcome(say(*lines, *([texts.STILL_PAUSED] if person.paused_at else [])))


def this(request: Request) -> Outcome:
    """订阅这个: what to send for following the sector of the last answer; a measure alone cannot be followed."""
    library = request.library
    for measure in (library.measures[i] for i in request.state.answered if i in library.measures):
        if sector := library.sectors.get(measure.sectors[0]) if measure.sectors else None:
            return Outcome(say(texts.HOW_TO_FOLLOW_THIS.format(title=safe(measure.title), name=safe(sector.name))))
    return Outcome(say(texts.HOW_TO_FOLLOW))


def renew_calendar(request: Request) -> Outcome:
    """重置日历: the old address stops working."""
    person = request.person.follower
    url = request.schedule.calendar_url(person.user, person.calendar + 1)
    return Outcome(say(texts.CALENDAR_RENEWED, texts.CALENDAR.format(url=url)), effects=(RenewCalendar(),))


def set_cadence(cadence: Cadence, request: Request) -> Outcome:
    """频率 即时 / 每日 / 每周"""
    world = request.schedule.world()
    due_at = updates.due_at(cadence, request.now, world.calendar, world.remind_at, world.zone)
    lines = [texts.CADENCE_SET.format(cadence=_cadence(request, cadence)), texts.REMINDERS_KEEP]
    if not request.person.follower.topics:
        lines.append(texts.HOW_TO_FOLLOW)
    return Outcome(say(*lines), effects=(SetCadence(cadence, due_at),))


def cadence(request: Request) -> Outcome:
    """频率 alone: how it is, and how it could be."""
    now = _cadence(request, request.person.follower.cadence)
    return Outcome(say(texts.CADENCE_IS.format(cadence=now), texts.CADENCES))


def pause(request: Request) -> Outcome:
    """暂停"""
    before = request.person.follower.paused_at
    return Outcome(say(texts.PAUSED_BEFORE if before else texts.PAUSED), effects=() if before else (Pause(),))


def resume(request: Request) -> Outcome:
    """恢复"""
    effects: tuple[Effect, ...] = (Resume(),) if request.person.follower.paused_at else ()
    lines = [texts.RESUMED if effects else texts.NOT_PAUSED]
    if not request.person.follower.topics:
        lines.append(texts.HOW_TO_FOLLOW)
    return Outcome(say(*lines), effects=effects)


def leave(_: Request) -> Outcome:
    """The person left the app's visible range: the choice is kept, pushes stop."""
    return Outcome(NO_REPLY, effects=(Leave(),))


def sent(request: Request) -> Outcome:
    """我的提醒: what was sent last, with its state, and what comes next."""
    person = request.person
    waiting = [one for one in person.told if one.state is State.PLANNED]
    past = [one for one in person.told if one.state is not State.PLANNED][:LAST_TOLD]
    zone = request.schedule.world().zone
    lines = [texts.SENT_LAST, *(_told(one, request) for one in past)] if past else [texts.NOTHING_SENT]
    coming = [(one.at, _told(one, request)) for one in waiting]
    coming += [
        (r.at, texts.PLANNED.format(at=_at(r, request), what=_about(r.milestone))) for r in _my_reminders(request)
    ]
    ahead = [line for _, line in sorted(coming, key=lambda pair: pair[0].astimezone(zone))[:NEXT_DATES]]
    lines += [texts.SENT_NEXT, *ahead] if ahead else [texts.NOTHING_PLANNED]
    if person.follower.paused_at:
        lines.append(texts.STILL_PAUSED)
    elif not person.follower.topics:
        lines.append(texts.HOW_TO_FOLLOW)
    return Outcome(say(*lines))


def _names(request: Request, topics: Iterable[str]) -> str:
    return "、".join(safe(label(request.library, topic)) for topic in topics)


def _unknown(reading: Reading, request: Request) -> list[str]:
    topics = topics_of(request.library)
    return [
        texts.UNKNOWN_NAME.format(name=safe(name), nearest="、".join(map(safe, topics.nearest(name))))
        for name in reading.unknown
    ]


def _cadence(request: Request, cadence: Cadence) -> str:
    return texts.CADENCE_NAMES[cadence].format(at=f"{request.schedule.world().remind_at:%H:%M}")


def _next_dates(request: Request, topics: Sequence[str]) -> list[str]:
    """What comes next, for somebody's first confirmation, or their first of the milestones."""
    world, today = request.schedule.world(), request.now.date()
    ahead = sorted((m for p in world.pilots for m in milestones(p) if m.date >= today), key=lambda m: m.date)
    if not ahead:
        return [texts.NO_DATES_AHEAD]
    lines = [texts.DATES_AHEAD]
    lines += [texts.DATE_AHEAD.format(what=_about(m), date=wording.milestone_date(m), left=_left(m, request))
              for m in ahead[:NEXT_DATES]]  # fmt: skip
    if not {ALL, MILESTONES} & {*topics, *request.person.follower.topics}:
        return [*lines, texts.ALSO_MILESTONES]
    reminders = _upcoming(request, ahead)
    return [*lines, texts.NEXT_REMINDER.format(at=_at(reminders[0], request))] if reminders else lines


def _left(milestone: Milestone, request: Request) -> str:
    return dates.countdown((milestone.date - request.now.date()).days)


def _my_reminders(request: Request) -> list[Reminder]:
    """The reminders to come of somebody who follows the milestones, without those they say are done."""
    person = request.person
    if person.follower.paused_at or not {ALL, MILESTONES} & set(person.follower.topics):
        return []
    open_ = [m for p in request.schedule.world().pilots for m in milestones(p) if (m.id, m.revision) not in person.done]
    return _upcoming(request, open_)


def _upcoming(request: Request, listed: Iterable[Milestone]) -> list[Reminder]:
    """Reminders whose instant is still to come, earliest first."""
    world = request.schedule.world()
    planned = (r for m in listed for r in due.reminders(m, world.calendar, world.remind_at, world.zone))
    return sorted((r for r in planned if r.at > request.now), key=lambda r: r.at)


def _about(milestone: Milestone) -> str:
    return texts.ABOUT_MILESTONE.format(pilot=safe(milestone.pilot_name), title=safe(milestone.title))


def _at(reminder: Reminder, request: Request) -> str:
    note = texts.PROVISIONAL if reminder.provisional else ""
    return f"{reminder.at.astimezone(request.schedule.world().zone):%Y-%m-%d %H:%M}{note}"


def _told(one: Told, request: Request) -> str:
    at = one.at.astimezone(request.schedule.world().zone)
    return texts.TOLD.format(at=f"{at:%Y-%m-%d %H:%M}", what=_what(one), state=texts.STATES[one.state])


def _what(one: Told) -> str:
    """What a delivery was about, in a few words."""
    if one.kind in (Kind.REMINDER, Kind.SNOOZE):
        return _about(milestone_of(one.content))
    if one.kind is Kind.UPDATE:
        words = texts.TOLD_TAKEN_BACK if one.content.get("taken_back") else texts.TOLD_UPDATE
        return words.format(name=safe(str(one.content["name"])), total=one.content["total"])
    first = str(one.content["text"]).split("\n")[0]
    return safe(first if len(first) <= texts.TOLD_CHARS else first[: texts.TOLD_CHARS] + "…")
