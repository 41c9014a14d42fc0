"""Time as the page can move it. Whoever mounts the sandbox hands over something that does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

FIRST, LAST = "2020-01-01", "2030-12-31"  # the days that the page offers


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that the app cares about."""

    day: str  # ISO 8601
    label: str


@dataclass(frozen=True, slots=True)
class TimeState:
    """What the page shows of time."""

    now: datetime
    rate: float  # seconds that pass in a real one
    moving: bool  # a jump is under way
    next: datetime | None  # when the app has something to do
    marks: tuple[Mark, ...]


class TimeControl(Protocol):
    """Moves the clock that platform and app share. What is due on the way happens at its own instant."""

    async def jump(self, to: datetime) -> None:
        """To any instant; one before now puts the clock back."""

    async def next(self) -> None:
        """To the next instant at which the app has something to do."""

    async def run_at(self, rate: float) -> None:
        """How many seconds pass in a real one from now on."""

    async def publish(self) -> None:
        """Has the watcher hear where time is now."""

    def watch(self, tell: Callable[[TimeState], None]) -> None:
        """`tell` hears of every change, and of where time is now."""
