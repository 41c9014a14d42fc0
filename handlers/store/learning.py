"""Questions that wait for an admin, and what was made of them. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.learning import Act, Unanswered
from handlers.tables import FeedbackRow, LearnedRow, PickRow, QuestionRow
from knowledge.model import Outcome
from knowledge.tables import insert
from scheduler.delivery import Kind, Notice
from scheduler.store import occurrences

MOST = 2000  # questions looked at, the newest


async def unanswered(session: AsyncSession, since: datetime) -> list[Unanswered]:
    """The newest questions that got none, choices without a pick, or 没用, and that no admin has seen to."""
    useless = exists().where(col(FeedbackRow.question_key) == col(QuestionRow.key), ~col(FeedbackRow.useful))
    picked = exists().where(col(PickRow.question_key) == col(QuestionRow.key))
    learned = exists().where(col(LearnedRow.question_key) == col(QuestionRow.key))
    badly = or_(
        col(QuestionRow.outcome) == Outcome.NONE, and_(col(QuestionRow.outcome) == Outcome.CHOICES, ~picked), useless
    )
    found = await session.execute(
        select(QuestionRow, useless.label("useless"))
        .where(col(QuestionRow.at) >= since, badly, ~learned)
        .order_by(col(QuestionRow.at).desc())
        .limit(MOST)
    )
    return [Unanswered(q.key, q.user, q.text, q.at, q.outcome, bool(bad), q.top) for q, bad in found if q.text.strip()]


@dataclass(slots=True)
class Record:
    """Work for a transaction: what was made of questions, and telling their askers. `told` counts them afterwards."""

    keys: Collection[str]
    act: Act
    measure: str | None  # id
    who: str
    answer: str | None  # what the askers are told, if anything
    since: datetime  # who asked before is not told
    now: datetime
    told: int = 0

    async def __call__(self, session: AsyncSession) -> None:
        new = await learn(session, self.keys, self.act, self.measure, self.who, self.now)
        self.told = await answer(session, new, self.since, self.answer, self.now) if new and self.answer else 0


async def learn(
    session: AsyncSession, keys: Collection[str], act: Act, measure: str | None, who: str, now: datetime
) -> set[str]:
    """Records what was made of questions, and returns the keys of those that nobody had seen to before."""
    rows = [
        {"question_key": key, "act": act.value, "measure": measure, "who": who, "at": now} for key in sorted(set(keys))
    ]
    if not rows:
        return set()
    statement = insert(session, LearnedRow).on_conflict_do_nothing(index_elements=["question_key"])
    return set(await session.scalars(statement.returning(col(LearnedRow.question_key)), rows))


async def answer(session: AsyncSession, keys: Collection[str], since: datetime, text: str, now: datetime) -> int:
    """Tells the askers of questions their answer, each person once, and returns how many will be told.

    :param since: who asked before is not told.
    """
    asked = select(col(QuestionRow.user)).where(
        col(QuestionRow.key).in_(keys), col(QuestionRow.at) >= since, col(QuestionRow.user).is_not(None)
    )
    users = {user for user in await session.scalars(asked) if user}
    if not users:
        return 0
    # A question is learned once, so the first one of them can stand for the act.
    notice = Notice(f"answer:{min(keys)}", Kind.ANSWER, {"text": text})
    occurrence = await occurrences.add(session, notice, now)
    if occurrence is None:
        return 0
    await occurrences.tell(session, occurrence, users, now)
    return len(users)
