"""Whose answer is worked out next when more is asked than one process can answer."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from time import monotonic

IMPATIENCE = 1.0  # s: once somebody has waited so long, the newest go first
PASS_SECONDS = 0.005  # for answers in a pass of the loop
PER_PASS = 8  # answers in a pass to those who had to wait: each takes some ms at most
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
        self,
        patience: float,
        impatience: float = IMPATIENCE,
        seconds: float = PASS_SECONDS,
        per_pass: int = PER_PASS,
        most: int = MOST,
    ) -> None:
        """
        :param patience: s after which a turn is of no use any more.
        :param seconds: of a pass, for those who do not have to wait.
        :param per_pass: how many who waited get their turn in a pass.
        :param most: how many may wait for theirs.
        """
        self._seconds = seconds
        self._per_pass = per_pass
        self._patience = patience
        self._impatience = impatience
        self._most = most
        self._waiting: deque[_Waiting] = deque()  # the oldest first
        self._leisurely: deque[_Waiting] = deque()
        self._passing = False  # the next pass of the loop is spoken for
        self._until = 0.0  # s of the monotonic clock: when this pass has had its time
        self._wanted = False  # somebody took a turn in this pass

    @property
    def is_free(self) -> bool:
        """Whether the next one would not have to wait."""
        return not self._waiting and (not self._passing or monotonic() < self._until)

    async def take(self) -> bool:
        """Returns when it is one's turn; False when it did not come in time."""
        if self.is_free:
            self._wanted = True
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
            self._passing, self._until = True, monotonic() + self._seconds
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """Gives out the turns of a new pass."""
        idle = not self._wanted and not self._waiting
        self._passing, self._wanted = False, bool(self._waiting)
        now = monotonic()
        while self._waiting and now - self._waiting[0].since >= self._patience:
            _call(self._waiting.popleft(), False)
        for _ in range(min(self._per_pass, len(self._waiting))):
            _call(self._chosen(now), True)
        for _ in range(min(self._per_pass, len(self._leisurely)) if idle else 0):
            _call(self._leisurely.popleft(), True)
        if self._wanted or self._waiting or self._leisurely:
            self._call_next()

    def _chosen(self, now: float) -> _Waiting:
        in_order = now - self._waiting[0].since < self._impatience
        return self._waiting.popleft() if in_order else self._waiting.pop()


def _call(waiting: _Waiting, in_time: bool) -> None:
    if not waiting.turn.done():  # whoever waited may have gone
        waiting.turn.set_result(in_time)
