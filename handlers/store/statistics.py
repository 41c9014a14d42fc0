"""How much is asked, and how well it is answered. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.tables import FeedbackRow, QuestionRow

TOP = 10  # measures that are asked for most


@dataclass(frozen=True, slots=True)
class Statistics:
    questions: int
    askers: int
    outcomes: Mapping[str, int]  # as in handlers.model.Asked
    useful: int
    useless: int
    asked_for: Sequence[tuple[str, int]]  # measure id and how often it was the answer, the most frequent first


@dataclass(frozen=True, slots=True)
class Rating:
    """有用 or 没用 on an answer."""

    at: datetime
    useful: bool
    question: str
    measures: tuple[str, ...]  # ids that the answer named


async def since(session: AsyncSession, start: datetime) -> Statistics:
    """Everything asked and rated since a moment."""
    asked = col(QuestionRow.at) >= start
    found = select(col(QuestionRow.outcome), func.count()).where(asked).group_by(col(QuestionRow.outcome))
    outcomes = {outcome: count for outcome, count in await session.execute(found)}  # noqa: C416
    askers = await session.scalar(select(func.count(col(QuestionRow.user).distinct())).where(asked)) or 0
    number = func.count()
    top = await session.execute(
        select(col(QuestionRow.top), number)
        .where(asked, col(QuestionRow.outcome) == "answer", col(QuestionRow.top).is_not(None))
        .group_by(col(QuestionRow.top))
        .order_by(number.desc(), col(QuestionRow.top))
        .limit(TOP)
    )
    ratings_ = select(col(FeedbackRow.useful), func.count()).where(col(FeedbackRow.at) >= start)
    rated = {useful: count for useful, count in await session.execute(ratings_.group_by(col(FeedbackRow.useful)))}  # noqa: C416
    return Statistics(
        sum(outcomes.values()),
        askers,
        outcomes,
        rated.get(True, 0),
        rated.get(False, 0),
        [(key, count) for key, count in top if key],
    )


async def ratings(session: AsyncSession, limit: int) -> list[Rating]:
    """The latest, newest first."""
    rows = await session.scalars(select(FeedbackRow).order_by(col(FeedbackRow.at).desc()).limit(limit))
    return [Rating(row.at, row.useful, row.question, tuple(row.measures)) for row in rows]
