"""How often somebody may try to sign in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

LIMIT = 5  # failures of one address
WINDOW = timedelta(minutes=5)
ADDRESSES = 10_000  # remembered; the one that has been quiet for longest goes first


class Attempts:
    """Counts the failures of each address within the window."""

    def __init__(self, now: Callable[[], datetime], limit: int = LIMIT, window: timedelta = WINDOW) -> None:
        self._now = now
        self._limit = limit
        self._window = window
        self._failures: dict[str, deque[datetime]] = {}

    def is_open(self, address: str) -> bool:
        """Whether the address may try again."""
        failures = self._failures.get(address, deque())
        while failures and failures[0] <= self._now() - self._window:
            failures.popleft()
        return len(failures) < self._limit

    def failed(self, address: str) -> None:
        failures = self._failures.pop(address, deque())
        self._failures[address] = failures  # now the one that failed last
        failures.append(self._now())
        if len(self._failures) > ADDRESSES:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, address: str) -> None:
        self._failures.pop(address, None)
