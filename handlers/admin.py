"""What admins can do in the chat. For everybody else these words are questions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from handlers import texts
from handlers.learning import Act
from handlers.model import Incoming, Kind, Outcome
from handlers.replies import safe, say
from handlers.request import Request
from handlers.store import statistics
from handlers.teaching import Lesson, Teacher
from knowledge.library import Library
from knowledge.normalise import fold
from scheduler.store import broadcasts
from scheduler.store.broadcasts import BroadcastError
from scheduler.store.outbox import Storage

SHOWN = 5  # groups of unanswered questions
DAYS = 30  # of the statistics
LONGEST_PHRASE = 100  # characters


class Verb(StrEnum):
    IMPORT = "导入"
    WAITING = "待答"
    STATISTICS = "统计"
    PHRASE = "加说法"
    BROADCAST = "发布"


_ENGLISH = {"import": Verb.IMPORT, "unanswered": Verb.WAITING, "statistics": Verb.STATISTICS, "stats": Verb.STATISTICS}
# What follows must be set apart: '发布会怎么办' is a question.
_WITH_ARGUMENT = re.compile(r"(\w+)(?:\s*[:：]\s*|\s+)(.+)", re.DOTALL)
_VERBS_WITH_ARGUMENT = (Verb.PHRASE, Verb.BROADCAST)


@dataclass(frozen=True, slots=True)
class Command:
    verb: Verb
    argument: str = ""


def read(incoming: Incoming, folded: str) -> Command | None:
    """The command that an admin's message is; None for what is none."""
    if incoming.kind not in (Kind.TEXT, Kind.MENU):
        return None
    verb = next((verb for verb in Verb if verb == folded), None) or _ENGLISH.get(folded)
    if verb:
        return Command(verb)
    found = _WITH_ARGUMENT.fullmatch(incoming.text.strip())
    verb = next((verb for verb in _VERBS_WITH_ARGUMENT if found and verb == fold(found[1])), None)
    return Command(verb, found[2].strip()) if found and verb else None


class Desk:
    """Carries admins' commands out."""

    def __init__(
        self,
        admins: Collection[str],
        storage: Storage,
        teacher: Teacher,
        reload: Callable[[], Awaitable[object]],
        home: str,
        accounts: int | None,
    ) -> None:
        """:param admins: lower-case user ids.
        :param reload: makes the knowledge that was just changed the one that answers.
        :param home: address of the admin pages, without a slash at its end.
        :param accounts: the corporation's account limit, if known.
        """
        self._admins = frozenset(admins)
        self._storage = storage
        self._teacher = teacher
        self._reload = reload
        self._home = home
        self._accounts = accounts

    def command(self, incoming: Incoming, folded: str) -> Command | None:
        """None for people who are no admins, whatever they say."""
        return read(incoming, folded) if incoming.user in self._admins else None

    async def carry_out(self, command: Command, request: Request) -> Outcome:
        """:raises Unavailable: the database does not answer; the command may be sent again."""
        match command.verb:
            case Verb.IMPORT:
                return Outcome(say(texts.IMPORT_HERE, self._link("import", texts.TO_IMPORT)))
            case Verb.WAITING:
                return await self._waiting(request.library)
            case Verb.STATISTICS:
                return await self._statistics(request)
            case Verb.PHRASE:
                return await self._phrase(command.argument, request)
            case Verb.BROADCAST:
                return await self._broadcast(command.argument, request)

    def _link(self, path: str, label: str) -> str:
        return f'<a href="{self._home}/{path}">{label}</a>'

    async def _waiting(self, library: Library) -> Outcome:
        groups = await self._teacher.waiting()
        if not groups:
            return Outcome(say(texts.NONE_WAITING))
        lines = [
            texts.WAITING_ONE.format(question=safe(group.text[:60]), count=len(group.questions))
            for group in groups[:SHOWN]
        ]
        head = texts.WAITING.format(groups=len(groups), count=sum(len(group.questions) for group in groups))
        return Outcome(say(head, *lines, self._link("learning", texts.TO_WAITING)))

    async def _statistics(self, request: Request) -> Outcome:
        async with self._storage.session() as session:
            found = await statistics.since(session, request.now - timedelta(days=DAYS))
        unfound = found.outcomes.get("none", 0)
        line = texts.STATISTICS.format(
            days=DAYS,
            questions=found.questions,
            askers=found.askers,
            none=unfound,
            useful=found.useful,
            useless=found.useless,
        )
        return Outcome(say(line, self._link("statistics", texts.TO_STATISTICS)))

    async def _phrase(self, phrase: str, request: Request) -> Outcome:
        """Adds a phrase to the measure of the last answer."""
        measure = request.library.measures.get(request.state.answered[0]) if request.state.answered else None
        if not phrase or len(phrase) > LONGEST_PHRASE:
            return Outcome(say(texts.HOW_TO_ADD))
        if measure is None:
            return Outcome(say(texts.NOTHING_TO_ADD_TO))
        await self._teacher.teach(Lesson((), Act.PHRASE, request.incoming.user, measure.id, (phrase,), phrase))
        await self._reload()
        return Outcome(say(texts.ADDED.format(phrase=safe(phrase), title=safe(measure.title))), request.state)

    async def _broadcast(self, text: str, request: Request) -> Outcome:
        """A draft and its preview; it is confirmed on its page."""
        if not text:
            return Outcome(say(texts.HOW_TO_BROADCAST))
        # The delivery's key makes it: a retry finds the same draft.
        key = hashlib.sha256(request.incoming.key.encode()).hexdigest()[:32]
        try:
            async with self._storage.transaction() as session:
                if await broadcasts.find(session, key) is None:
                    await broadcasts.draft(session, key, request.incoming.user, text, None, request.now)
                draft = await broadcasts.find(session, key)
                preview = await broadcasts.preview(session, draft, request.now, self._accounts) if draft else None
        except BroadcastError as error:
            return Outcome(say(str(error)))
        receivers = preview.receivers if preview else 0
        shown = safe(preview.text if preview else text)
        return Outcome(
            say(
                texts.BROADCAST_PREVIEW.format(receivers=receivers),
                shown,
                self._link(f"broadcasts/{key}", texts.TO_BROADCAST),
            )
        )
