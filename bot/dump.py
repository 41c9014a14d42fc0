"""All tables as plain values, out of either database and into either, so that a copy does not depend on its kind."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, TypeAlias

from alembic.migration import MigrationContext
from sqlalchemy import JSON, Connection, Date, DateTime, LargeBinary, MetaData, Table, exc, func, insert, select, text
from sqlalchemy.types import TypeEngine

BATCH = 500  # rows in a statement
LOCK_SECONDS = 30  # how long other processes' transactions are waited for
REVISION_TABLE = "alembic_version"  # stays as it is: the tables are not copied, only what is in them

Row: TypeAlias = list[Any]  # of what JSON can hold, in the order of the columns
Contents: TypeAlias = tuple[str, list[str], Iterable[Row]]  # a table's name, its columns, its rows


class WrongShape(ValueError):  # noqa: N818  says what is wrong
    """The rows do not fit the tables."""


def revision(connection: Connection) -> str | None:
    """Of the tables; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def contents(connection: Connection) -> Iterator[Contents]:
    """Every table, those that others refer to first, as of the transaction's snapshot."""
    for table in _tables(connection):
        rows = connection.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key))
        out = [_to_plain(column.type) for column in table.columns]
        yield table.name, list(table.columns.keys()), (_converted(row, out) for row in rows)


def replace(connection: Connection, tables: Iterable[Contents]) -> int:
    """Everything in the database gives way to these rows; their number. The transaction makes it one step.

    :raises WrongShape: a table or a column does not exist, or a value is not of its type.
    """
    known = {table.name: table for table in _tables(connection)}
    _clear(connection, list(known.values()))
    written = 0
    for name, columns, rows in tables:
        table = known.get(name)
        if table is None or not set(columns) <= set(table.columns.keys()):
            raise WrongShape(f"there is no table {name} with the columns {', '.join(columns)}")
        written += _fill(connection, table, columns, rows)
    _go_on_counting(connection, known.values())
    return written


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: name != REVISION_TABLE)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return metadata.sorted_tables


def _clear(connection: Connection, tables: list[Table]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
        names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in tables)
        connection.execute(text(f"TRUNCATE {names}"))
        return
    for table in reversed(tables):
        connection.execute(table.delete())


def _fill(connection: Connection, table: Table, columns: list[str], rows: Iterable[Row]) -> int:
    into = [_from_plain(table.columns[name].type) for name in columns]
    written = 0
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        if any(len(row) != len(columns) for row in batch):
            raise WrongShape(f"a row of {table.name} has not {len(columns)} values")
        try:
            values = [dict(zip(columns, _converted(row, into), strict=True)) for row in batch]
        except (ValueError, TypeError) as error:
            raise WrongShape(f"a value of {table.name} is not of its type: {error}") from None
        try:
            connection.execute(insert(table), values)
        except (exc.IntegrityError, exc.DataError, exc.StatementError) as error:
            if isinstance(error, exc.OperationalError):
                raise
            raise WrongShape(f"a row of {table.name} does not fit") from None
        written += len(batch)
    return written


def _go_on_counting(connection: Connection, tables: Iterable[Table]) -> None:
    """PostgreSQL's counters do not see numbers that were given; SQLite counts on from the highest."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        quoted = connection.dialect.identifier_preparer.format_table(table)
        for column in table.primary_key:
            counter = connection.scalar(select(func.pg_get_serial_sequence(quoted, column.name)))
            if counter:
                highest = connection.scalar(select(func.max(column)))
                connection.execute(select(func.setval(counter, highest or 1, highest is not None)))


def _converted(row: Iterable[Any], how: list[Callable[[Any], Any]]) -> Row:
    return [None if value is None else convert(value) for value, convert in zip(row, how, strict=True)]


def _to_plain(type_: TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(type_, DateTime):
        return _instant
    if isinstance(type_, Date):
        return date.isoformat
    if isinstance(type_, LargeBinary):
        return lambda value: b64encode(value).decode()
    return _same


def _from_plain(type_: TypeEngine[Any]) -> Callable[[Any], Any]:
    if isinstance(type_, DateTime):
        return datetime.fromisoformat
    if isinstance(type_, Date):
        return date.fromisoformat
    if isinstance(type_, LargeBinary):
        return b64decode
    return _same


def _instant(value: datetime) -> str:
    """In UTC, as `knowledge.tables.Instant` stores it: SQLite keeps no zone."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _same(value: Any) -> Any:
    return value
