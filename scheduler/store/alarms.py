"""What an admin must know of: kept, and told to the admins. Every function works inside the caller's transaction."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler import wording
from scheduler.delivery import Alarm, AlarmKind, Kind, Notice
from scheduler.store import occurrences
from scheduler.tables import AlarmRow

log = logging.getLogger("pilotbot.delivery")


@dataclass(frozen=True, slots=True)
class Kept:
    """An alarm that was raised."""

    id: int
    at: datetime
    alarm: Alarm

    @property
    def text(self) -> str:
        """For admins."""
        return wording.ALARMS[self.alarm.kind]


async def sound(session: AsyncSession, alarm: Alarm, now: datetime, admins: Collection[str]) -> None:
    """Keeps the alarm, and tells the admins at most once an hour of one kind.

    :param now: local.
    :param admins: user ids.
    """
    log.error("%s: %s", alarm.kind, alarm.detail)
    session.add(AlarmRow(at=now, kind=alarm.kind.value, text=alarm.detail))
    await session.flush()
    text = wording.alarm_text(alarm.kind, alarm.detail, now)
    notice = Notice(f"alarm:{alarm.kind}:{now.astimezone(UTC):%Y%m%d%H}", Kind.ALARM, {"text": text})
    await occurrences.push(session, notice, admins, now)


async def listed(session: AsyncSession, limit: int = 50) -> tuple[Kept, ...]:
    """The latest, newest first."""
    rows = await session.scalars(select(AlarmRow).order_by(col(AlarmRow.id).desc()).limit(limit))
    return tuple(Kept(row.id, row.at, Alarm(AlarmKind(row.kind), row.text)) for row in rows)
