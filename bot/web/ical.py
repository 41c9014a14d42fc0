"""Milestones as an iCalendar (RFC 5545). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.web import texts
from scheduler.model import Milestone, Reminder
from scheduler.wording import milestone_date

LINE_BYTES = 75  # RFC 5545, section 3.1
REFRESH = "PT12H"  # how often calendar programs are asked to look for news

_SPECIAL = re.compile(r"[\\;,]")


@dataclass(frozen=True, slots=True)
class Event:
    """A milestone with the reminders that become its alarms."""

    milestone: Milestone
    reminders: Sequence[Reminder]
    rule: str  # where its date comes from, for people


def calendar(name: str, events: Iterable[Event], url: str, now: datetime) -> str:
    """The calendar's text, with CRLF at the end of each line.

    A milestone keeps its UID for life; each move of its date is a higher SEQUENCE, by which programs know the newer one.

    :param url: of the page that shows the same for people.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//pilotbot//milestones//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for event in events:
        lines += _event(event, url, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _event(event: Event, url: str, now: datetime) -> list[str]:
    milestone = event.milestone
    title = f"{milestone.title}（{milestone.pilot_name}）"
    described = texts.CALENDAR_ENTRY.format(
        pilot=milestone.pilot_name, title=milestone.title, date=milestone_date(milestone), rule=event.rule
    )
    lines = [
        "BEGIN:VEVENT",
        f"UID:{milestone.id.replace('/', '.')}@pilotbot",
        f"SEQUENCE:{milestone.revision}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{milestone.date:%Y%m%d}",
        f"DTEND;VALUE=DATE:{milestone.date + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(described)}",
        f"URL:{url}",
        "TRANSP:TRANSPARENT",
    ]
    for reminder in event.reminders:
        alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(title)}", f"TRIGGER:{_trigger(reminder)}"]
        lines += [*alarm, "END:VALARM"]
    return [*lines, "END:VEVENT"]


def _trigger(reminder: Reminder) -> str:
    """From the beginning of the milestone's day, in the local time that reminders are meant in."""
    begin = datetime.combine(reminder.milestone.date, time())
    seconds = int((reminder.at.replace(tzinfo=None) - begin).total_seconds())
    minutes, sign = abs(seconds) // 60, "-" if seconds < 0 else ""
    days, rest = divmod(minutes, 24 * 60)
    day_part = f"{days}D" if days else ""
    return f"{sign}P{day_part}T{rest // 60}H{rest % 60}M"


def _text(value: str) -> str:
    escaped = _SPECIAL.sub(lambda found: "\\" + found.group(), value)
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """Long lines go on after a line break and a space, never inside a character."""
    parts, part, size = [], "", 0
    for char in line:
        bytes_ = len(char.encode())
        if size + bytes_ > LINE_BYTES:
            parts.append(part)
            part, size = "", 1  # the space that begins the next line
        part += char
        size += bytes_
    return "\r\n ".join([*parts, part])
