"""Records that cannot be written: which wait, which are passed over, and that they are in nobody's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from bot.database import Database
from handlers.model import Asked, Outcome, Reply, State
from handlers.store import journal as journal_module
from handlers.store.journal import TRIES, Journal
from handlers.store.records import Record, write
from handlers.tables import InboxRow
from knowledge.errors import Unavailable

NOW = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)


class Faulty:
    """A database in front of which something is at fault, for so many transactions."""

    def __init__(self, database: Database, error: Exception, times: int) -> None:
        self._database = database
        self._error = error
        self.left = times

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._database.session()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        if self.left:
            self.left -= 1
            raise self._error
        async with self._database.transaction() as session:
            yield session


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LONGEST_PAUSE", 0.01)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Keys -> how often `write` fails at them, as by a fault of our own."""
    keys: dict[str, float] = {}

    async def failing(session: AsyncSession, records: Sequence[Record], now: datetime) -> set[str]:
        for record in records:
            if keys.get(record.key):
                keys[record.key] -= 1
                raise KeyError(record.key)
        return await write(session, records, now)

    monkeypatch.setattr(journal_module, "write", failing)
    return keys


def note(journal: Journal, *keys: str, text: str = "怎么办") -> None:
    for key in keys:
        asked = Asked(key, "li", text, NOW, "none", None, 0.0)
        journal.record_later(key, Reply(), Outcome(Reply(), asked=asked))


async def stored(database: Database) -> set[str]:
    async with database.session() as session:
        return set(await session.scalars(select(col(InboxRow.key))))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("error", [RuntimeError("of the pool"), OSError("no descriptors"), Unavailable("away")])
async def test_whatever_is_wrong_with_the_way_to_the_database_no_record_is_lost(
    database: Database, error: Exception
) -> None:
    faulty = Faulty(database, error, times=100)
    journal = Journal(faulty, lambda: NOW, interval=0.001)
    note(journal, "a", "b", "c")
    await until(lambda: not journal.backlog)
    assert faulty.left == 0
    assert await stored(database) == {"a", "b", "c"}


async def test_a_record_that_is_at_fault_itself_is_passed_over_at_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(database, lambda: NOW, interval=0.001)
    note(journal, "bad", text="\ud800")
    note(journal, "good")
    await until(lambda: not journal.backlog)
    assert await stored(database) == {"good"}
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "bad cannot be recorded and is passed over: UnicodeEncodeError"
    ]


async def test_records_that_can_never_be_written_hold_up_no_others_and_are_passed_over_in_the_end(
    database: Database, refused: dict[str, float], caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(database, lambda: NOW, interval=0.001, batch=4)
    refused |= {f"bad{n}": inf for n in range(10)}
    note(journal, *refused, "good")
    others = 0
    async with asyncio.timeout(30):
        while caplog.text.count("passed over") < len(refused):
            note(journal, f"other{others}")
            others += 1
            await asyncio.sleep(0.02)
    await until(lambda: not journal.backlog)
    assert await stored(database) == {"good", *(f"other{n}" for n in range(others))}
    assert any(record.exc_info for record in caplog.records)


async def test_a_record_alone_is_kept_until_it_can_be_written(database: Database, refused: dict[str, float]) -> None:
    journal = Journal(database, lambda: NOW, interval=0.001)
    refused["k"] = inf
    note(journal, "k")
    for _ in range(2 * TRIES):
        await asyncio.sleep(0.01)
    assert journal.backlog == 1
    refused.clear()
    await until(lambda: not journal.backlog)
    assert await stored(database) == {"k"}


async def test_of_a_person_the_latest_state_stays_though_an_earlier_one_had_to_wait(
    database: Database, refused: dict[str, float]
) -> None:
    journal = Journal(database, lambda: NOW, interval=0.001, batch=2)
    refused["first"] = 2  # with the second one, and alone
    for key in ("first", "second", "third"):
        journal.record_later(key, Reply(), Outcome(Reply(), State("li", question=key)))
    await until(lambda: not journal.backlog)
    assert (await journal.state("li")).question == "third"


async def test_it_tells_for_how_long_the_oldest_record_has_been_waiting(database: Database) -> None:
    now = NOW
    journal = Journal(database, lambda: now, interval=3600.0)
    assert journal.age == 0
    note(journal, "a")
    now += timedelta(seconds=30)
    note(journal, "b")
    now += timedelta(seconds=12)
    assert journal.age == 42
    await journal.close()
    assert journal.age == 0
