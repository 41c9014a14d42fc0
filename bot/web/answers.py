"""An answer in time, or later by push: the platform hangs up after five seconds, people wait longer."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from bot.web.turns import Turns
from handlers import texts
from handlers.model import Incoming, Reply
from handlers.render import fit
from handlers.replies import say
from knowledge import trace
from knowledge.errors import Unavailable

PATIENCE = 4.0  # s; the platform hangs up after 5
FOR_TURN = 0.5  # of the patience: under load reading the message and sending the reply are late too
PUSHERS = 64  # late answers on their way at once: as many are recorded together
BACKLOG = 50_000  # messages that wait for a late answer, some kB each; beyond that people are asked to come back

log = logging.getLogger("pilotbot.callback")

Respond = Callable[[Incoming], Awaitable[Reply]]
AtOnce = Callable[[Incoming, float], Reply | None]  # what it answers, s since that arrived
Push = Callable[[Incoming, str], Awaitable[None]]  # what it answers, the text


@dataclass(frozen=True, slots=True)
class _Postponed:
    incoming: Incoming
    since: float  # s of the loop's clock: when it arrived
    request: str | None  # the id of the request that brought it


class Answers:
    """Works out replies. Whatever happens, each message gets one, in time or later."""

    def __init__(
        self,
        respond: Respond,
        push: Push,
        patience: float = PATIENCE,
        backlog: int = BACKLOG,
        at_once: AtOnce = lambda _, __: None,
    ) -> None:
        """
        :param push: sends a text to who wrote.
        :param patience: seconds after which an answer is too late to be the passive reply.
        :param at_once: the reply where it needs no waiting, which is cheaper than a task; None: ask `respond`.
        """
        self._respond = respond
        self._at_once = at_once
        self._push = push
        self._patience = patience
        self._backlog_size = backlog
        self._backlog: deque[_Postponed] = deque()
        self._turns = Turns(patience * FOR_TURN)
        self._pushers = 0
        self._later: set[asyncio.Task[None]] = set()  # keeps them from being collected

    async def in_time(self, incoming: Incoming) -> Reply | None:
        """The reply; None when it did not come in time, and will be pushed."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        if not await self._turns.take():
            return self._postponed(_Postponed(incoming, since, trace.current()))
        if (reply := self._quick(incoming, since)) is not None:
            return reply
        task = asyncio.create_task(self._answer(incoming))
        done, _ = await asyncio.wait([task], timeout=since + self._patience - loop.time())
        if done:
            return task.result()
        self._keep(self._push_when_done(incoming, task))
        return None

    async def close(self) -> None:
        """Waits for the answers that are still to be pushed."""
        while self._later:
            await asyncio.gather(*self._later, return_exceptions=True)

    def _quick(self, incoming: Incoming, since: float) -> Reply | None:
        try:
            return self._at_once(incoming, asyncio.get_running_loop().time() - since)
        except Unavailable:
            return None
        except Exception:
            return _failed(incoming)

    async def _answer(self, incoming: Incoming) -> Reply:
        try:
            return await self._respond(incoming)
        except Exception:
            return _failed(incoming)

    def _postponed(self, postponed: _Postponed) -> Reply | None:
        if len(self._backlog) >= self._backlog_size:
            return say(texts.BUSY)
        self._backlog.append(postponed)
        if self._pushers < PUSHERS:
            self._pushers += 1
            self._keep(self._work_off())
        return None

    async def _work_off(self) -> None:
        while self._backlog:
            postponed = self._backlog.popleft()
            trace.begin(postponed.request)
            await self._turns.take_at_leisure()
            await self._push_when_done(postponed.incoming, self._late(postponed))
        self._pushers -= 1

    async def _late(self, postponed: _Postponed) -> Reply:
        reply = self._quick(postponed.incoming, postponed.since)
        return await self._answer(postponed.incoming) if reply is None else reply

    async def _push_when_done(self, incoming: Incoming, answer: Awaitable[Reply]) -> None:
        try:
            reply = await answer
            if reply:
                await self._push(incoming, fit(reply))
        except Exception as error:  # nobody awaits this: what goes wrong ends here
            log.error("the late answer to %s was not sent: %s", incoming.key, error)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _failed(incoming: Incoming) -> Reply:
    """A failure of ours is told politely: an error status would only make the platform deliver it again."""
    log.exception("%s failed", incoming.key)
    return replace(say(texts.FAILED), outcome="failed")
