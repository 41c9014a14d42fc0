"""Changes of pilots on their way into the knowledge. Works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.changes import EntryChange
from knowledge.codec import from_json, to_json
from knowledge.model import PilotFact
from knowledge.store import versions
from scheduler import milestones
from scheduler.model import Pilot


async def revised(session: AsyncSession, changes: Sequence[EntryChange]) -> list[EntryChange]:
    """The changes with pilots whose milestones have a new revision wherever their date is a new one.

    What was announced of one date is never taken for another one's, also when a pilot was deleted in between, when an
    older state comes back, or when a pack knows nothing of revisions.

    :raises PilotError: a pilot is out of bounds.
    """
    return [await _revised(session, change) if _is_pilot(change) else change for change in changes]


def _is_pilot(change: EntryChange) -> bool:
    return change.kind == "pilot" and change.body is not None


async def _revised(session: AsyncSession, change: EntryChange) -> EntryChange:
    after = Pilot.of(from_json(PilotFact, change.body or {}))
    bodies = (revision.body for revision in await versions.history(session, change.kind, change.key))
    latest = next((body for body in bodies if body is not None), None)
    if latest is not None:
        after = milestones.revised(Pilot.of(from_json(PilotFact, latest)), after)
    return replace(change, body=to_json(after.fact))
