"""What people asked, for judging a change of the knowledge by it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.tables import QuestionRow


async def recent(session: AsyncSession, limit: int) -> list[str]:
    """The last different questions, newest first."""
    newest = func.max(col(QuestionRow.id))
    found = await session.scalars(
        select(col(QuestionRow.text)).group_by(col(QuestionRow.text)).order_by(newest.desc()).limit(limit)
    )
    return list(found)
