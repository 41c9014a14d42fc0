"""An answer in time, or later by push: the platform hangs up after five seconds, people wait longer."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from itertools import chain, islice
from time import monotonic
from typing import Any

from bot.ending import ended
from bot.web.turns import Turns
from handlers import texts
from handlers.conversation import ANSWERED
from handlers.model import Incoming, Reply
from handlers.render import fit
from handlers.replies import say
from knowledge import trace
from knowledge.errors import Unavailable

PATIENCE = 4.0  # s; the platform hangs up after 5
FOR_TURN = 0.5  # of the patience: under load reading the message and sending the reply are late too
PUSHERS = 10_000  # late answers on their way at once: as many are recorded together, and those alike go out together
DRAIN_SECONDS = 5.0  # for late answers that are still to be worked out when the service stops
TELL_SECONDS = 3.0  # for asking those to write again whose answer took longer
ASKED_AT_ONCE = 500  # people who are asked to write again
BACKLOG = 500_000  # messages that wait for a late answer, one to two kB each; beyond that people are asked to come back

BUSY = replace(say(texts.BUSY), outcome="busy")  # to what is not even read

log = logging.getLogger("pilotbot.callback")

Read = Callable[[str], Incoming]  # opens a message, which costs more than to take it
Respond = Callable[[Incoming], Awaitable[Reply]]
AtOnce = Callable[[Incoming, float], Reply | None]  # what it answers, s since that arrived
Push = Callable[[Incoming, str], Awaitable[None]]  # what it answers, the text
TurnAway = Callable[[Sequence[Incoming]], Coroutine[Any, Any, None]]  # messages that get no answer
OnLate = Callable[[Incoming, float], None]  # a message, s after which it was acknowledged
Answered = tuple[Incoming | None, Reply | None]

# A message that waits: sealed, when it arrived (s of the monotonic clock), s after which it was acknowledged, the id of the
# request. A plain tuple, since hundreds of thousands may wait and the garbage collector passes those over.
_Postponed = tuple[str, float, float, str | None]


async def nobody_told(_: Sequence[Incoming]) -> None:
    """A `TurnAway` where there is no other way to reach people."""


class Answers:
    """Works out replies. Whatever happens, each message gets one, in time or later."""

    def __init__(
        self,
        read: Read,
        respond: Respond,
        push: Push,
        patience: float = PATIENCE,
        backlog: int = BACKLOG,
        *,
        at_once: AtOnce = lambda _, __: None,
        turn_away: TurnAway = nobody_told,
        on_late: OnLate = lambda _, __: None,
        turns: Turns | None = None,
    ) -> None:
        """
        :param read: opens a message when its turn has come; raises what is to be raised where it cannot be read.
        :param push: sends a text to who wrote.
        :param patience: seconds after which an answer is too late to be the passive reply.
        :param at_once: the reply where it needs no waiting, which is cheaper than a task; None: ask `respond`.
        :param turn_away: asks people to write again whose messages are unanswered at the end.
        :param on_late: told of each message that was put off unread, once it is read.
        :param turns: who is answered next.
        """
        self._read = read
        self._respond = respond
        self._at_once = at_once
        self._push = push
        self._turn_away = turn_away
        self._on_late = on_late
        self._patience = patience
        self._backlog_size = backlog
        self._backlog: deque[_Postponed] = deque()
        self._turns = turns or Turns(patience * FOR_TURN)
        self._was_full = False
        self._pushers = 0
        self._later: set[asyncio.Task[None]] = set()  # keeps them from being collected
        self._owed: dict[str, Incoming] = {}  # by key: messages whose answer is late and not pushed yet

    async def in_time(self, sealed: str) -> Answered:
        """The message and its reply; without a reply if it did not come in time, and will be pushed. Neither of them
        where it was put off unread, BUSY alone where it was not taken.

        :raises CallbackError: what reading it raises, in time.
        """
        since = monotonic()
        if self._is_full() and not self._turns.is_free:
            return None, BUSY
        if not await self._turns.take():
            return None, self._postponed(sealed, since)
        return await self.out_of_turn(sealed, since)

    async def out_of_turn(self, sealed: str, since: float | None = None) -> Answered:
        """As `in_time`, for what must not be put off.

        :param since: s of the monotonic clock: when it arrived, if not just now.
        """
        since = monotonic() if since is None else since
        incoming = self._read(sealed)
        if (reply := self._quick(incoming, since)) is not None:
            return incoming, reply
        task = asyncio.create_task(self._answer(incoming))
        done, _ = await asyncio.wait([task], timeout=since + self._patience - monotonic())
        if done:
            return incoming, task.result()
        self._owed[incoming.key] = incoming
        self._keep(self._push_when_done(incoming, task))
        return incoming, None

    async def close(self, within: float = DRAIN_SECONDS) -> None:
        """Waits for the answers that are still to be pushed; who gets none by then is asked to write again.

        :param within: seconds; asking takes TELL_SECONDS more at most.
        """
        until = monotonic() + within
        while self._later and monotonic() < until:
            await asyncio.wait(self._later, timeout=until - monotonic())
        if unanswered := len(self._owed) + len(self._backlog):
            log.error("%d messages get no answer; who wrote them is asked to write again", unanswered)
        if self._later or self._backlog:
            await self._leave()

    async def _leave(self) -> None:
        asking = asyncio.create_task(self._ask_again())
        done, _ = await asyncio.wait([asking], timeout=TELL_SECONDS)
        if not done:  # and is not waited for: a database that hangs may take its time
            asking.cancel()
            log.error("who wrote them could not be asked in time")
        elif error := asking.exception():
            log.error("who wrote them could not be asked: %s", error)

    async def _ask_again(self) -> None:
        """Some at a time: the rest of the service ends meanwhile, and whoever was asked is.

        What nobody expects words for, as a click, is still done.
        """
        await ended(*self._later)  # else one of them may still record its answer
        left = chain(list(self._owed.values()), filter(None, map(self._opened, list(self._backlog))))
        wordless: list[Incoming] = []
        while some := list(islice(left, ASKED_AT_ONCE)):
            await self._turn_away([message for message in some if message.kind in ANSWERED])
            wordless += (m for m in some if m.kind not in ANSWERED and m.key not in self._owed)
            await asyncio.sleep(0)
        await asyncio.gather(*map(self._answer, wordless))

    def _quick(self, incoming: Incoming, since: float) -> Reply | None:
        try:
            return self._at_once(incoming, monotonic() - since)
        except Unavailable:
            return None
        except Exception:
            return _failed(incoming)

    async def _answer(self, incoming: Incoming) -> Reply:
        try:
            return await self._respond(incoming)
        except Exception:
            return _failed(incoming)

    def _is_full(self) -> bool:
        full = len(self._backlog) >= self._backlog_size
        if full and not self._was_full:
            log.warning("too much is asked: people are asked to come back")
        # Forgotten only when it is half as much, or the log would be full too.
        self._was_full = full or (self._was_full and 2 * len(self._backlog) > self._backlog_size)
        return full

    def _postponed(self, sealed: str, since: float) -> Reply | None:
        if self._is_full():
            return BUSY
        self._backlog.append((sealed, since, monotonic() - since, trace.current()))
        if self._pushers < PUSHERS:
            self._pushers += 1
            self._keep(self._work_off())
        return None

    async def _work_off(self) -> None:
        while self._backlog:
            await self._turns.take_at_leisure()
            if self._backlog:  # another pusher may have been faster
                await self._answer_late(self._backlog.popleft())
        self._pushers -= 1

    async def _answer_late(self, postponed: _Postponed) -> None:
        _, since, _, request = postponed
        trace.begin(request)
        if (incoming := self._opened(postponed)) is not None:
            self._owed[incoming.key] = incoming
            await self._push_when_done(incoming, self._late(incoming, since))

    def _opened(self, postponed: _Postponed) -> Incoming | None:
        """None for what cannot be read: it has been acknowledged already."""
        sealed, _, after, _ = postponed
        try:
            incoming = self._read(sealed)
        except Exception as error:
            log.warning("a postponed message cannot be read: %s", error)
            return None
        self._on_late(incoming, after)
        return incoming

    async def _late(self, incoming: Incoming, since: float) -> Reply:
        reply = self._quick(incoming, since)
        return await self._answer(incoming) if reply is None else reply

    async def _push_when_done(self, incoming: Incoming, answer: Awaitable[Reply]) -> None:
        try:
            reply = await answer
            if reply:
                await self._push(incoming, fit(reply))
        except Exception as error:  # nobody awaits this: what goes wrong ends here
            log.error("the late answer to %s was not sent: %s", incoming.key, error)
        self._owed.pop(incoming.key, None)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _failed(incoming: Incoming) -> Reply:
    """A failure of ours is told politely: an error status would only make the platform deliver it again."""
    log.exception("%s failed", incoming.key)
    return replace(say(texts.FAILED), outcome="failed")
