"""What messages leave in the tables: each delivery once, with its question, its feedback and the sender's state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from handlers.model import Leave, Outcome, Reply, Welcomed
from handlers.store import effects
from handlers.tables import ConversationRow, FeedbackRow, InboxRow, PickRow, QuestionRow, WelcomeRow
from knowledge.codec import Encoded, encode, to_json
from knowledge.store.bulk import Bulk, Insert
from knowledge.tables import Instant, columns, insert
from scheduler.store import followers

CLOCK_SLACK = timedelta(minutes=1)  # how far the clocks of two replicas may differ

_by_key = attrgetter("key")
_LEAVE = Leave()


@dataclass(frozen=True, slots=True)
class Record:
    """A delivery and what became of it."""

    key: str
    reply: Reply
    outcome: Outcome
    at: datetime  # no two records of one process share it

    @property
    def user(self) -> str | None:
        """None: nothing is recorded of the person."""
        outcome = self.outcome
        part = outcome.state or outcome.asked or outcome.rated or outcome.welcomed
        return part.user if part else None


class Delivery(NamedTuple):
    """Something that is to have its effect once."""

    key: str
    user: str | None  # None: nothing is recorded of the person
    at: datetime  # no two of one process share it
    reply: Reply


async def write(session: AsyncSession, records: Sequence[Record], now: datetime) -> set[str]:
    """Gives effect to the records whose delivery is new, and returns their keys.

    Rows are written in the order of their keys: two replicas in different orders would lock each other out.

    :param records: the oldest first.
    """
    new = await first_seen(session, [Delivery(r.key, r.user, r.at, r.reply) for r in records])
    written = [record for record in records if record.key in new]
    outcomes = [record.outcome for record in written]
    await _QUESTIONS.write(session, [outcome.asked for outcome in outcomes if outcome.asked])
    await _FEEDBACK.write(session, [outcome.rated for outcome in outcomes if outcome.rated])
    await _PICKS.write(session, [outcome.picked for outcome in outcomes if outcome.picked])
    await _write_states(session, written, now)
    for record in written:
        if record.outcome.effects:
            await effects.carry_out(session, record.outcome.user, record.outcome.effects, record.at)
    await followers.back(session, _heard(written))
    return new


async def greets_first(session: AsyncSession, welcomed: Welcomed) -> bool:
    """Notes the welcome; False when the person has been greeted on that day, as by a second device at once."""
    upsert = insert(session, WelcomeRow)
    newer = columns(WelcomeRow).c.day < upsert.excluded.day
    statement = upsert.on_conflict_do_update(index_elements=["user"], set_={"day": upsert.excluded.day}, where=newer)
    noted = await session.execute(statement.returning(upsert.table.c.day), {"user": welcomed.user, "day": welcomed.on})
    return noted.first() is not None


class _Once:
    """A table that has one row for each delivery, whatever has been written before."""

    def __init__(self, table: type[SQLModel], *names: str) -> None:
        """:param names: of the columns, the key first; the same as the attributes of what is written."""
        self._values = attrgetter(*names)
        self._bulk = Bulk(table, names, lambda insert: insert.on_conflict_do_nothing(index_elements=["key"]))

    async def write(self, session: AsyncSession, parts: Sequence[Any]) -> int:
        """How many were new."""
        return await self._bulk.write(session, sorted(map(self._values, parts)))


_DELIVERIES = Bulk(
    InboxRow,
    ("key", "user", "received_at", "reply"),
    lambda insert: insert.on_conflict_do_nothing(index_elements=["key"]),
)
_QUESTIONS = _Once(QuestionRow, "key", "user", "text", "at", "outcome", "top", "score")
_FEEDBACK = _Once(FeedbackRow, "key", "user", "at", "useful", "question", "question_key", "measures")
_PICKS = _Once(PickRow, "key", "at", "question_key", "measure")


_TO_COME = bindparam("to_come", type_=Instant)


def _latest_wins(insert: Insert) -> Insert:
    """The latest state of each person, whichever replica writes first."""
    stored, new = columns(ConversationRow).c, insert.excluded
    # A time that is still to come was written before the clock was put back.
    older = or_(stored.updated_at < new.updated_at, stored.updated_at > _TO_COME)
    return insert.on_conflict_do_update(
        index_elements=["user"], set_={"state": new.state, "updated_at": new.updated_at}, where=older
    )


_STATES = Bulk(ConversationRow, ("user", "state", "updated_at"), _latest_wins, [_TO_COME])


@lru_cache(maxsize=1000)  # many people get the same reply
def _encoded(reply: Reply) -> Encoded:
    return Encoded(encode(to_json(reply)))


async def first_seen(session: AsyncSession, deliveries: Sequence[Delivery]) -> set[str]:
    """Notes deliveries, and returns the keys of those that had not been noted before: nearly always all of them.

    The row count tells, since a RETURNING would cost more than the writing. Only of a batch that is known in part the time
    tells which are ours; should another replica's be the same to the microsecond, nothing is written twice all the same.
    """
    rows = [(key, user, at, _encoded(reply)) for key, user, at, reply in sorted(deliveries, key=_by_key)]
    noted = await _DELIVERIES.write(session, rows)
    ours = {delivery.key: delivery.at for delivery in deliveries}
    if noted in (0, len(ours)):
        return set(ours) if noted else set()
    stored = select(col(InboxRow.key), col(InboxRow.received_at)).where(col(InboxRow.key).in_(ours))
    return {key for key, received_at in await session.execute(stored) if received_at == ours[key]}


async def noted(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Those of the keys that a delivery was noted under."""
    return set(await session.scalars(select(col(InboxRow.key)).where(col(InboxRow.key).in_(keys))))


async def _write_states(session: AsyncSession, records: Sequence[Record], now: datetime) -> None:
    states = {state.user: (record.at, state) for record in records if (state := record.outcome.state)}
    rows = [(user, to_json(state), at) for user, (at, state) in sorted(states.items())]
    await _STATES.write(session, rows, now + CLOCK_SLACK)


def _heard(records: Sequence[Record]) -> dict[str, datetime]:
    """Who wrote when, last; leaving is the one event that says the contrary of being there."""
    return {r.outcome.user: r.at for r in records if r.outcome.user and _LEAVE not in r.outcome.effects}
