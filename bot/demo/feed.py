"""What changed, in order, for any number of readers that come, go and come back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

KEEP = 5000  # things; older ones are forgotten first


@dataclass(frozen=True, slots=True)
class Change:
    revision: int  # grows with every change
    kind: str
    value: Any


class Feed:
    """The newest state of each thing. A reader that knows revision n gets what changed since, then waits for more."""

    def __init__(self) -> None:
        self._things: dict[tuple[str, str], Change] = {}  # in the order of their last change
        self._revision = 0
        self._news = asyncio.Event()
        self._closed = asyncio.Event()

    def put(self, kind: str, key: str, value: Any) -> None:
        """Records the new state of one thing and wakes the readers."""
        self._revision += 1
        self._things.pop((kind, key), None)
        self._things[kind, key] = Change(self._revision, kind, value)
        if len(self._things) > KEEP:
            del self._things[next(iter(self._things))]
        self._wake()

    def since(self, revision: int) -> list[Change]:
        """The changes after a revision, oldest first."""
        newer = []
        for change in reversed(self._things.values()):
            if change.revision <= revision:
                break
            newer.append(change)
        return newer[::-1]

    async def wait(self, revision: int, seconds: float) -> list[Change]:
        """As `since`; when there is nothing yet, waits at most `seconds` for it."""
        if self._revision <= revision and not self.closed:
            try:
                await asyncio.wait_for(self._news.wait(), seconds)
            except TimeoutError:
                return []
        return self.since(revision)

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    async def wait_closed(self) -> None:
        await self._closed.wait()

    def close(self) -> None:
        """Lets every reader go, for a shutdown."""
        self._closed.set()
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
