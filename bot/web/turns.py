"""Whose answer is worked out next when more is asked than one process can answer."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from time import monotonic

PASS_SECONDS = 0.005  # for answers in a pass of the loop
PER_PASS = 8  # answers in a pass to those who had to wait: each takes some ms at most
MOST = 2_000  # that wait in a rush
RUSH_SECONDS = 1.0  # for so long somebody or other may wait; after that it is a flood
MOST_IN_FLOOD = (
    100  # that wait in a flood: others hold a connection in vain, and thousands of those slow everything down
)


@dataclass(slots=True)
class _Waiting:
    since: float  # s of the monotonic clock
    turn: asyncio.Future[bool]


class Turns:
    """A few answers in each pass of the event loop, so that reading what arrives is never held up by working it out.

    In the order of arrival. A rush waits until it has been answered. In a flood only so many may wait as can still be
    answered soon, and whoever finds no place is told so at once. Without load nobody waits.
    """

    def __init__(
        self,
        patience: float,
        seconds: float = PASS_SECONDS,
        per_pass: int = PER_PASS,
        most: int = MOST,
        rush_seconds: float = RUSH_SECONDS,
        most_in_flood: int = MOST_IN_FLOOD,
    ) -> None:
        """
        :param patience: s after which a turn is of no use any more.
        :param seconds: of a pass, for those who do not have to wait.
        :param per_pass: how many who waited get their turn in a pass.
        :param most: how many may wait for theirs.
        :param rush_seconds: after which only `most_in_flood` may.
        """
        self._patience = patience
        self._seconds = seconds
        self._per_pass = per_pass
        self._most = most
        self._rush_seconds = rush_seconds
        self._most_in_flood = most_in_flood
        self._waiting: deque[_Waiting] = deque()  # the oldest first
        self._since = 0.0  # s of the monotonic clock: from when on somebody or other has been waiting
        self._leisurely: deque[asyncio.Future[bool]] = deque()
        self._passing = False  # the next pass of the loop is spoken for
        self._until = 0.0  # s of the monotonic clock: when this pass has had its time
        self._wanted = False  # somebody took a turn in this pass

    @property
    def is_free(self) -> bool:
        """Whether the next one would not have to wait."""
        return not self._waiting and (not self._passing or monotonic() < self._until)

    async def take(self) -> bool:
        """Returns when it is one's turn; False when it did not come in time, or will not."""
        if self.is_free:
            self._wanted = True
            self._call_next()
            return True
        now = monotonic()
        if not self._waiting:
            self._since = now
        if len(self._waiting) >= self._places(now):
            return False
        waiting = _Waiting(now, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        return await waiting.turn

    async def take_at_leisure(self) -> None:
        """Returns when nobody else wants a turn."""
        turn = asyncio.get_running_loop().create_future()
        self._leisurely.append(turn)
        self._call_next()
        await turn

    def _places(self, now: float) -> int:
        return self._most if now - self._since < self._rush_seconds else self._most_in_flood

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
            _call(self._waiting.popleft().turn, False)
        for _ in range(min(self._per_pass, len(self._waiting))):
            _call(self._waiting.popleft().turn, True)
        for _ in range(min(self._per_pass, len(self._leisurely)) if idle else 0):
            _call(self._leisurely.popleft(), True)
        if self._wanted or self._waiting or self._leisurely:
            self._call_next()


def _call(turn: asyncio.Future[bool], in_time: bool) -> None:
    if not turn.done():  # whoever waited may have gone
        turn.set_result(in_time)
