"""What a clock that was ahead has left behind, once it shows the right time. Works inside the caller's transaction.

Instants that still lie ahead are then wrong, and nobody knows how long ago they really were. Left alone, what waits would
wait until they come, and an attempt could be repeated when the platform's duplicate check no longer reaches back to it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Update, case, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.tables import Instant
from scheduler.delivery import State
from scheduler.retry import CLOCK_SLACK, WINDOW
from scheduler.store.batches import LEASE
from scheduler.tables import BatchRow, HoldRow, OccurrenceRow, RecipientRow, SubscriberRow


async def put_right(session: AsyncSession, now: datetime) -> None:
    """Nothing was recorded or tried later than now; what waits because of that is due."""
    ahead = now + CLOCK_SLACK
    await session.execute(_attempts(now).where(col(BatchRow.claimed_at) > ahead))
    recorded_ahead = select(col(OccurrenceRow.id)).where(col(OccurrenceRow.created_at) > ahead)
    waiting = col(RecipientRow.state) == State.PLANNED, col(RecipientRow.due_at) > now
    mine = update(RecipientRow).where(col(RecipientRow.occurrence_id).in_(recorded_ahead), *waiting)
    await session.execute(mine.values(due_at=now))
    pauses = update(HoldRow).where(col(HoldRow.since) > ahead, col(HoldRow.until).is_not(None))
    await session.execute(pauses.values(since=now, until=now))
    tried = update(RecipientRow).where(col(RecipientRow.attempted_at) > ahead)
    await session.execute(tried.values(attempted_at=now))
    gone = update(SubscriberRow).where(col(SubscriberRow.unreachable_since) > ahead)
    await session.execute(gone.values(unreachable_since=now))


def _attempts(now: datetime) -> Update:
    """A call under way has a lease to end in; else an attempt counts as too long ago to be repeated if it is unclear."""
    long_ago = now - WINDOW
    unclear = case((col(BatchRow.unknown_since).is_not(None), literal(long_ago, Instant())))
    open_ = col(BatchRow.state).in_([State.SENDING.value, State.WAITING.value])
    return update(BatchRow).where(open_).values(claimed_at=long_ago, unknown_since=unclear, next_at=now + LEASE)
