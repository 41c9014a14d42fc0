"""What is kept of a person, and how it is let go. Every function works inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from handlers.tables import ConversationRow, FeedbackRow, QuestionRow, WelcomeRow
from scheduler.delivery import State
from scheduler.tables import BatchRow, RecipientRow

PERSON = "user"  # how every table calls the column that says who somebody is
UNFINISHED = (State.SENDING, State.WAITING)  # of a batch: its bytes must stay as they are


async def anonymise(session: AsyncSession, before: datetime) -> int:
    """Takes the asker out of older questions and feedback, and drops conversations that have rested since.

    :returns: how many questions and ratings lost their asker.
    """
    lost = 0
    for table in (QuestionRow, FeedbackRow):
        old = update(table).where(col(table.at) < before, col(table.user).is_not(None)).values(user=None)
        lost += len((await session.scalars(old.returning(col(table.id)))).all())
    await session.execute(delete(ConversationRow).where(col(ConversationRow.updated_at) < before))
    await session.execute(delete(WelcomeRow).where(col(WelcomeRow.day) < before.date()))
    return lost


async def forget(session: AsyncSession, user: str) -> int:
    """Everything that says anything of a person, from every table: rows go, questions and ratings lose their asker.

    A message that is on its way still arrives; of those sent before, the request with its receivers is emptied.

    :param user: lower-case.
    :returns: how many rows were deleted or changed.
    """
    touched = await _empty_requests(session, user)
    for table in SQLModel.metadata.sorted_tables[::-1]:
        if PERSON in table.columns:
            touched += await _forget_in(session, table, user)
    return touched


async def _forget_in(session: AsyncSession, table: Table, user: str) -> int:
    person = table.columns[PERSON]
    found = await session.scalar(select(func.count()).select_from(table).where(person == user)) or 0
    anonymous = update(table).where(person == user).values({person: None})
    await session.execute(anonymous if person.nullable else delete(table).where(person == user))
    return found


async def _empty_requests(session: AsyncSession, user: str) -> int:
    theirs = select(col(RecipientRow.batch_id)).where(col(RecipientRow.user) == user)
    emptied = (
        update(BatchRow)
        .where(col(BatchRow.id).in_(theirs), col(BatchRow.state).not_in(UNFINISHED), col(BatchRow.body) != "")
        .values(body="")
        .returning(col(BatchRow.id))
    )
    return len((await session.scalars(emptied)).all())
