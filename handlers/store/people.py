"""What is kept of a person, and how it is let go."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from handlers.model import NO_REPLY
from handlers.tables import ConversationRow, FeedbackRow, InboxRow, LearnedRow, PickRow, QuestionRow, WelcomeRow
from knowledge.codec import to_json
from knowledge.tables import columns
from scheduler.delivery import State
from scheduler.store.outbox import Storage
from scheduler.tables import BatchRow, OccurrenceRow, RecipientRow

PERSON = "user"  # how every table calls the column that says who somebody is
UNFINISHED = (State.SENDING, State.WAITING)  # of a batch: its bytes must stay as they are
TOGETHER = 500  # keys changed in a transaction: others wait to write for so long

# Where keys of deliveries last, and the column with the time of the row. Nothing but being the same joins the rows.
_LASTING = (
    (QuestionRow, "key", "at"),
    (FeedbackRow, "key", "at"),
    (FeedbackRow, "question_key", "at"),
    (PickRow, "key", "at"),
    (PickRow, "question_key", "at"),
    (LearnedRow, "question_key", "at"),
    (OccurrenceRow, "key", "created_at"),
)
# Of an app, a person and a message; with a word before it what was made of the delivery.
_NAMING = re.compile(r"(?:(?:late|alike|answer|unanswered:.+):)?\d+:([^:]+):\d+")


async def anonymise(storage: Storage, before: datetime, together: int = TOGETHER) -> None:
    """Takes the asker out of older questions and feedback, and the receivers out of older messages, and drops conversations
    that have rested since. It reads what there is to do and does it by and by, so that no other writer waits for long.

    :raises Unavailable: the database does not answer; what is left is for the next time.
    """
    async with storage.session() as session:
        keys = await _naming_before(session, before)
        batches = (await session.scalars(select(col(BatchRow.id)).where(*_requests_before(before)))).all()
    for start in range(0, len(keys), together):
        async with storage.transaction() as session:
            await _rename(session, keys[start : start + together])
    for start in range(0, len(batches), together):
        async with storage.transaction() as session:
            theirs = col(BatchRow.id).in_(batches[start : start + together])
            await session.execute(update(BatchRow).where(theirs).values(body=""))
    async with storage.transaction() as session:
        await _let_go(session, before)


async def _let_go(session: AsyncSession, before: datetime) -> None:
    for table in (QuestionRow, FeedbackRow):  # those whose keys name nobody, as of menu clicks
        theirs = col(table.at) < before, col(table.user).is_not(None)
        await session.execute(update(table).where(*theirs).values(user=None))
    await session.execute(delete(ConversationRow).where(col(ConversationRow.updated_at) < before))
    await session.execute(delete(WelcomeRow).where(col(WelcomeRow.day) < before.date()))


def _requests_before(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(BatchRow.claimed_at) < before, col(BatchRow.state).not_in(UNFINISHED), col(BatchRow.body) != ""


async def forget(session: AsyncSession, user: str) -> int:
    """Everything that says anything of a person, from every table: rows go, questions and ratings lose their asker.

    It works inside the caller's transaction. A message that is on its way still arrives; of those sent before, the
    request with its receivers is emptied.

    :param user: lower-case.
    :returns: how many rows and keys were deleted or changed.
    """
    touched = await _empty_requests(session, user)
    touched += await _empty_inbox(session, user)
    naming = await _naming(session, user)
    await _rename(session, naming)
    for table in SQLModel.metadata.sorted_tables[::-1]:
        if PERSON in table.columns:
            touched += await _forget_in(session, table, user)
    return touched + len(naming)


def nameless(key: str) -> str:
    """The key that a delivery has in the inbox once its sender is forgotten: its retries are still known by it."""
    return sha256(key.encode()).hexdigest()


def _named(key: str) -> str | None:
    """Whom a key names, if it does."""
    found = _NAMING.fullmatch(key)
    return found[1].lower() if found else None


async def _naming(session: AsyncSession, user: str) -> list[str]:
    """The lasting keys that name a person."""
    found: set[str] = set()
    for key, _ in _lasting():
        found.update(await session.scalars(select(key).where(_holds(key, user))))
    return sorted(key for key in found if _named(key) == user)


async def _naming_before(session: AsyncSession, before: datetime) -> list[str]:
    """The lasting keys that name anybody, in rows from before a moment."""
    found: dict[str, None] = {}
    for key, at in _lasting():
        keys = await session.stream_scalars(select(key).where(at < before, key.like("%:%:%")))
        async for some in keys.partitions(TOGETHER):  # at once they would hold the loop
            found |= dict.fromkeys(filter(_named, some))
    return list(found)


def _lasting() -> Iterator[tuple[ColumnElement[str], ColumnElement[datetime]]]:
    for table, key, at in _LASTING:
        yield columns(table).c[key], columns(table).c[at]


def _holds(key: ColumnElement[str], user: str) -> ColumnElement[bool]:
    return key.icontains(f":{user}:", autoescape=True)


async def _rename(session: AsyncSession, keys: Collection[str]) -> None:
    """Gives each key another one wherever it stands, so that rows stay joined; in rows of any age and version.

    By chance: a digest could be found out by trying, since half of a message's number is the time it was sent.
    """
    if not keys:
        return
    new = [{"old": key, "new": token_hex(16)} for key in sorted(keys)]  # in one order: two replicas may be at it
    connection = await session.connection()
    for table, name, _ in _LASTING:
        key = columns(table).c[name]
        changed: dict[str, Any] = {name: bindparam("new")}
        if name == "key" and PERSON in columns(table).c:
            changed[PERSON] = None
        await connection.execute(update(columns(table)).where(key == bindparam("old")).values(changed), new)


async def _empty_inbox(session: AsyncSession, user: str) -> int:
    """The deliveries seen stay for their retries, which get no reply any more: it may hold the person's own links."""
    inbox = columns(InboxRow)
    of_person = or_(inbox.c.user == user, _holds(inbox.c.key, user))
    found = await session.execute(select(inbox.c.key, inbox.c.user).where(of_person))
    keys = [key for key, whose in found if user in (whose, _named(key))]
    if keys:
        emptied = update(inbox).where(inbox.c.key == bindparam("old"))
        emptied = emptied.values(key=bindparam("new"), user=None, reply=to_json(NO_REPLY))
        new = [{"old": key, "new": nameless(key) if _named(key) else key} for key in sorted(keys)]
        await (await session.connection()).execute(emptied, new)
    return len(keys)


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
