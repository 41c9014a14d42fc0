"""What was told, is being told and will be, for admins; and telling it again.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.store import versions
from scheduler import messages, wording
from scheduler.delivery import Kind, Notice, State
from scheduler.store import occurrences
from scheduler.tables import BatchRow, OccurrenceRow, RecipientRow

# Not known to have arrived, and not about to.
FAILED = (State.INVALID, State.EXPIRED, State.GIVEN_UP, State.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing for one person."""

    occurrence: int
    user: str
    kind: Kind
    subject: str  # what it is about, in one line
    state: State
    at: datetime  # of the attempt, or when it is due
    code: int | None  # the platform's latest answer to the call; None: no call or no answer
    detail: str  # its words
    request: str | None  # id of the request that caused it; None: time did


@dataclass(frozen=True, slots=True)
class Round:
    """One thing for everybody who is told it."""

    occurrence: int
    kind: Kind
    subject: str
    recorded_at: datetime
    expires_at: datetime | None
    counts: Mapping[State, int]  # people by what became of it; no zeros
    change: int | None  # of the knowledge, that it tells of


async def listed(
    session: AsyncSession,
    *,
    user: str | None = None,
    states: Collection[State] = tuple(State),
    kinds: Collection[Kind] = tuple(Kind),
    occurrence: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Delivery, ...]:
    """Deliveries, newest first, as far as all conditions hold."""
    at = func.coalesce(col(RecipientRow.attempted_at), col(RecipientRow.due_at))
    found = (
        select(RecipientRow, OccurrenceRow, BatchRow)
        .join(OccurrenceRow, col(OccurrenceRow.id) == col(RecipientRow.occurrence_id))
        .outerjoin(BatchRow, col(BatchRow.id) == col(RecipientRow.batch_id))
        .where(*_conditions(user, states, kinds, occurrence))
        .order_by(at.desc(), col(RecipientRow.occurrence_id).desc(), col(RecipientRow.user))
    )
    rows = await session.execute(found.limit(limit).offset(offset))
    return tuple(_delivery(recipient, told, batch) for recipient, told, batch in rows)


async def rounds(
    session: AsyncSession,
    *,
    kinds: Collection[Kind] = tuple(Kind),
    change: int | None = None,
    limit: int = 50,
    before: int | None = None,
) -> tuple[Round, ...]:
    """What was and will be told, newest first, with the number of people by state.

    :param change: only what tells of this change of the knowledge.
    :param before: the occurrence of the last one seen, for the next page.
    """
    found = select(OccurrenceRow).where(col(OccurrenceRow.kind).in_([kind.value for kind in kinds]))
    if change is not None:
        found = found.where(col(OccurrenceRow.change_id) == change)
    if before is not None:
        found = found.where(col(OccurrenceRow.id) < before)
    rows = list(await session.scalars(found.order_by(col(OccurrenceRow.id).desc()).limit(limit)))
    counts = await _counts(session, [row.id for row in rows])
    return tuple(
        Round(
            r.id,
            Kind(r.kind),
            messages.subject(Kind(r.kind), r.content),
            r.created_at,
            r.expires_at,
            counts[r.id],
            r.change_id,
        )
        for r in rows
    )


async def resend(session: AsyncSession, occurrence: int, now: datetime, users: Collection[str] | None = None) -> int:
    """Tells it again, visibly so, to those whom it has not surely reached, or to the people named.

    :param now: local.
    :param users: recipients of it; those for whom it is still planned or on its way are left out.
    :returns: how many; 0 also where it is of no use any more, or was taken back.
    """
    row = await session.get(OccurrenceRow, occurrence)
    if row is None or (row.expires_at and row.expires_at <= now):
        return 0
    found = select(col(RecipientRow.user)).where(col(RecipientRow.occurrence_id) == occurrence)
    if users is None:
        found = found.where(col(RecipientRow.state).in_(FAILED))
    else:
        closed = col(RecipientRow.state).not_in((State.PLANNED, State.SENDING))
        found = found.where(col(RecipientRow.user).in_([user.lower() for user in users]), closed)
    people = list(await session.scalars(found))
    if not people:
        return 0
    if row.change_id is not None and await versions.undone(session, [row.change_id]):
        return 0
    content = {**row.content, "resent": wording.RESENT.format(at=now)}
    key = f"resend:{occurrence}:{now.timestamp():.6f}"
    await occurrences.push(session, Notice(key, Kind(row.kind), content, row.expires_at, row.change_id), people, now)
    return len(people)


def _conditions(
    user: str | None, states: Collection[State], kinds: Collection[Kind], occurrence: int | None
) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        col(RecipientRow.state).in_([state.value for state in states]),
        col(OccurrenceRow.kind).in_([kind.value for kind in kinds]),
    ]
    if user is not None:
        conditions.append(col(RecipientRow.user) == user.lower())
    if occurrence is not None:
        conditions.append(col(RecipientRow.occurrence_id) == occurrence)
    return conditions


def _delivery(recipient: RecipientRow, told: OccurrenceRow, batch: BatchRow | None) -> Delivery:
    answer = batch.answer if batch and batch.answer else {}
    return Delivery(
        told.id,
        recipient.user,
        Kind(told.kind),
        messages.subject(Kind(told.kind), told.content),
        State(recipient.state),
        recipient.attempted_at or recipient.due_at,
        answer.get("code"),
        answer.get("detail", ""),
        told.request,
    )


async def _counts(session: AsyncSession, occurrences_: Sequence[int]) -> Mapping[int, dict[State, int]]:
    counts: defaultdict[int, dict[State, int]] = defaultdict(dict)
    rows = await session.execute(
        select(col(RecipientRow.occurrence_id), col(RecipientRow.state), func.count())
        .where(col(RecipientRow.occurrence_id).in_(occurrences_))
        .group_by(col(RecipientRow.occurrence_id), col(RecipientRow.state))
    )
    for occurrence, state, number in rows:
        counts[occurrence][State(state)] = number
    return counts
