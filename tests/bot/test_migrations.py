"""Processes of the version before go on while a new one migrates their tables: each migration leaves them what they use.

docs/operations.md, 'Upgrading', states the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import ColumnCollectionConstraint

from bot.database import Database, known_revisions

REVISIONS = known_revisions()[::-1]  # the oldest first
ROWS = 3  # in each table; the last one with NULL wherever it may stand
AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
SAMPLES: dict[type, Callable[[str, int], object]] = {
    str: lambda name, number: f"{name} {number}",
    int: lambda _, number: number,
    float: lambda _, number: number / 2,
    bool: lambda *_: True,
    bytes: lambda *_: b"\0",
    object: lambda *_: {},  # JSON
    date: lambda _, number: date(2026, 1, 1 + number % 28),
    datetime: lambda *_: AT,
}


def tables(connection: sa.Connection) -> sa.MetaData:
    """As the database has them."""
    found = sa.MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version")
    return found


def breaches(old: sa.MetaData, new: sa.MetaData) -> Iterator[str]:
    """Where code that knows the old tables would not find what it knows, one line each."""
    for table in old.sorted_tables:
        now = new.tables.get(table.name)
        if now is None:
            yield f"{table.name} is gone"
            continue
        for column in table.columns:
            if column.name not in now.columns:
                yield f"{column} is gone"
            elif (was := form(column)) != (is_ := form(now.columns[column.name])):
                yield f"{column} was {was} and is {is_}"
        yield from (
            f"{table.name} has a new {demand}" for demand in sorted(demands(table, now) - demands(table, table))
        )


def form(column: sa.Column[Any]) -> str:
    return f"{column.type!r} {'NULL' if column.nullable else 'NOT NULL'}"


def demands(old: sa.Table, now: sa.Table) -> set[str]:
    """What `now` demands of values that code which knows `old` writes."""
    keys: list[ColumnCollectionConstraint | sa.Index] = [index for index in now.indexes if index.unique]
    keys += [demand for demand in now.constraints if isinstance(demand, ColumnCollectionConstraint)]
    checks = {f"check of {demand.sqltext}" for demand in now.constraints if isinstance(demand, sa.CheckConstraint)}
    touching = {
        f"{type(demand).__name__} of {', '.join(sorted(demand.columns.keys()))}"
        for demand in keys
        if set(old.columns.keys()) & set(demand.columns.keys())
    }
    return touching | checks


def write(connection: sa.Connection, known: sa.MetaData, first: int) -> None:
    """As code would that knows these tables and these columns.

    :param first: number of the first row; each number gives other keys.
    """
    for number in range(first, first + ROWS):
        keys: dict[sa.Column[Any], object] = {}  # of the rows that others refer to
        for table in known.sorted_tables:
            row = {c.name: value(c, number, keys) for c in table.columns if not given_by_the_database(c)}
            written = connection.execute(sa.insert(table).values(row)).inserted_primary_key
            keys |= dict(zip(table.primary_key.columns, written or (), strict=True))


def given_by_the_database(column: sa.Column[Any]) -> bool:
    alone = len(column.table.primary_key.columns) == 1
    return column.primary_key and alone and column.type.python_type is int


def value(column: sa.Column[Any], number: int, keys: dict[sa.Column[Any], object]) -> object:
    for reference in column.foreign_keys:
        return keys[reference.column]
    if column.nullable and number % ROWS == ROWS - 1:
        return None
    return SAMPLES[column.type.python_type](column.name, number)


def count(connection: sa.Connection, known: sa.MetaData) -> dict[str, int]:
    """Rows, read column by column."""
    return {table.name: len(connection.execute(sa.select(table)).all()) for table in known.sorted_tables}


@pytest.mark.parametrize(("before", "after"), [*pairwise(REVISIONS)])
def test_code_of_the_version_before_goes_on_after_a_migration(database_url: str, before: str, after: str) -> None:
    database = Database(database_url)
    database.upgrade(before)
    with database.blocking(writes=True) as connection:
        old = tables(connection)
        write(connection, old, 0)
    database.upgrade(after)
    with database.blocking(writes=True) as connection:
        assert list(breaches(old, tables(connection))) == []
        assert set(count(connection, old).values()) == {ROWS}
        write(connection, old, ROWS)
        assert set(count(connection, old).values()) == {2 * ROWS}


def renamed(op: Operations) -> None:
    with op.batch_alter_table("question") as question:
        question.alter_column("text", new_column_name="words")


def dropped(op: Operations) -> None:
    op.drop_table("welcome")


def retyped(op: Operations) -> None:
    with op.batch_alter_table("quota") as quota:
        quota.alter_column("used", type_=sa.String())


def tightened(op: Operations) -> None:
    with op.batch_alter_table("inbox") as inbox:
        inbox.alter_column("user", nullable=False)


def loosened(op: Operations) -> None:
    with op.batch_alter_table("question") as question:
        question.alter_column("text", nullable=True)


def unique(op: Operations) -> None:
    op.create_index("once", "subscription", ["topic"], unique=True)


def checked(op: Operations) -> None:
    with op.batch_alter_table("question") as question:
        question.create_check_constraint("short", sa.column("score") < 1)


def referring(op: Operations) -> None:
    with op.batch_alter_table("settled") as settled:
        settled.create_foreign_key("announced", "occurrence", ["occurrence_id"], ["id"])


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (renamed, "question.text is gone"),
        (dropped, "welcome is gone"),
        (retyped, "quota.used was INTEGER() NOT NULL and is VARCHAR() NOT NULL"),
        (tightened, "inbox.user was VARCHAR() NULL and is VARCHAR() NOT NULL"),
        (loosened, "question.text was VARCHAR() NOT NULL and is VARCHAR() NULL"),
        (unique, "subscription has a new Index of topic"),
        (checked, "question has a new check of "),
        (referring, "settled has a new ForeignKeyConstraint of occurrence_id"),
    ],
)
def test_what_would_break_the_version_before_is_seen(
    database_url: str, change: Callable[[Operations], None], line: str
) -> None:
    database = Database(database_url)
    database.upgrade()
    with database.blocking(writes=True) as connection:
        old = tables(connection)
        change(Operations(MigrationContext.configure(connection)))
        assert any(found.startswith(line) for found in breaches(old, tables(connection)))


def without_default(op: Operations) -> None:
    with op.batch_alter_table("subscriber") as subscriber:
        subscriber.add_column(sa.Column("new", sa.String(), nullable=False))


def the_same_for_all(op: Operations) -> None:
    with op.batch_alter_table("subscriber") as subscriber:
        subscriber.add_column(sa.Column("new", sa.Integer(), nullable=False, server_default="0"))
        subscriber.create_unique_constraint("once", ["new"])


@pytest.mark.parametrize("change", [without_default, the_same_for_all])
def test_a_column_that_the_version_before_cannot_fill_is_seen(
    database_url: str, change: Callable[[Operations], None]
) -> None:
    database = Database(database_url)
    database.upgrade()
    with database.blocking(writes=True) as connection:
        old = tables(connection)
        change(Operations(MigrationContext.configure(connection)))
    with pytest.raises(IntegrityError), database.blocking(writes=True) as connection:
        write(connection, old, 0)
