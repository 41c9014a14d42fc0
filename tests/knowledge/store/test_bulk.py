"""Many rows by few statements: all of them, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.database import Database
from handlers.tables import PickRow
from knowledge.store.bulk import TOGETHER, Bulk

NOW = datetime(2026, 6, 1, 12, 0, 0, 5, tzinfo=UTC)
PICKS = Bulk(
    PickRow,
    ("key", "at", "question_key", "measure"),
    lambda insert: insert.on_conflict_do_nothing(index_elements=["key"]),
)


def rows(*numbers: int) -> list[tuple[str, datetime, str, str]]:
    return [(f"k{n:04}", NOW + timedelta(seconds=n), "q", "措施") for n in numbers]


async def write(database: Database, *numbers: int) -> int:
    async with database.transaction() as session:
        return await PICKS.write(session, rows(*numbers))


async def stored(database: Database) -> list[tuple[str, datetime, str, str]]:
    async with database.session() as session:
        found = await session.scalars(select(PickRow).order_by(col(PickRow.key)))
        return [(row.key, row.at, row.question_key, row.measure) for row in found]


@pytest.mark.parametrize("number", [0, 1, 9, *TOGETHER, 2 * max(TOGETHER) + 37])
async def test_all_rows_are_written_as_they_are(database: Database, number: int) -> None:
    assert await write(database, *range(number)) == number
    assert await stored(database) == rows(*range(number))


async def test_it_tells_how_many_were_new(database: Database) -> None:
    await write(database, 3, 150)
    assert await write(database, *range(160)) == 158
    assert await write(database, *range(160)) == 0


@pytest.mark.parametrize("names", [("at", "key"), ("key", "key"), ("key", "nothing")])
def test_names_that_would_put_values_into_other_columns_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="order"):
        Bulk(PickRow, names, lambda insert: insert)


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="time zone"):
        async with database.transaction() as session:
            await PICKS.write(session, [("k", datetime(2026, 6, 1), "q", "m")])  # noqa: DTZ001  that is the point
    assert await stored(database) == []
