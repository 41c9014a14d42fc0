"""The service's time. Everything asks a clock that it was handed; only demos and tests move it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

Clock = Callable[[], datetime]  # the time as an aware datetime


def system(zone: tzinfo) -> Clock:
    """The machine's time, in a zone."""
    return lambda: datetime.now(zone)


def started_at(start: datetime, rate: float, zone: tzinfo, ticks: Callable[[], float] = time.monotonic) -> Clock:
    """A clock that shows `start` now and runs `rate` seconds in a real one.

    :param start: aware.
    """
    origin = ticks()
    # In UTC: adding to a local time would miss the hours that daylight saving skips or repeats.
    begin = start.astimezone(UTC)
    return lambda: (begin + timedelta(seconds=(ticks() - origin) * rate)).astimezone(zone)


class Movable:
    """A clock that runs with the machine's and can be put to any time."""

    def __init__(self, start: datetime, zone: tzinfo, ticks: Callable[[], float] = time.monotonic) -> None:
        """:param start: aware."""
        self._zone = zone
        self._ticks = ticks
        self.put(start)

    def __call__(self) -> datetime:
        return self._shown()

    def put(self, at: datetime) -> None:
        """Shows `at`, which is aware, from now on."""
        self._shown = started_at(at, 1.0, self._zone, self._ticks)
