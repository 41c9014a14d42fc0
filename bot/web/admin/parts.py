"""What the admin pages are made from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.database import Database
from bot.live import LiveLibrary
from bot.settings import Settings
from handlers.editing import Editor
from handlers.entries import Entries
from handlers.history import History
from handlers.importing import Importer
from handlers.store import audit
from handlers.store.work import Session
from handlers.teaching import Teacher


class Checked(Protocol):
    """One finding of the set-up doctor, as bot.check.Finding."""

    @property
    def check(self) -> str:
        """What was looked at."""

    @property
    def level(self) -> str:
        """'ok', 'warn' or 'fail'."""

    @property
    def text(self) -> str:
        """What was found."""

    @property
    def step(self) -> str:
        """What to do next; '' if nothing."""


Examine = Callable[[], Awaitable[Sequence[Checked]]]


@dataclass(frozen=True, slots=True)
class Parts:
    settings: Settings
    library: LiveLibrary
    database: Database
    editor: Editor
    entries: Entries
    importer: Importer
    history: History
    teacher: Teacher
    new_id: Callable[[], str]  # letters and digits that nobody can guess
    now: Callable[[], datetime]  # aware, local
    members: Callable[[int], Awaitable[Sequence[str]]]  # of a department: user ids in lower case; raises ApiError
    examine: Examine | None = None  # the set-up doctor, where there is one

    async def note(self, who: str, act: str, what: str = "", reason: str = "") -> None:
        """Puts an act that is no change of the knowledge on record.

        :raises Unavailable: the database does not answer.
        """
        async with self.database.transaction() as session:
            await self.noted(session, who, act, what, reason)

    async def noted(self, session: Session, who: str, act: str, what: str = "", reason: str = "") -> None:
        """The same inside the transaction that does it."""
        await audit.note(session, who, act, self.now(), what, reason)
