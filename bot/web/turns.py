"""Whose answer is worked out next when more is asked than one process can answer."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from time import monotonic

IMPATIENCE = 1.0  # s: once somebody has waited so long, the newest go first
PER_PASS = 8  # answers in a pass of the loop: each takes some ms at most
MOST = 2_000  # that wait; beyond it the oldest would hardly get their turn, and each holds a connection


@dataclass(slots=True)
class _Waiting:
    since: float  # s of the monotonic clock
    turn: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Turns:
    """A few answers in each pass of the event loop, so that reading what arrives is never held up by working it out.

    In the order of arrival while that is quick. When it is not, the newest go first: they can still be answered in
    time, while in a strict order everybody would come just too late. Without load nobody waits.
    """

    def __init__(
        self, patience: float, impatience: float = IMPATIENCE, per_pass: int = PER_PASS, most: int = MOST
    ) -> None:
        """:param patience: s after which a turn is of no use any more. :param most: how many may wait for theirs."""
        self._per_pass = per_pass
        self._left = per_pass  # turns in this pass
        self._patience = patience
        self._impatience = impatience
        self._most = most
        self._waiting: deque[_Waiting] = deque()  # the oldest first
        self._leisurely: deque[_Waiting] = deque()
        self._passing = False  # the next pass of the loop is spoken for

    @property
    def is_free(self) -> bool:
        """Whether the next one would not have to wait."""
        return self._left > 0

    async def take(self) -> bool:
        """Returns when it is one's turn; False when it did not come in time."""
        if self._left:
            self._left -= 1
            self._call_next()
            return True
        waiting = _Waiting(monotonic())
        self._waiting.append(waiting)
        if len(self._waiting) > self._most:
            _call(self._waiting.popleft(), False)
        return await waiting.turn

    async def take_at_leisure(self) -> None:
        """Returns when nobody else wants a turn."""
        waiting = _Waiting(monotonic())
        self._leisurely.append(waiting)
        self._call_next()
        await waiting.turn

    def _call_next(self) -> None:
        if not self._passing:
            self._passing = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """Gives out the turns of a new pass."""
        idle = self._left == self._per_pass  # nobody wanted a turn in the pass before
        self._passing, self._left = False, self._per_pass
        now = monotonic()
        while self._waiting and now - self._waiting[0].since >= self._patience:
            _call(self._waiting.popleft(), False)
        while self._left and self._waiting:
            self._left -= 1
            _call(self._chosen(now), True)
        if idle and not self._waiting:
            for _ in range(min(self._left, len(self._leisurely))):
                _call(self._leisurely.popleft(), True)
        if self._waiting or self._leisurely or self._left < self._per_pass:
            self._call_next()

    def _chosen(self, now: float) -> _Waiting:
        in_order = now - self._waiting[0].since < self._impatience
        return self._waiting.popleft() if in_order else self._waiting.pop()


def _call(waiting: _Waiting, in_time: bool) -> None:
    if not waiting.turn.done():  # whoever waited may have gone
        waiting.turn.set_result(in_time)
