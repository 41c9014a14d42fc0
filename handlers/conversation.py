"""From a delivery to its reply, each with one effect however often it is delivered."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial

from handlers import answers, greet, router, texts
from handlers.admin import Command, Desk
from handlers.answers import Answers
from handlers.aside import aside
from handlers.model import NO_REPLY, Incoming, Kind, Outcome, Reply, State
from handlers.pace import Pace
from handlers.ports import Memory
from handlers.replies import Speaker, say
from handlers.request import Request, Route, Schedule
from knowledge.errors import Unavailable
from knowledge.library import Library
from knowledge.model import Finding
from knowledge.normalise import fold

log = logging.getLogger("pilotbot.conversation")

COMMANDED = Route(greet.silence, recalls=True)  # what an admin's command needs to know

# The platform delivers again after 5 s without an answer: what is younger cannot be a retry that another process saw.
FIRST_RETRY = timedelta(seconds=4)

FOLDED = 2_000  # messages whose folded form is kept: many people write the same
TYPED = (Kind.TEXT, Kind.MENU, Kind.MEDIA)  # what somebody can send too much of
Refine = Callable[[Finding], Awaitable[Finding]]
ANSWERED = (Kind.TEXT, Kind.MENU, Kind.ENTER, Kind.MEDIA)  # what can be answered in words

_fold = lru_cache(FOLDED)(fold)


class Conversation:
    """Answers messages. `library` gives the knowledge as of now, `now` an aware local time."""

    def __init__(
        self,
        memory: Memory,
        library: Callable[[], Library],
        speaker: Speaker,
        now: Callable[[], datetime],
        schedule: Schedule,
        pace: Pace | None = None,
        desk: Desk | None = None,
        refine: Refine | None = None,
    ) -> None:
        """:param desk: carries out what admins command; None where there are none.
        :param refine: a second look at what words found for a question, where one is set up.
        """
        self._memory = memory
        self._library = library
        self._speaker = speaker
        self._answers = Answers(speaker)
        self._now = now
        self._schedule = schedule
        self._pace = pace or Pace()
        self._desk = desk
        self._refine = refine

    def at_once(self, incoming: Incoming, waited: float = 0.0) -> Reply | None:
        """The reply to a new question that takes nothing but what is in memory; None: it takes `respond`.

        :param waited: seconds since it arrived.
        """
        now = self._now()
        if self._refine or not _is_fresh(incoming, now - timedelta(seconds=waited)):
            return None
        library, folded = self._library(), _fold(incoming.text)
        if library.is_large or self._memory.replied_here(incoming.key) is not None:
            return None
        if self._desk and self._desk.command(incoming, folded):
            return None
        if router.route(incoming, folded, library) is not router.QUESTION:
            return None
        if not self._pace.allows(incoming.user, now):
            return self._too_fast(incoming)
        answer = self._answers.answer(library, now.date(), incoming.text)
        return self._recorded_later(incoming, answer.to(incoming, now))

    async def respond(self, incoming: Incoming) -> Reply:
        """The reply to a delivery: the same one on every retry, empty for what is only acknowledged."""
        folded = _fold(incoming.text)
        known = await self._replied(incoming)
        if known is not None:
            return replace(known, outcome="repeat")
        if incoming.kind in TYPED and not self._pace.allows(incoming.user, self._now()):
            return self._too_fast(incoming)
        try:
            return await self._handle(incoming, folded)
        except Unavailable as error:
            log.warning("%s is refused: %s", incoming.key, error)
            return replace(_refusal(incoming), outcome="unavailable")

    async def _replied(self, incoming: Incoming) -> Reply | None:
        here = self._memory.replied_here(incoming.key)
        return (
            here if here is not None or _is_fresh(incoming, self._now()) else await self._memory.replied(incoming.key)
        )

    def _too_fast(self, incoming: Incoming) -> Reply:
        return self._recorded_later(incoming, Outcome(replace(say(texts.TOO_FAST), outcome="limited")))

    async def _handle(self, incoming: Incoming, folded: str) -> Reply:
        """Questions are answered from memory and written behind; what builds on earlier messages, and what must not
        be lost, is written first.
        """
        library = self._library()
        command = self._desk.command(incoming, folded) if self._desk else None
        if self._desk and command:
            return await self._commanded(self._desk, command, incoming, folded, library)
        route = router.route(incoming, folded, library)
        request = await self._request(route, incoming, folded, library)
        if self._refine and route is router.QUESTION:
            finding = await aside(library, partial(answers.find, library, incoming.text))
            request = replace(request, finding=await self._refine(finding))
        found = await aside(library, partial(route.handler, request))
        outcome = _labelled(found, incoming.user)
        if route.recalls or outcome.welcomed or outcome.effects:
            return await self._memory.record(incoming.key, outcome.reply, outcome)
        # Another delivery of it may have had its effect before this one read what the person follows.
        known = await self._memory.replied(incoming.key) if route.knows else None
        return known if known is not None else self._recorded_later(incoming, outcome)

    async def _commanded(
        self, desk: Desk, command: Command, incoming: Incoming, folded: str, library: Library
    ) -> Reply:
        """What an admin commands takes effect once however often it is delivered, so it is recorded after it is done."""
        request = await self._request(COMMANDED, incoming, folded, library)
        outcome = _labelled(await desk.carry_out(command, request), incoming.user)
        return await self._memory.record(incoming.key, outcome.reply, outcome)

    async def _request(self, route: Route, incoming: Incoming, folded: str, library: Library) -> Request:
        state = await self._memory.state(incoming.user) if route.recalls else State(incoming.user)
        welcomed_on = await self._memory.welcomed(incoming.user) if route is router.WELCOME else None
        standing = await self._memory.standing(incoming) if route.knows else None
        request = self._asked(incoming, folded, library, state)
        return replace(request, welcomed_on=welcomed_on, standing=standing)

    def _asked(self, incoming: Incoming, folded: str, library: Library, state: State) -> Request:
        return Request(incoming, folded, library, self._speaker, self._answers, self._now(), state, self._schedule)

    def _recorded_later(self, incoming: Incoming, outcome: Outcome) -> Reply:
        self._memory.record_later(incoming.key, outcome.reply, outcome)
        return outcome.reply


def _is_fresh(incoming: Incoming, arrived: datetime) -> bool:
    """Whether it arrived too early to be a retry of what another process saw."""
    return abs(arrived - incoming.sent_at) < FIRST_RETRY


def _refusal(incoming: Incoming) -> Reply:
    return say(texts.UNAVAILABLE) if incoming.kind in ANSWERED else NO_REPLY


def _labelled(outcome: Outcome, user: str) -> Outcome:
    """With who sent the message, and the word that operators count it by: what a question led to, or that it was none."""
    word = outcome.asked.outcome if outcome.asked else "command" if outcome.reply else ""
    return replace(outcome, reply=replace(outcome.reply, outcome=word), user=user)
