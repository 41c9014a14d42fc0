"""How much an app may send: per member, per day, and never the same twice. Time is an argument. Pure.

Rules: https://developer.work.weixin.qq.com/document/path/90236 (frequency), .../90454 (codes)
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from bot.demo import texts
from bot.demo.model import CHINA

PER_MINUTE = 30  # messages of one app to one member
PER_HOUR = 1000
PER_ACCOUNT = 200  # person-times a day for each account the corporation may have

DEFAULT_INTERVAL = timedelta(seconds=1800)  # of the duplicate check
LONGEST_INTERVAL = timedelta(hours=4)


class MemberLimit:
    """Drops what exceeds 30 a minute or 1,000 an hour to one member; what is dropped does not count."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def exceeded(self, user: str, at: datetime) -> str:
        """The limit that this message breaks, in Chinese, or "" and the message is counted."""
        sent = self._sent[user]
        while sent and sent[0] <= at - timedelta(hours=1):
            sent.popleft()
        if len(sent) >= PER_HOUR:
            return texts.PER_HOUR.format(limit=PER_HOUR)
        if len(sent) >= PER_MINUTE and sent[-PER_MINUTE] > at - timedelta(minutes=1):
            return texts.PER_MINUTE.format(limit=PER_MINUTE)
        sent.append(at)
        return ""


class DayLimit:
    """Counts person-times per calendar day in China."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._day = date.min
        self._used = 0

    def take(self, count: int, at: datetime) -> bool:
        """Whether `count` more fit into the day; they are counted if so."""
        today = at.astimezone(CHINA).date()
        if today != self._day:
            self._day, self._used = today, 0
        if self._used + count > self._most:
            return False
        self._used += count
        return True


class Duplicates:
    """Remembers the answers to requests that asked for the duplicate check."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[datetime, dict[str, Any]]] = {}

    def answer(self, request: Mapping[str, Any], at: datetime) -> dict[str, Any] | None:
        """What the identical request got before, if that is within the interval it names."""
        if not request.get("enable_duplicate_check"):
            return None
        known = self._answers.get(_digest(request))
        if known is None or at - known[0] >= _interval(request):
            return None
        return known[1]

    def remember(self, request: Mapping[str, Any], answer: dict[str, Any], at: datetime) -> None:
        if request.get("enable_duplicate_check"):
            self._answers = {k: v for k, v in self._answers.items() if at - v[0] < LONGEST_INTERVAL}
            self._answers[_digest(request)] = (at, answer)


def _digest(request: Mapping[str, Any]) -> str:
    return json.dumps(request, sort_keys=True)


def _interval(request: Mapping[str, Any]) -> timedelta:
    seconds = request.get("duplicate_check_interval")
    if not isinstance(seconds, int) or seconds <= 0:
        return DEFAULT_INTERVAL
    return min(timedelta(seconds=seconds), LONGEST_INTERVAL)
