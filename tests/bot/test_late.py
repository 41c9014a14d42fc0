"""Answers that come too late to be replies are recorded, many at once, each under the id of its own request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from bot.database import Database
from bot.late import CROWD, LateAnswers
from handlers.model import Incoming, Kind
from knowledge import trace
from knowledge.errors import Unavailable
from scheduler.store import occurrences
from scheduler.store.occurrences import Announcement
from scheduler.tables import OccurrenceRow, RecipientRow

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Counted:
    """A database whose transactions are counted, and fail while it is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.transactions = 0
        self.away = False
        self.session = database.session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self.transactions += 1
        async with self._database.transaction() as session:
            yield session
            if self.away:
                raise Unavailable("away")


def message(user: str) -> Incoming:
    return Incoming(f"k-{user}", user, Kind.TEXT, "怎么办", NOW)


async def push(late: LateAnswers, user: str) -> None:
    trace.begin(f"request-{user}")
    await late.push(message(user), f"给{user}")


async def recorded(database: Database) -> list[tuple[str, str, str | None]]:
    async with database.session() as session:
        rows = await session.scalars(select(OccurrenceRow).order_by(col(OccurrenceRow.key)))
        return [(row.key, row.content["text"], row.request) for row in rows]


async def test_all_that_wait_are_recorded_together(database: Database) -> None:
    storage = Counted(database)
    late = LateAnswers(storage, lambda: NOW)
    await asyncio.gather(*(push(late, f"u{n}") for n in range(9)))
    assert await recorded(database) == [(f"alike:k-u{n}", f"给u{n}", f"request-u{n}") for n in range(9)]
    assert storage.transactions <= 2


async def test_who_is_told_the_same_is_told_by_one_notice(database: Database) -> None:
    late = LateAnswers(database, lambda: NOW)
    first, *others = (
        Incoming(f"k-{n}", user, Kind.TEXT, "怎么办", NOW) for n, user in enumerate(["eve", "ann", "bob", "Ann"])
    )
    # The others wait while the first is recorded.
    await asyncio.gather(late.push(first, "另外"), *(late.push(each, "一样") for each in others))
    await late.push(others[1], "一样")  # delivered again
    assert [(key, text) for key, text, _ in await recorded(database)] == [
        ("alike:k-0", "另外"),
        ("alike:k-1", "一样"),
    ]
    async with database.session() as session:
        people = select(OccurrenceRow.key, RecipientRow.user).join(RecipientRow).order_by(col(RecipientRow.due_at))
        rows = [tuple(row) for row in await session.execute(people)]
    assert sorted(rows) == [("alike:k-0", "eve"), ("alike:k-1", "ann"), ("alike:k-1", "bob")]


async def test_where_many_wait_more_are_waited_for(database: Database) -> None:
    late = LateAnswers(database, lambda: NOW, crowd_seconds=0.05)
    first, *crowd = (asyncio.create_task(late.push(message(f"u{n}"), "一样")) for n in range(CROWD + 1))
    await first  # alone: nobody had come yet
    await asyncio.sleep(0.01)
    await asyncio.gather(late.push(message("another"), "一样"), *crowd)
    assert len(await recorded(database)) == 2


async def test_a_repeated_delivery_is_answered_once(database: Database) -> None:
    late = LateAnswers(database, lambda: NOW)
    for _ in range(2):
        await push(late, "ann")
    assert len(await recorded(database)) == 1


async def test_while_the_database_is_away_they_wait_and_are_recorded_when_it_is_back(database: Database) -> None:
    storage = Counted(database)
    late = LateAnswers(storage, lambda: NOW, pause=0.01, batch=4)
    storage.away = True
    pushing = [asyncio.create_task(push(late, f"u{n}")) for n in range(9)]
    while storage.transactions < 3:  # noqa: ASYNC110  the attempts of another task
        await asyncio.sleep(0.01)
    assert not any(task.done() for task in pushing)
    storage.away = False
    await asyncio.gather(*pushing)
    assert [key for key, *_ in await recorded(database)] == [f"alike:k-u{n}" for n in range(9)]


async def test_beyond_what_fits_into_memory_each_is_told_so_and_the_others_are_kept(database: Database) -> None:
    storage = Counted(database)
    late = LateAnswers(storage, lambda: NOW, pause=0.01, capacity=2)
    storage.away = True
    kept = [asyncio.create_task(push(late, user)) for user in ("ann", "bob")]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="2 others"):
        await push(late, "eve")
    storage.away = False
    await asyncio.gather(*kept)
    await push(late, "eve")
    assert [key for key, *_ in await recorded(database)] == ["alike:k-ann", "alike:k-bob", "alike:k-eve"]


async def test_those_that_cannot_be_written_take_no_other_with_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refusing(session: AsyncSession, announcements: Sequence[Announcement], now: datetime) -> None:
        if any(user.startswith("bad") for each in announcements for user in each.due):
            raise ValueError("cannot be written")
        await written(session, announcements, now)

    written = occurrences.push_each
    monkeypatch.setattr(occurrences, "push_each", refusing)
    storage = Counted(database)
    late = LateAnswers(storage, lambda: NOW)
    users = [f"u{n:02}" for n in range(62)]
    everybody = [*users[:20], "bad1", *users[20:50], "bad2", *users[50:]]
    failures = await asyncio.gather(*(push(late, user) for user in everybody), return_exceptions=True)
    failed = {user: type(failure) for user, failure in zip(everybody, failures, strict=True) if failure}
    assert failed == {"bad1": ValueError, "bad2": ValueError}
    assert [key for key, *_ in await recorded(database)] == [f"alike:k-{user}" for user in users]
    assert storage.transactions < 30  # not one for each


async def test_a_delivery_that_comes_again_meanwhile_is_not_lost_with_the_first(database: Database) -> None:
    storage = Counted(database)
    late = LateAnswers(storage, lambda: NOW, pause=0.01)
    storage.away = True
    first, again = (asyncio.create_task(push(late, "ann")) for _ in range(2))
    await asyncio.sleep(0.02)
    first.cancel()
    await asyncio.wait([first])
    storage.away = False
    await again
    assert [key for key, *_ in await recorded(database)] == ["alike:k-ann"]
