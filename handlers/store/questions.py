"""What people asked and how they rated it. Every function works inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.tables import FeedbackRow, QuestionRow


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody said of an answer."""

    user: str | None  # None once the person is forgotten
    at: datetime
    useful: bool
    question: str
    measures: tuple[str, ...]  # ids that the answer named


async def recent(session: AsyncSession, limit: int) -> list[str]:
    """The last different questions, newest first."""
    newest = func.max(col(QuestionRow.id))
    found = await session.scalars(
        select(col(QuestionRow.text)).group_by(col(QuestionRow.text)).order_by(newest.desc()).limit(limit)
    )
    return list(found)


async def ratings(session: AsyncSession) -> int:
    """How many answers were called useful or useless."""
    return await session.scalar(select(func.count()).select_from(FeedbackRow)) or 0


async def rated(session: AsyncSession, limit: int, offset: int = 0) -> list[Rating]:
    """What people said of answers, newest first."""
    newest = select(FeedbackRow).order_by(col(FeedbackRow.at).desc(), col(FeedbackRow.id).desc())
    rows = await session.scalars(newest.limit(limit).offset(offset))
    return [Rating(row.user, row.at, row.useful, row.question, tuple(row.measures)) for row in rows]
