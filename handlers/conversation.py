"""From a delivery to its reply, each with one effect however often it is delivered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from handlers import router, texts
from handlers.model import NO_REPLY, Incoming, Outcome, Reply, State
from handlers.ports import Memory
from handlers.replies import Speaker, say
from handlers.request import Request, Route
from knowledge.errors import Unavailable
from knowledge.library import Library
from knowledge.normalise import fold

log = logging.getLogger("pilotbot.conversation")

# The platform delivers again after 5 s without an answer: what is younger cannot be a retry that another process saw.
FIRST_RETRY = timedelta(seconds=4)


class Conversation:
    """Answers messages. `library` gives the knowledge as of now, `now` an aware local time."""

    def __init__(
        self, memory: Memory, library: Callable[[], Library], speaker: Speaker, now: Callable[[], datetime]
    ) -> None:
        self._memory = memory
        self._library = library
        self._speaker = speaker
        self._now = now

    async def respond(self, incoming: Incoming) -> Reply:
        """The reply to a delivery: the same one on every retry, empty for what is only acknowledged."""
        folded = fold(incoming.text)
        route = router.route(incoming, folded)
        if route is None:
            return NO_REPLY
        known = await self._replied(incoming)
        if known is not None:
            return known
        try:
            return await self._handle(route, incoming, folded)
        except Unavailable as error:
            log.warning("%s is refused: %s", incoming.key, error)
            return say(texts.UNAVAILABLE)

    async def _replied(self, incoming: Incoming) -> Reply | None:
        here = self._memory.replied_here(incoming.key)
        fresh = abs(self._now() - incoming.sent_at) < FIRST_RETRY
        return here if here is not None or fresh else await self._memory.replied(incoming.key)

    async def _handle(self, route: Route, incoming: Incoming, folded: str) -> Reply:
        """Questions are answered from memory and written behind; what builds on earlier messages is written first."""
        state = await self._memory.state(incoming.user) if route.recalls else State(incoming.user)
        welcomed_on = await self._memory.welcomed(incoming.user) if route is router.WELCOME else None
        request = Request(incoming, folded, self._library(), self._speaker, self._now(), state, welcomed_on)
        outcome = route.handler(request)
        if route.recalls or outcome.welcomed:
            return await self._memory.record(incoming.key, outcome.reply, outcome)
        return self._recorded_later(incoming, outcome)

    def _recorded_later(self, incoming: Incoming, outcome: Outcome) -> Reply:
        self._memory.record_later(incoming.key, outcome.reply, outcome)
        return outcome.reply
