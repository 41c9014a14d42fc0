"""Once a person is let go, no row of any table holds their id; who is called almost the same loses nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from bot.database import Database
from handlers.model import Block, Outcome, Reply
from handlers.model import State as Conversation
from handlers.store import people
from handlers.store.journal import Journal
from handlers.tables import (
    ConversationRow,
    FeedbackRow,
    InboxRow,
    LearnedRow,
    PickRow,
    QuestionRow,
    WelcomeRow,
)
from knowledge.codec import encode, to_json
from scheduler.tables import BatchRow, MarkRow, OccurrenceRow, RecipientRow, SubscriberRow, SubscriptionRow

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LIMIT = NOW - timedelta(days=180)
OLD, YOUNG = LIMIT - timedelta(days=1), LIMIT + timedelta(days=1)
# Tables that know no people, or admins only, whose acts stay on record.
IMPERSONAL = {
    "access_token", "alarm", "audit", "broadcast", "change", "entry", "hold", "quota", "revision", "secret_key", "seen",
    "settled", "upload", "vector",
}  # fmt: skip
UNTIL_FORGOTTEN = {"subscriber", "subscription", "mark", "recipient"}
FOR_RETRIES = {"inbox"}  # emptied after a day
PEOPLE = [
    ("li", "lily"),
    ("li", "x-li"),
    ("li_m", "lixm"),
    ("li%", "lim"),
    ("li.m", "li-m"),
    ("li@a", "li"),
    ("77", "1000002"),  # like the number of a message, like that of the app
    ("1000002", "77"),
    ("3", "30"),  # like the revision in the key of a reminder
]


def key(user: str, number: int) -> str:
    """Of a delivery, as `bot.wecom.messages` makes it."""
    return f"1000002:{user}:{number}"


def talk(user: str, at: datetime, number: int = 70, occurrence: int = 1) -> list[SQLModel]:
    """What a question leaves, and what became of it: one row of each kind for each person."""
    asked, rated, picked, late = (key(user, number + n) for n in range(4))
    return [
        QuestionRow(key=asked, user=user, text="怎么办", at=at, outcome="choices", score=1.0),
        FeedbackRow(
            key=rated, user=user, at=at, useful=False, question="怎么办", question_key=asked, measures=["m"]
        ),
        PickRow(key=picked, at=at, question_key=asked, measure="m"),
        LearnedRow(question_key=asked, act="answered", who="admin", at=at),
        ConversationRow(user=user, state=to_json(Conversation(user, question_key=asked)), updated_at=at),
        WelcomeRow(user=user, day=at.date()),
        OccurrenceRow(id=occurrence, key=f"answer:{late}", kind="answer", content={}, created_at=at),
        OccurrenceRow(id=occurrence + 1, key=f"late:{late}", kind="answer", content={}, created_at=at),
        OccurrenceRow(id=occurrence + 3, key=f"alike:{late}", kind="answer", content={}, created_at=at),
        OccurrenceRow(id=occurrence + 2, key=f"unanswered:{at.isoformat()}:{late}", kind="answer", content={}, created_at=at),
        BatchRow(
            id=f"batch {occurrence}", occurrence_id=occurrence, body=encode({"touser": user}), built_on=at.date(), size=1,
            state="sent", attempts=1, claimed_at=at, next_at=at, owner="x",
        ),
        RecipientRow(occurrence_id=occurrence, user=user, state="sent", due_at=at, batch_id=f"batch {occurrence}"),
        InboxRow(key=asked, user=user, received_at=at, reply=to_json(Reply((Block(f"…?person={user}"),)))),
        InboxRow(key=picked, received_at=at, reply=to_json(Reply())),
        InboxRow(key=f"late:{late}", user=user, received_at=at, reply=to_json(Reply())),
        SubscriberRow(user=user, cadence="daily"),
        SubscriptionRow(user=user, topic="all", since=at),
        MarkRow(user=user, milestone="m", revision=1, kind="done", at=at),
    ]  # fmt: skip


async def keep(database: Database, *rows: SQLModel) -> None:
    async with database.transaction() as session:
        session.add(OccurrenceRow(id=900, key="reminder:m:3:1", kind="reminder", content={}, created_at=OLD))
        for row in rows:
            session.add(row)
            await session.flush()


async def holding(database: Database, user: str) -> dict[str, list[str]]:
    """Table -> its rows that hold the id in any column, as text."""
    as_word = re.compile(rf"(?<![\w.@%-]){re.escape(user)}(?![\w.@%-])", re.IGNORECASE)
    found: dict[str, list[str]] = {}
    async with database.session() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                texts = [as_text(value) for value in row]
                if any(as_word.search(text) for text in texts):
                    found.setdefault(table.name, []).append(" | ".join(texts))
    return found


def as_text(value: Any) -> str:
    if isinstance(value, (datetime, date, int, float)):  # can hold no id, but look like one
        return ""
    return value if isinstance(value, str) else encode(value) if isinstance(value, (dict, list)) else str(value)


async def links(database: Database) -> list[tuple[Any, ...]]:
    """Each question with what refers to it."""
    joined = (
        select(QuestionRow.id, FeedbackRow.useful, PickRow.measure, LearnedRow.act)  # type: ignore[call-overload]
        .join(FeedbackRow, FeedbackRow.question_key == QuestionRow.key)
        .join(PickRow, PickRow.question_key == QuestionRow.key)
        .join(LearnedRow, LearnedRow.question_key == QuestionRow.key)
        .order_by(QuestionRow.id)
    )
    async with database.session() as session:
        return [tuple(row) for row in await session.execute(joined)]


async def forget(database: Database, user: str) -> int:
    async with database.transaction() as session:
        return await people.forget(session, user)


def words(found: dict[str, list[str]], other: str) -> dict[str, list[str]]:
    """Without rows where the id of one is but another number in a key: of the other person, or of a reminder."""
    rest = {t: [row for row in rows if f":{other}:" not in row and "reminder:" not in row] for t, rows in found.items()}
    return {table: rows for table, rows in rest.items() if rows}


@pytest.mark.parametrize(("user", "other"), PEOPLE)
async def test_who_is_forgotten_is_named_nowhere(database: Database, user: str, other: str) -> None:
    await keep(database, *talk(user, YOUNG), *talk(other, YOUNG, occurrence=11))
    assert set(await holding(database, user)) == set(SQLModel.metadata.tables) - IMPERSONAL
    untouched, linked = words(await holding(database, other), user), await links(database)
    assert await forget(database, user) > 0
    assert words(await holding(database, user), other) == {}
    assert words(await holding(database, other), user) == untouched
    assert await links(database) == linked
    assert await forget(database, user) == 0


async def test_who_was_forgotten_by_an_older_version_still_stands_in_keys_and_is_found(database: Database) -> None:
    rows = [row for row in talk("li", YOUNG) if isinstance(row, (QuestionRow, FeedbackRow, PickRow, LearnedRow))]
    await keep(database, *rows)
    async with database.transaction() as session:
        for row in rows[:2]:
            (await session.merge(row)).user = None
    assert await forget(database, "li") > 0
    assert await holding(database, "li") == {}
    assert len(await links(database)) == 1


async def test_what_is_old_names_nobody_and_what_is_young_stays(database: Database) -> None:
    await keep(database, *talk("li", OLD), *talk("lily", YOUNG, occurrence=11))
    untouched, linked = await holding(database, "lily"), await links(database)
    await people.anonymise(database, LIMIT, together=2)
    assert set(await holding(database, "li")) <= UNTIL_FORGOTTEN | FOR_RETRIES
    assert await holding(database, "lily") == untouched
    assert await links(database) == linked


async def test_what_refers_to_an_old_question_follows_it_however_young(database: Database) -> None:
    asked = key("li", 70)
    await keep(
        database,
        QuestionRow(key=asked, text="怎么办", at=OLD, outcome="none", score=0.0),  # its asker was taken out before
        FeedbackRow(key="event:a", at=YOUNG, useful=True, question="", question_key=asked, measures=[]),
        PickRow(key="event:b", at=YOUNG, question_key=asked, measure="m"),
        LearnedRow(question_key=asked, act="answered", who="admin", at=YOUNG),
    )
    await people.anonymise(database, LIMIT)
    assert await holding(database, "li") == {}
    assert len(await links(database)) == 1


async def test_a_retry_has_no_second_effect_after_its_sender_was_forgotten(database: Database) -> None:
    again = key("li", 70)
    first = Journal(database, lambda: NOW)
    await first.record(again, Reply((Block("你好"),)), Outcome(Reply(), state=Conversation("li")))
    await forget(database, "li")
    other = Journal(database, lambda: NOW)
    assert await other.replied(again) == Reply()
    assert await other.replied(key("li", 71)) is None
    assert await holding(database, "li") == {}
