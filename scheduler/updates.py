"""What a change of the knowledge means for those who follow it. Pure: the change in, one notice per topic out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from knowledge.model import Measure, Pack, Status
from scheduler import wording
from scheduler.delivery import Cadence, Kind, Notice
from scheduler.due import local_instant
from scheduler.workdays import Calendar

NAMED = 40  # measures that an update keeps by name; a message shows fewer, and counts the rest


class Weight(StrEnum):
    """How much a change matters, as its author says."""

    MINOR = "minor"  # not announced
    NORMAL = "normal"
    URGENT = "urgent"  # announced now, whatever the cadence


class Sort(StrEnum):
    """What an update is to its readers; also the beginning of its key."""

    NEWS = "update"
    TAKEN_BACK = "back"  # they were told, and it holds no more
    LEFT = "left"  # of news that was taken back before they were told, what still holds


@dataclass(frozen=True, slots=True)
class Changed:
    """One measure that is new, different or gone."""

    id: str
    title: str
    act: str  # 'added', 'changed', 'retired' or, without a page, 'removed'
    document: str  # slug
    sectors: tuple[str, ...]  # codes, those of before and after


def changed(before: Measure | None, after: Measure | None) -> Changed | None:
    """What people should know of a measure's change; None where they would see no difference.

    Words that only help to find it are no news, nor are overview entries, which are no measures.
    """
    old, new = _shown(before), _shown(after)
    measure = new or old
    if old == new or measure is None or measure.is_overview:
        return None
    act = "added" if old is None else "changed" if new else "retired" if after else "removed"
    sectors = dict.fromkeys((*(new.sectors if new else ()), *(old.sectors if old else ())))
    return Changed(measure.id, measure.title, act, measure.document, tuple(sectors))


def topic_names(pack: Pack) -> dict[str, str]:
    """Topic -> what people call it."""
    documents = {f"document:{d.slug}": d.short_names[0] if d.short_names else d.title for d in pack.documents}
    return {"all": wording.EVERYTHING} | {f"sector:{s.code}": s.name for s in pack.sectors} | documents


@dataclass(frozen=True, slots=True)
class Update:
    """What the followers of one topic are told of one change."""

    topic: str
    notice: Notice


def updates(
    change: int,
    measures: Iterable[Changed],
    names: Mapping[str, str],
    weight: Weight = Weight.NORMAL,
    reason: str = "",
    sort: Sort = Sort.NEWS,
    at: str = "",
) -> tuple[Update, ...]:
    """One update for each topic that a change touches, and one for those who follow everything.

    :param change: the change's number; makes the keys unique.
    :param names: topic -> what people call it.
    :param reason: shown with an urgent change.
    :param at: local time, shown so that the platform does not take another update for a repetition of this one.
    """
    if weight is Weight.MINOR:
        return ()
    by_topic: dict[str, list[Changed]] = defaultdict(list)
    for measure in measures:
        for topic in topics_of(measure):
            by_topic[topic].append(measure)
        by_topic["all"].append(measure)
    about = {"reason": reason, "at": at, "taken_back": sort is Sort.TAKEN_BACK}
    return tuple(
        Update(topic, Notice(f"{sort}:{change}:{topic}", Kind.UPDATE, content | about, change=change))
        for topic, found in sorted(by_topic.items())
        for content in (_content(topic, found, names.get(topic, topic)),)
    )


def topics_of(measure: Changed) -> tuple[str, ...]:
    """What one must follow to be told of this measure."""
    return (*(f"sector:{code}" for code in dict.fromkeys(measure.sectors)), f"document:{measure.document}")


def due_at(cadence: Cadence, now: datetime, calendar: Calendar, remind_at: time, zone: ZoneInfo) -> datetime:
    """When an update of now reaches people of that cadence."""
    if cadence is Cadence.IMMEDIATE:
        return now
    day = now.astimezone(zone).date()
    if local_instant(day, remind_at, zone) <= now:
        day += timedelta(days=1)
    while not _is_day(cadence, day, calendar):
        day += timedelta(days=1)
    return local_instant(day, remind_at, zone)


def _is_day(cadence: Cadence, day: date, calendar: Calendar) -> bool:
    """Whether digests of that cadence go out on the day. A week without a working day has none."""
    if not calendar.is_workday(day):
        return False
    earlier = (day - timedelta(days=n) for n in range(1, day.weekday() + 1))
    return cadence is Cadence.DAILY or not any(map(calendar.is_workday, earlier))


def _content(topic: str, measures: Sequence[Changed], name: str) -> dict[str, object]:
    items = [{"id": m.id, "title": m.title, "act": m.act} for m in measures[:NAMED]]
    return {"topic": topic, "name": name, "items": items, "total": len(measures)}


def _shown(measure: Measure | None) -> Measure | None:
    """What people see of a measure: nothing of one that is retired."""
    if measure is None or measure.status is Status.RETIRED:
        return None
    return replace(measure, keywords=(), aliases=(), asked_as=(), not_asked_as=())
