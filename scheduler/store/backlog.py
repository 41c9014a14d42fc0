"""How much is still to be delivered, for operators. Works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler.delivery import State
from scheduler.store import quota
from scheduler.tables import RecipientRow

UNSETTLED = (State.PLANNED, State.SENDING, State.WAITING, State.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Backlog:
    unsettled: Mapping[State, int]  # every state of UNSETTLED -> people to be told one thing
    oldest_due: datetime | None  # since when the one that is due for longest waits
    sent_today: int  # messages to people on the platform's day


async def backlog(session: AsyncSession, now: datetime) -> Backlog:
    """What is not settled at `now`."""
    state, due_at = col(RecipientRow.state), col(RecipientRow.due_at)
    counted = await session.execute(select(state, func.count()).where(state.in_(UNSETTLED)).group_by(state))
    numbers = {State(word): number for word, number in counted}
    open_ = state.in_([State.PLANNED, State.SENDING, State.WAITING])
    oldest = await session.scalar(select(func.min(due_at)).where(open_, due_at <= now))
    used = await quota.used(session, quota.day_of(now))
    return Backlog({each: numbers.get(each, 0) for each in UNSETTLED}, oldest, used)
