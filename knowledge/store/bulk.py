"""Many rows by few statements, in the driver's own terms: SQLAlchemy would look at each value of each row anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from knowledge.tables import columns

Insert: TypeAlias = "postgresql.Insert | sqlite.Insert"
Row: TypeAlias = Sequence[Any]
Processor: TypeAlias = "Callable[[Any], Any] | None"
Statement: TypeAlias = "tuple[str, Sequence[str] | None]"  # SQL, and the names of its values where it goes by them

# Rows of a statement: each statement gives up Python's lock, and takes it again. A few lengths, which drivers keep prepared.
TOGETHER = (100, 30, 10, 3, 1)


class _Prepared:
    """What one driver takes."""

    def __init__(
        self, compiled: Callable[[int], Statement], of_columns: Sequence[Processor], of_others: Sequence[Processor]
    ) -> None:
        """
        :param compiled: the statement for so many rows.
        :param of_columns: what changes the values of each column, where anything does.
        """
        self.statement = cache(compiled)  # when it is needed: that of a hundred rows takes 10 ms
        self._of_columns = of_columns
        self._of_others = of_others

    def rows(self, rows: Sequence[Row]) -> list[Row]:
        """As the driver takes them."""
        processed = (map(p, c) if p else c for p, c in zip(self._of_columns, zip(*rows, strict=True), strict=True))
        return list(zip(*processed, strict=True))

    def others(self, values: Row) -> Row:
        """As the driver takes them."""
        return [p(value) if p else value for p, value in zip(self._of_others, values, strict=True)]


class Bulk:
    """An INSERT of many rows, compiled once for each kind of database."""

    def __init__(
        self,
        table: type[SQLModel],
        names: Sequence[str],
        completed: Callable[[Insert], Insert],
        others: Sequence[BindParameter[Any]] = (),
    ) -> None:
        """
        :param names: of the columns, in the table's order: the statement names them so, whatever order they are given in.
        :param completed: adds the ON CONFLICT clause.
        :param others: the parameters of that clause, in their order.
        :raises ValueError: the names are in another order.
        """
        self._table = columns(table)
        in_order = [column.key for column in self._table.columns if column.key in names]
        if list(names) != in_order:
            raise ValueError(f"the columns of {self._table} come in the order {', '.join(in_order)}")
        self._names = names
        self._completed = completed
        self._others = others
        self._prepared: dict[str, _Prepared] = {}  # by dialect

    async def write(self, session: AsyncSession, rows: Sequence[Row], *others: Any) -> int:
        """Writes all rows, in their order; no two may conflict with each other.

        :param rows: values in the order of the names.
        :param others: values of the clause's parameters.
        :returns: how many rows were written.
        """
        if not rows:
            return 0
        connection = await session.connection()
        prepared = self._prepared.get(connection.dialect.name) or self._prepare(connection.dialect)
        last, written = prepared.others(others), 0
        for together in _split(rows):
            sql, names = prepared.statement(len(together))
            values = (*chain.from_iterable(prepared.rows(together)), *last)
            done = await connection.exec_driver_sql(sql, dict(zip(names, values, strict=True)) if names else values)
            written += done.rowcount
        return written

    def _prepare(self, dialect: Dialect) -> _Prepared:
        def processors(types: Sequence[TypeEngine[Any]]) -> list[Processor]:
            return [type_.dialect_impl(dialect).bind_processor(dialect) for type_ in types]

        prepared = self._prepared[dialect.name] = _Prepared(
            partial(self._compiled, dialect),
            processors([self._table.c[name].type for name in self._names]),
            processors([other.type for other in self._others]),
        )
        return prepared

    def _compiled(self, dialect: Dialect, number: int) -> Statement:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        rows = [dict.fromkeys(self._names)] * number
        compiled = self._completed(insert(self._table).values(rows)).compile(dialect=dialect)
        return str(compiled), None if compiled.positional else list(compiled.params)


def _split(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """As few parts as can be, each of one of the lengths."""
    start = 0
    while start < len(rows):
        number = next(number for number in TOGETHER if start + number <= len(rows))
        yield rows[start : start + number]
        start += number
