"""The figures that are looked up when somebody asks for them: the index, the journal, and what the database says."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.database import Database
from bot.live import LiveLibrary
from bot.metrics import Metrics
from handlers.store.journal import Journal
from knowledge.errors import Unavailable
from knowledge.store import versions
from scheduler.store import backlog


@dataclass(frozen=True, slots=True)
class Watch:
    """Brings the metrics up to date."""

    metrics: Metrics
    database: Database
    library: LiveLibrary
    journal: Journal
    quota: int | None  # messages a day that the app may send; None: not known

    async def text(self) -> bytes:
        """All metrics. Never fails: without the database its figures are missing, and pilotbot_database_up is 0."""
        metrics, library = self.metrics, self.library()
        metrics.index_measures.set(len(library.active))
        metrics.index_version.set(library.version)
        metrics.index_age.set(self.library.age)
        metrics.journal.set(self.journal.backlog)
        metrics.journal_age.set(self.journal.age)
        try:
            await self._look_up()
        except Unavailable:
            metrics.database.set(0)
            metrics.outbox.clear()
            for gauge in (metrics.knowledge_version, metrics.outbox_age, metrics.quota_left):
                gauge.set(math.nan)
        return metrics.text()

    async def _look_up(self) -> None:
        metrics, now = self.metrics, self.library.now()
        async with self.database.session() as session:
            metrics.knowledge_version.set(await versions.version(session))
            found = await backlog.backlog(session, now)
        metrics.database.set(1)
        metrics.outbox.clear()
        for state, number in found.unsettled.items():
            metrics.outbox.labels(state.value).set(number)
        metrics.outbox_age.set((now - found.oldest_due).total_seconds() if found.oldest_due else 0)
        metrics.quota_left.set(math.nan if self.quota is None else max(0, self.quota - found.sent_today))
