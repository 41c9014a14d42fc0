"""An admin's message to many: drafted, looked at, tried on oneself, confirmed once; each row is its own audit.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from scheduler import messages, texts, wording
from scheduler.delivery import Kind, Notice
from scheduler.store import occurrences, quota
from scheduler.store.batches import RECEIVERS
from scheduler.tables import BroadcastRow, SubscriberRow

MAX_BYTES = 1900  # of the admin's own words: what is added to them has to fit too


class BroadcastError(ValueError):
    """A broadcast that cannot be; the message is for the admin."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One broadcast and who did what with it."""

    id: str
    author: str
    text: str  # the admin's own words
    topic: str | None  # who gets it: followers of it; None: whoever follows anything
    drafted_at: datetime
    tried_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    occurrence: int | None  # of the deliveries, once confirmed


@dataclass(frozen=True, slots=True)
class Preview:
    """What confirming would do now."""

    text: str  # as people would see it
    receivers: int
    used: int  # messages of the day, so far
    quota: int | None  # of the day; None: not known

    @property
    def calls(self) -> int:
        """Calls of the platform that it takes."""
        return -(-self.receivers // RECEIVERS)

    @property
    def days(self) -> int:
        """On how many days it would be sent, today included, for the quota's sake."""
        if self.quota is None:
            return 1
        over = max(self.receivers - max(self.quota - self.used, 0), 0)
        return 1 + -(-over // self.quota)


async def draft(session: AsyncSession, id_: str, author: str, text: str, topic: str | None, now: datetime) -> None:
    """Keeps a broadcast that nobody gets before it is confirmed.

    :param id_: fresh.
    :raises BroadcastError: it is empty or too long.
    """
    words = messages.harmless(text.strip())
    if not words:
        raise BroadcastError(texts.EMPTY_BROADCAST)
    if len(words.encode()) > MAX_BYTES:
        raise BroadcastError(texts.LONG_BROADCAST.format(size=len(words.encode()), most=MAX_BYTES))
    session.add(BroadcastRow(id=id_, author=author, text=words, topic=topic, drafted_at=now))
    await session.flush()


async def find(session: AsyncSession, id_: str) -> Broadcast | None:
    row = await session.get(BroadcastRow, id_, populate_existing=True)
    return _broadcast(row) if row else None


async def listed(session: AsyncSession, limit: int = 50) -> tuple[Broadcast, ...]:
    """The latest, newest first; drafts too."""
    rows = await session.scalars(select(BroadcastRow).order_by(col(BroadcastRow.drafted_at).desc()).limit(limit))
    return tuple(map(_broadcast, rows))


async def preview(session: AsyncSession, broadcast: Broadcast, now: datetime, accounts: int | None) -> Preview:
    """
    :param now: local.
    :param accounts: the corporation's account limit, if known.
    """
    people = select(func.count()).select_from(SubscriberRow).where(*occurrences.audience(_topics(broadcast), None))
    return Preview(
        text=wording.broadcast_text(broadcast.text, now, await _times(session, broadcast)),
        receivers=await session.scalar(people) or 0,
        used=await quota.used(session, quota.day_of(now)),
        quota=accounts * quota.PER_ACCOUNT if accounts else None,
    )


async def try_out(session: AsyncSession, broadcast: Broadcast, user: str, now: datetime) -> bool:
    """Sends it to one admin alone; False for a second time within one second.

    :param now: local.
    """
    await session.execute(update(BroadcastRow).where(col(BroadcastRow.id) == broadcast.id).values(tried_at=now))
    text = wording.TRIAL.format(text=broadcast.text, at=now)
    notice = Notice(f"trial:{broadcast.id}:{user}:{now.timestamp():.0f}", Kind.BROADCAST, {"text": text})
    return await occurrences.push(session, notice, [user], now)


async def confirm(session: AsyncSession, broadcast: Broadcast, by: str, now: datetime) -> int | None:
    """Sends it; however often it is confirmed, once.

    :param now: local.
    :returns: how many people; None where it had been confirmed before.
    """
    text = wording.broadcast_text(broadcast.text, now, await _times(session, broadcast))
    notice = Notice(f"broadcast:{broadcast.id}", Kind.BROADCAST, {"text": text})
    occurrence = await occurrences.add(session, notice, now, broadcast.topic)
    if occurrence is None:
        return None
    signed = {"confirmed_by": by, "confirmed_at": now, "occurrence_id": occurrence}
    await session.execute(update(BroadcastRow).where(col(BroadcastRow.id) == broadcast.id).values(**signed))
    return await occurrences.tell_followers(session, occurrence, _topics(broadcast), None, now)


def _topics(broadcast: Broadcast) -> tuple[str, ...] | None:
    return (broadcast.topic,) if broadcast.topic else None


async def _times(session: AsyncSession, broadcast: Broadcast) -> int:
    """How often the same words will have been sent with this time."""
    same = col(BroadcastRow.text) == broadcast.text, col(BroadcastRow.confirmed_at).is_not(None)
    return 1 + (await session.scalar(select(func.count()).select_from(BroadcastRow).where(*same)) or 0)


def _broadcast(row: BroadcastRow) -> Broadcast:
    return Broadcast(
        row.id,
        row.author,
        row.text,
        row.topic,
        row.drafted_at,
        row.tried_at,
        row.confirmed_by,
        row.confirmed_at,
        row.occurrence_id,
    )
