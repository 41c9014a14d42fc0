"""Many rows by one statement, in the driver's own terms: SQLAlchemy would look at each value of each row anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from knowledge.tables import columns

Insert: TypeAlias = "postgresql.Insert | sqlite.Insert"


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as one driver takes it."""

    sql: str
    processors: Sequence[Callable[[Any], Any] | None]  # of each value, where it has to be changed
    names: Sequence[str] | None  # where parameters go by their names; None: by their place

    def parameters(self, rows: Iterable[Sequence[Any]]) -> list[Any]:
        columns = zip(*rows, strict=True)
        processed = (map(p, column) if p else column for p, column in zip(self.processors, columns, strict=True))
        in_place = zip(*processed, strict=True)
        return [dict(zip(self.names, row, strict=True)) for row in in_place] if self.names else list(in_place)


class Bulk:
    """An INSERT of many rows, compiled once for each kind of database."""

    def __init__(self, table: type[SQLModel], names: Sequence[str], completed: Callable[[Insert], Insert]) -> None:
        """
        :param names: of the parameters, in the order in which the statement has them: the columns first, then those
            that `completed` adds as `bindparam`.
        :param completed: adds the ON CONFLICT clause.
        """
        self._table = columns(table)
        self._names = names
        self._completed = completed
        self._prepared: dict[str, _Prepared] = {}  # by dialect

    async def write(self, session: AsyncSession, rows: Sequence[Sequence[Any]]) -> int:
        """Executes it for each row, in their order.

        :param rows: values in the order of the names.
        :returns: how many rows were written.
        """
        if not rows:
            return 0
        connection = await session.connection()
        dialect = connection.dialect
        prepared = self._prepared.get(dialect.name) or self._prepare(dialect)
        done = await connection.exec_driver_sql(prepared.sql, prepared.parameters(rows))
        return done.rowcount

    def _prepare(self, dialect: Dialect) -> _Prepared:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        names = [name for name in self._names if name in self._table.c]
        compiled = self._completed(insert(self._table)).compile(dialect=dialect, column_keys=names)
        types = [compiled.binds[name].type.dialect_impl(dialect) for name in self._names]
        prepared = _Prepared(
            str(compiled),
            [type_.bind_processor(dialect) for type_ in types],
            None if compiled.positional else self._names,
        )
        self._prepared[dialect.name] = prepared
        return prepared
