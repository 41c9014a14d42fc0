"""A person and the bot in conversation: the real handlers and journal, a clock that tests move, no channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from bot.database import Database
from handlers.conversation import Conversation, Refine
from handlers.model import Incoming, Kind, Reply
from handlers.render import fit
from handlers.replies import Speaker
from handlers.request import Schedule
from handlers.store.journal import Journal
from knowledge.library import Library
from scheduler.model import Pilot
from scheduler.store.planning import World
from tests.bot.web.shelf import LIBRARY, status_note
from tests.scheduler.store.world import world

SITE = "https://pilot.example"
MORNING = datetime.fromisoformat("2032-11-24T10:00:00+08:00")


@dataclass
class Clock:
    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **period: float) -> None:
        self.now += timedelta(**period)


def address(measure_id: str) -> str:
    return f"{SITE}/measures/{measure_id}"


@dataclass
class Talk:
    """One process of the service, as people meet it."""

    database: Database
    clock: Clock = field(default_factory=Clock)
    library: Library = LIBRARY
    keys: count[int] = field(default_factory=lambda: count(1))
    refine: Refine | None = None

    def __post_init__(self) -> None:
        self.connect(Journal(self.database, self.clock))

    def connect(self, journal: Journal) -> None:
        """Puts the conversation on another journal."""
        self.journal = journal
        speaker = Speaker(address, status_note)
        schedule = Schedule(self._world, f"{SITE}/milestones", lambda user, serial: f"{SITE}/calendar/{user}/{serial}")
        self._conversation = Conversation(
            self.journal, lambda: self.library, speaker, self.clock, schedule, refine=self.refine
        )

    def _world(self) -> World:
        return world(*map(Pilot.of, self.library.pack.pilots))

    async def hear(self, incoming: Incoming) -> Reply:
        quick = self._conversation.at_once(incoming)
        return await self._conversation.respond(incoming) if quick is None else quick

    def at_once(self, incoming: Incoming) -> Reply | None:
        """The reply that takes nothing but what is in memory."""
        return self._conversation.at_once(incoming)

    def incoming(self, text: str, user: str = "ann", kind: Kind = Kind.TEXT) -> Incoming:
        """A delivery with a key of its own."""
        return Incoming(f"{user}:{next(self.keys)}", user, kind, text, self.clock())

    async def say(self, *texts: str, user: str = "ann", kind: Kind = Kind.TEXT) -> str:
        """Says one thing after the other, and returns the last reply as the channel would show it."""
        reply = Reply()
        for text in texts:
            self.clock.pass_(seconds=10)
            reply = await self.hear(self.incoming(text, user, kind))
        return fit(reply)

    async def restarted(self) -> Talk:
        """Another process over the same database."""
        await self.journal.close()
        return Talk(self.database, self.clock, self.library, self.keys)
