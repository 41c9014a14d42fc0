"""How fast one person may write. In memory: each process counts what it sees itself."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

BURST = 120  # messages at once; nobody types that many
PER_SECOND = 2.0  # messages that come free again
PEOPLE = 10_000  # remembered; whoever has been quiet for longest goes first


class Pace:
    """A bucket of messages for each person, which fills up again with time."""

    def __init__(self, burst: int = BURST, per_second: float = PER_SECOND, people: int = PEOPLE) -> None:
        self._burst = burst
        self._per_second = per_second
        self._people = people
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()  # messages left, and when that was so

    def allows(self, user: str, at: datetime) -> bool:
        """Whether the person may send one more message now; counts it if so."""
        left, since = self._left.pop(user, (float(self._burst), at))
        passed = max(0.0, (at - since).total_seconds())  # the clock may be put back
        left = min(self._burst, left + passed * self._per_second)
        allowed = left >= 1
        self._left[user] = (left - 1 if allowed else left, at)
        if len(self._left) > self._people:
            self._left.popitem(last=False)
        return allowed
