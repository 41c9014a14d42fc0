"""Who did what and when. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.tables import AuditRow
from knowledge.store import versions


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an admin did."""

    at: datetime
    who: str
    act: str  # a ChangeKind for a change of the knowledge, else the word it was noted under
    what: str = ""
    reason: str = ""
    change: int | None = None  # id of the change of the knowledge
    summary: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # of it, as in knowledge.changes.Change


async def note(session: AsyncSession, who: str, act: str, now: datetime, what: str = "", reason: str = "") -> None:
    """Records an act that is no change of the knowledge."""
    session.add(AuditRow(at=now, who=who, act=act, what=what, reason=reason))


async def latest(session: AsyncSession, before: datetime, limit: int) -> list[Act]:
    """What was done before a moment, newest first: changes of the knowledge among all other acts."""
    older = select(AuditRow).where(col(AuditRow.at) < before).order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc())
    acts = [Act(row.at, row.who, row.act, row.what, row.reason) for row in await session.scalars(older.limit(limit))]
    changes = await versions.changes(session, limit, until=before)
    acts += [
        Act(change.at, change.author, change.kind.value, "", change.reason, change.id, change.summary)
        for change in changes
    ]
    return sorted(acts, key=lambda act: act.at, reverse=True)[:limit]
