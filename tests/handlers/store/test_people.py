"""What is kept of a person goes in time, and at once when they ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import SQLModel, select

from bot.database import Database
from handlers.store import people
from handlers.tables import ConversationRow, FeedbackRow, InboxRow, QuestionRow, WelcomeRow
from scheduler.tables import BatchRow, MarkRow, OccurrenceRow, RecipientRow, SubscriberRow, SubscriptionRow

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=181), NOW - timedelta(days=179)
LIMIT = NOW - timedelta(days=180)
Row = TypeVar("Row", bound=SQLModel)


def question(key: str, at: datetime, user: str | None = "li") -> QuestionRow:
    return QuestionRow(key=key, user=user, text="怎么办", at=at, outcome="answer", score=1.0)


def rating(key: str, at: datetime, user: str | None = "li") -> FeedbackRow:
    return FeedbackRow(key=key, user=user, at=at, useful=True, question="怎么办", question_key=key, measures=[])


def batch(key: str, state: str) -> BatchRow:
    return BatchRow(
        id=key, occurrence_id=1, body='{"touser":"li|wang"}', built_on=date(2026, 6, 1), size=2, state=state,
        attempts=1, claimed_at=NOW, next_at=NOW, owner="x",
    )  # fmt: skip


async def given(database: Database, *rows: SQLModel) -> None:
    async with database.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def stored(database: Database, table: type[Row]) -> Sequence[Row]:
    async with database.session() as session:
        return (await session.scalars(select(table))).all()


async def users_in(database: Database, table: Any) -> list[str]:
    """Whom a table knows; '-' for nobody any more."""
    return sorted(row.user or "-" for row in await stored(database, table))


async def test_old_questions_and_ratings_lose_their_asker_and_stay(database: Database) -> None:
    await given(database, question("a", OLD), question("b", NEW), rating("c", OLD), rating("d", NEW))
    await people.anonymise(database, LIMIT)
    assert {row.key: row.user for row in await stored(database, QuestionRow)} == {"a": None, "b": "li"}
    assert {row.key: row.user for row in await stored(database, FeedbackRow)} == {"c": None, "d": "li"}


async def test_a_conversation_that_has_rested_so_long_is_dropped(database: Database) -> None:
    await given(
        database,
        ConversationRow(user="li", state={}, updated_at=OLD),
        ConversationRow(user="wang", state={}, updated_at=NEW),
        WelcomeRow(user="li", day=OLD.date()),
        WelcomeRow(user="wang", day=NEW.date()),
    )
    await people.anonymise(database, LIMIT)
    assert [row.user for row in await stored(database, ConversationRow)] == ["wang"]
    assert [row.user for row in await stored(database, WelcomeRow)] == ["wang"]


async def test_one_person_is_forgotten_in_every_table_and_nobody_else(database: Database) -> None:
    await given(
        database,
        OccurrenceRow(id=1, key="o", kind="reminder", content={}, created_at=NOW),
        batch("done", "sent"),
        batch("under-way", "sending"),
        *(InboxRow(key=f"i-{user}", user=user, received_at=NOW, reply={}) for user in ("li", "wang")),
        *(ConversationRow(user=user, state={"question": "怎么办"}, updated_at=NOW) for user in ("li", "wang")),
        *(WelcomeRow(user=user, day=NOW.date()) for user in ("li", "wang")),
        *(question(f"q-{user}", NOW, user) for user in ("li", "wang")),
        *(rating(f"r-{user}", NOW, user) for user in ("li", "wang")),
        *(SubscriberRow(user=user, cadence="daily") for user in ("li", "wang")),
        *(SubscriptionRow(user=user, topic="all", since=NOW) for user in ("li", "wang")),
        *(MarkRow(user=user, milestone="m", revision=1, kind="done", at=NOW) for user in ("li", "wang")),
        *(
            RecipientRow(occurrence_id=1, user=user, state="sent", due_at=NOW, batch_id="done")
            for user in ("li", "wang")
        ),
    )
    async with database.transaction() as session:
        assert await people.forget(session, "li") == 10
    for table in (ConversationRow, WelcomeRow, SubscriberRow, SubscriptionRow, MarkRow, RecipientRow):
        assert await users_in(database, table) == ["wang"]
    for kept in (InboxRow, QuestionRow, FeedbackRow):
        assert await users_in(database, kept) == ["-", "wang"]
    assert {row.id: row.body for row in await stored(database, BatchRow)} == {
        "done": "", "under-way": '{"touser":"li|wang"}'
    }  # fmt: skip


async def test_a_stranger_leaves_nothing_to_forget(database: Database) -> None:
    async with database.transaction() as session:
        assert await people.forget(session, "nobody") == 0


def test_every_table_that_knows_people_calls_them_user() -> None:
    """A new table is forgotten too, or its column for people gets the usual name."""
    suspicious = {
        "person",
        "userid",
        "user_id",
        "username",
        "recipient",
        "asker",
    }  # not `author`, `who`: admins stay on record
    for table in SQLModel.metadata.sorted_tables:
        assert not suspicious & set(table.columns.keys()), table.name
