"""The tables of the knowledge, and the column types and the one dialect-bound statement that all tables share."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

LENGTH = len("2026-01-01 00:00:00.000000")  # of a moment in SQLite, in UTC


class _SqliteInstant(sqlite.DATETIME):
    """SQLAlchemy's own format, written and read in a third of the time."""

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        return lambda value: value.isoformat(" ", "microseconds")[:LENGTH] if value else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], datetime | None]:
        return lambda value: datetime.fromisoformat(value) if value else None


class Instant(TypeDecorator[datetime]):
    """An aware moment, stored and returned in UTC. A naive datetime is refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteInstant())  # type: ignore[no-untyped-call]
        return super().load_dialect_impl(dialect)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        process = super().bind_processor(dialect)
        return process and lru_cache(maxsize=1000)(process)  # a batch of rows holds many of the same

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# None is stored as SQL's NULL, so that `IS NULL` finds it on every database.
Json = JSON(none_as_null=True)


def insert(session: AsyncSession, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT in the session's dialect, for its ON CONFLICT clauses, which are not portable in SQLAlchemy."""
    return postgresql.insert(columns(table)) if on_postgresql(session) else sqlite.insert(columns(table))


def on_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def columns(table: type[SQLModel]) -> Table:
    """The plain table behind a model, for bulk statements that need no objects."""
    return SQLModel.metadata.tables[str(table.__tablename__)]


class ChangeRow(SQLModel, table=True):
    """One act that changed the knowledge. The highest id is the version of the knowledge."""

    __tablename__ = "change"

    id: int = Field(default=None, primary_key=True)  # given by the database
    at: datetime = Field(sa_type=Instant)
    author: str
    kind: str  # a ChangeKind
    reason: str
    summary: dict[str, Any] = Field(sa_type=Json)
    undoes: int | None = Field(default=None, index=True)  # the change that it took back


class EntryRow(SQLModel, table=True):
    """What is known now. A deleted entry stays, without a body, to keep its place and its revision number."""

    __tablename__ = "entry"

    kind: str = Field(primary_key=True)  # a kind of knowledge.entries.KINDS
    key: str = Field(primary_key=True)
    position: int  # order inside the kind, 0, 1, 2 … without gaps among those that are not deleted
    revision: int  # from 1, one more at each change of the body
    body: dict[str, Any] | None = Field(default=None, sa_type=Json)
    change_id: int = Field(foreign_key="change.id")  # what made this revision


class RevisionRow(SQLModel, table=True):
    """Every body that an entry ever had; none where it was deleted."""

    __tablename__ = "revision"

    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    body: dict[str, Any] | None = Field(default=None, sa_type=Json)
    change_id: int = Field(foreign_key="change.id", index=True)


class VectorRow(SQLModel, table=True):
    """What a model of the optional semantic stage makes of a text."""

    __tablename__ = "vector"

    model: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)  # SHA-256 of the text, hexadecimal
    vector: bytes = Field(sa_type=LargeBinary)  # little-endian float32
