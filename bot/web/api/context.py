"""What the operations work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.desk import Desk
from handlers.entries import Entries
from handlers.history import History
from handlers.importing import Importer
from knowledge.library import Library
from knowledge.model import Measure
from scheduler.store.outbox import Storage
from scheduler.store.planning import World


@dataclass(frozen=True, slots=True)
class Context:
    """The service as the API sees it; everything that changes while it runs is asked for anew."""

    library: Callable[[], Library]  # the knowledge as of now
    measure_url: Callable[[str], str]  # measure id -> address of its page
    status_note: Callable[[Measure], str | None]  # what must be said of a measure, if anything
    world: Callable[[], World]  # what reminders are planned from
    now: Callable[[], datetime]  # aware
    entries: Entries  # the knowledge in the database, entry by entry
    storage: Storage  # the database
    importer: Importer
    history: History
    refresh: Callable[[], Awaitable[None]]  # makes `library` show what was just written, as far as that is quick
    written: Callable[[], Awaitable[None]]  # puts into `storage` what people said just now, as far as that is quick
    api: str  # path of the API as clients see it, '/api/v1' or with a prefix

    def desk(self) -> Desk:
        """Answers from the knowledge as of now."""
        return Desk(self.library(), self.measure_url, self.status_note)
