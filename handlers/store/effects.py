"""What a message changes in what its sender follows and is told. Works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.model import (
    Effect,
    Follow,
    Leave,
    MarkMilestone,
    Pause,
    RenewCalendar,
    Resume,
    SetCadence,
    Snooze,
    Unfollow,
)
from scheduler.delivery import Mark
from scheduler.store import followers, occurrences


async def carry_out(session: AsyncSession, user: str, effects: Iterable[Effect], at: datetime) -> None:
    """In their order, as of `at`."""
    for effect in effects:
        await _carry_out(session, user, effect, at)


async def _carry_out(session: AsyncSession, user: str, effect: Effect, at: datetime) -> None:
    match effect:
        case Follow(topics):
            await followers.follow(session, user, topics, at)
        case Unfollow(topics):
            await followers.unfollow(session, user, topics)
        case SetCadence(cadence, due_at):
            await followers.set_cadence(session, user, cadence, due_at)
        case Pause():
            await followers.pause(session, user, at)
        case Resume():
            await followers.resume(session, user)
        case Leave():
            await followers.lost(session, [user], at)
        case RenewCalendar():
            await followers.renew_calendar(session, user)
        case MarkMilestone() | Snooze():
            await _on_milestone(session, user, effect, at)


async def _on_milestone(session: AsyncSession, user: str, effect: MarkMilestone | Snooze, at: datetime) -> None:
    match effect:
        case MarkMilestone(milestone, mark):
            await occurrences.mark(session, user, milestone.id, milestone.revision, mark, at)
            if mark is Mark.DONE:
                await occurrences.withdraw(session, user, milestone)
        case Snooze(milestone, due_at, expires_at):
            await occurrences.snooze(session, user, milestone, due_at, expires_at, at)
