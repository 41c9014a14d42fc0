"""The app's messages of a day, counted before they are sent. Shared by all replicas.

Every function works inside the caller's transaction. The platform's days are those of China.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.tables import columns, insert
from scheduler.tables import QuotaRow

PER_ACCOUNT = 200  # messages a day: https://developer.work.weixin.qq.com/document/path/90236
_CHINA = ZoneInfo("Asia/Shanghai")


def day_of(now: datetime) -> date:
    """The platform's day."""
    return now.astimezone(_CHINA).date()


def end_of(day: date) -> datetime:
    """When the platform begins to count anew."""
    return datetime.combine(day + timedelta(days=1), time(), _CHINA)


async def spend(session: AsyncSession, day: date, messages: int) -> None:
    """Counts messages of the app on one of the platform's days."""
    upsert = insert(session, QuotaRow)
    table = columns(QuotaRow).c
    statement = upsert.on_conflict_do_update(index_elements=["day"], set_={"used": table.used + upsert.excluded.used})
    await session.execute(statement, {"day": day, "used": messages})


async def used(session: AsyncSession, day: date) -> int:
    """Messages of the app on that day, to look at."""
    return await session.scalar(select(col(QuotaRow.used)).where(col(QuotaRow.day) == day)) or 0


async def spent(session: AsyncSession, day: date) -> int:
    """Messages of the app on that day. Locks the count, so that two replicas do not spend the same rest."""
    await spend(session, day, 0)
    statement = select(col(QuotaRow.used)).where(col(QuotaRow.day) == day).with_for_update()
    return await session.scalar(statement) or 0
