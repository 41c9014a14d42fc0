"""Imports at work in this process. What another replica shows of the same file it works out itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.database import Database
from bot.web.admin import texts
from handlers import consequences, import_texts
from handlers.consequences import Consequences
from handlers.importing import File, Importer, Preview
from knowledge.changes import Change
from knowledge.errors import Unavailable
from knowledge.letting_go import let_go
from knowledge.library import Library
from knowledge.store import versions
from knowledge.store.versions import Outdated
from scheduler.model import PilotError

PATIENCE = 1.0  # s that a page waits before it shows that work is going on
KEPT = 5  # results in memory; the oldest go first, and are worked out again when somebody looks

log = logging.getLogger("pilotbot.admin")


@dataclass(slots=True)
class Job:
    """One file, on its way from upload to import."""

    file: File
    stage: str = ""  # what is being done, for people
    share: float | None = None  # how much of it is done, from 0 to 1, where that is known
    preview: Preview | None = None
    consequences: Consequences | None = None
    problem: str = ""  # why it ended without a result
    is_applied: bool = False
    change: Change | None = None  # None also where the import changed nothing
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def tell(self, stage: str, share: float | None = None) -> None:
        """handlers.importing.Progress"""
        self.stage, self.share = stage, share

    def is_of(self, version: int) -> bool:
        """Whether the preview is there, of that version of the knowledge."""
        return self.preview is not None and self.preview.version == version

    @property
    def is_busy(self) -> bool:
        return self.task is not None and not self.task.done()


class Jobs:
    def __init__(self, importer: Importer, database: Database, library: Callable[[], Library]) -> None:
        self._importer = importer
        self._database = database
        self._library = library
        self._jobs: dict[str, Job] = {}

    def get(self, key: str) -> Job | None:
        return self._jobs.get(key)

    async def look(self, key: str, file: File) -> Job:
        """What an import of the file would do; worked out again where the knowledge has changed since."""
        async with self._database.session() as session:
            version = await versions.version(session)
        job = self._jobs.pop(key, None)
        if job is None or not (job.is_busy or job.is_applied or job.is_of(version)):
            job = Job(file, problem=job.problem if job else "")  # why the import that was tried did not work
            self._start(job, self._preview(job))
        self._jobs[key] = job
        for old in list(self._jobs)[:-KEPT]:
            if not self._jobs[old].is_busy:
                del self._jobs[old]
        await self._wait(job)
        return job

    async def apply(
        self, key: str, file: File, author: str, reason: str, version: int, milestones: Sequence[str] = ()
    ) -> Job | None:
        """Imports what was shown, by this process or another, if the knowledge is still the one that it was shown for.

        :param milestones: ids of the proposals that become milestones.
        """
        job = self._jobs.get(key) or await self.look(key, file)
        if not job.is_busy and not job.is_applied:
            if job.preview is None or not job.is_of(version):
                return None
            job.problem = ""
            self._start(job, self._apply(job, job.preview, author, reason, milestones))
        await self._wait(job)
        return job

    async def close(self) -> None:
        """Stops what is going on: an import that was not committed has changed nothing."""
        tasks = [job.task for job in self._jobs.values() if job.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, job: Job, work: Coroutine[Any, Any, None]) -> None:
        job.task = asyncio.create_task(self._guarded(job, work))

    async def _guarded(self, job: Job, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Outdated:
            job.problem = texts.OUTDATED
        except PilotError as error:
            job.problem = str(error)
        except Unavailable as error:
            log.warning("an import waits: %s", error)
            job.problem = texts.UNAVAILABLE
        except Exception:
            log.exception("an import of %s failed", job.file.name)
            job.problem = texts.IMPORT_FAILED

    async def _preview(self, job: Job) -> None:
        preview = await self._importer.preview([job.file], job.tell)
        job.tell(import_texts.ASKING_AGAIN)
        job.consequences = await consequences.of_preview(self._database, preview, self._library())
        job.preview = preview

    async def _apply(self, job: Job, preview: Preview, author: str, reason: str, milestones: Sequence[str]) -> None:
        job.change = await self._importer.apply(preview, author, reason, milestones, job.tell)
        job.is_applied = True
        planned = list(preview.plan.planned)
        job.preview = None
        del preview
        await asyncio.to_thread(let_go, planned)

    @staticmethod
    async def _wait(job: Job) -> None:
        if job.task:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await asyncio.shield(job.task)
