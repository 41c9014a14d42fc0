"""Why nothing is sent at the moment. Shared by all replicas; every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.tables import columns, insert
from scheduler.delivery import HoldKind
from scheduler.retry import Pause
from scheduler.tables import HoldRow

ADMINS_OWN = (HoldKind.FROZEN, HoldKind.INVALID, HoldKind.CONFIGURATION)  # what `release` ends


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason."""

    kind: HoldKind
    reason: str  # for admins
    since: datetime
    until: datetime | None  # the next try; None: until an admin lifts it
    times: int  # in a row


async def freeze(session: AsyncSession, by: str, now: datetime) -> bool:
    """An admin stops all sending, alarms excepted; False if it was stopped. Nothing is lost: what is due waits."""
    return await hold(session, Pause(HoldKind.FROZEN, by, None), now)


async def release(session: AsyncSession) -> tuple[HoldKind, ...]:
    """An admin lets the sending go on, whether a person or a fault had stopped it.

    :returns: what had stopped it; the pauses that the platform asks for stay.
    """
    stopped = delete(HoldRow).where(col(HoldRow.kind).in_([kind.value for kind in ADMINS_OWN]))
    return tuple(HoldKind(kind) for kind in await session.scalars(stopped.returning(col(HoldRow.kind))))


async def holds(session: AsyncSession) -> Mapping[HoldKind, Hold]:
    """Why nothing is sent, if so; a pause whose end has come holds no longer."""
    rows = await session.scalars(select(HoldRow))
    return {HoldKind(r.kind): Hold(HoldKind(r.kind), r.reason, r.since, r.until, r.times) for r in rows}


async def hold(session: AsyncSession, pause: Pause, now: datetime) -> bool:
    """Stops the sending, or prolongs the stop; False if it had stopped for that before."""
    upsert = insert(session, HoldRow)
    row, new = columns(HoldRow).c, upsert.excluded
    # One statement: of two calls that end at once, both would find no row and write one.
    noted = await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["kind"], set_={"reason": new.reason, "until": new.until, "times": row.times + 1}
        ).returning(row.times),
        {"kind": pause.kind.value, "reason": pause.reason, "since": now, "until": pause.until, "times": 1},
    )
    return bool(noted.scalar_one() == 1)


async def probe(session: AsyncSession, kind: HoldKind, until: datetime) -> None:
    """One call may try whether the reason is gone; the others wait for what it finds, until then."""
    await session.execute(update(HoldRow).where(col(HoldRow.kind) == kind.value).values(until=until))


async def lift(session: AsyncSession, *kinds: HoldKind) -> None:
    """Lets the sending go on, as far as these are concerned."""
    await session.execute(delete(HoldRow).where(col(HoldRow.kind).in_([kind.value for kind in kinds])))
