"""The database, SQLite or PostgreSQL: one engine, a transaction per use case, migrations."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import OperationalError
from sqlalchemy import Connection, Engine, create_engine, event, exc, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from knowledge.codec import encode
from knowledge.errors import Unavailable

log = logging.getLogger("pilotbot.database")

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
BUSY_MS = 10_000  # how long a SQLite writer waits for one in another process
CONNECT_SECONDS = 3  # how long PostgreSQL may take to accept a connection
SILENT_SECONDS = 10  # after which a connection counts as broken whose other end is silent, as after a power cut
POOL_SIZE = 20  # connections at most; one of SQLite is a thread, so that none is opened for a moment only
MIGRATION_LOCK = 0x70696C6F74  # 'pilot': the advisory lock that one migrating process holds on PostgreSQL

_LIBPQ = {  # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    "application_name": "pilotbot",
    "client_encoding": "utf8",
    "connect_timeout": str(CONNECT_SECONDS),
    "keepalives_idle": str(SILENT_SECONDS // 2),
    "keepalives_interval": str(SILENT_SECONDS // 5),
    "tcp_user_timeout": str(SILENT_SECONDS * 1000),  # ms
}
_one_alembic = threading.Lock()  # alembic keeps the migration at work in module globals


class DatabaseError(Unavailable):
    """Why the database cannot be used, as one line for the operator, without its password."""


def default_url(data_dir: Path) -> str:
    """The address of the embedded database of a data folder."""
    return URL.create(DRIVERS["sqlite"], database=str(data_dir / "pilotbot.db")).render_as_string()


class Database:
    """Opens nothing before it is used. Close it in the event loop that used it."""

    def __init__(self, url: str) -> None:
        """:param url: as in PILOTBOT_DATABASE_URL; a driver suffix is replaced by ours.

        :raises DatabaseError: not an address, or of a database that pilotbot does not know.
        """
        self._url = _parse(url)
        sqlite = self._url.get_backend_name() == "sqlite"
        self.path = Path(str(self._url.database)) if sqlite else None  # of the SQLite file
        self.place = _place(self._url)  # for people
        self.engine = create_async_engine(
            self._url,
            hide_parameters=True,  # what people typed stays out of error messages
            json_serializer=encode,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_pre_ping=self.path is None,
        )
        self._writer = self.engine.execution_options(writes=True)
        # SQLite has one writer. Ours queue here, in order, rather than by SQLite's polling.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.path else nullcontext()
        if self.path:
            _tune_sqlite(self.engine.sync_engine)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """For reading: what is written in it is not kept.

        :raises DatabaseError: the database does not answer.
        """
        with self._in_plain_words():
            async with AsyncSession(self.engine) as session:
                yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """For writing: commits at the end, and takes everything back on an error.

        Not to be nested: SQLite would wait for itself.
        :raises DatabaseError: the database does not answer; whether a commit under way took effect is then unknown.
        """
        with self._in_plain_words():
            async with self._turn, AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
                yield session

    async def notifications(self, channel: str) -> AsyncIterator[None]:
        """Something for each NOTIFY on a channel of PostgreSQL, for as long as the connection holds.

        :raises DatabaseError: the database does not answer, or not any more.
        """
        with self._in_plain_words():
            async with self.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                driver: Any = (await connection.get_raw_connection()).driver_connection
                try:
                    await driver.execute(f"LISTEN {channel}")
                    async for _ in driver.notifies():
                        yield
                finally:
                    await connection.invalidate()  # in the pool it would go on listening

    async def migrate(self) -> None:
        """Brings the tables up to this version of the code; any number of processes may do so at once.

        :raises DatabaseError: the database does not answer, is not in UTF-8, or was written by a newer version.
        """
        await asyncio.to_thread(self.upgrade)

    async def revisions(self) -> tuple[str | None, str | None]:
        """The revision of the tables (None for an empty database) and the one that this code needs.

        :raises DatabaseError: as `migrate`.
        """
        with self._in_plain_words():
            async with self.engine.connect() as connection:
                return await connection.run_sync(_revisions)

    def must_exist(self) -> None:
        """:raises DatabaseError: the SQLite file is not there; for commands that must not make an empty one."""
        if self.path and not self.path.exists():
            raise DatabaseError(f"there is no database at {self.path}")

    async def ping(self) -> None:
        """:raises DatabaseError: the database does not answer."""
        async with self.session() as session:
            await session.execute(select(1))

    async def close(self) -> None:
        await self.engine.dispose()

    def upgrade(self, revision: str | None = None) -> None:
        """As `migrate`, blocking.

        :param revision: an older one than the newest, for an empty database that an old backup goes into.
        """
        with _one_alembic, self.blocking(writes=True) as connection:
            if not self.path:
                self._must_hold_chinese(connection)
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            current, head = _revisions(connection)
            if current == (wanted := revision or head):
                return
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, str(wanted))
            log.info("migrated the %s from %s to %s", self.place, current or "nothing", wanted)

    def _must_hold_chinese(self, connection: Connection) -> None:
        """PostgreSQL makes databases with the encoding of the machine's locale, which may be none at all."""
        encoding = connection.scalar(select(func.current_setting("server_encoding")))
        if encoding != "UTF8":
            raise DatabaseError(
                f"the {self.place} has the encoding {encoding}: make one with ENCODING 'UTF8' TEMPLATE template0"
            )

    @contextmanager
    def blocking(self, **options: Any) -> Iterator[Connection]:
        """One transaction on a connection of its own, for long work in a thread: migrations, backups.

        :param options: execution options of SQLAlchemy; `writes` for a transaction that writes.
        :raises DatabaseError: the database does not answer.
        """
        if self.path:
            _make_folder(self.path.parent)
        driver = "sqlite" if self.path else self._url.drivername
        engine = create_engine(self._url.set(drivername=driver), hide_parameters=True, json_serializer=encode)
        if self.path:
            _tune_sqlite(engine)
        try:
            with self._in_plain_words(), engine.execution_options(**options).begin() as connection:
                yield connection
        finally:
            engine.dispose()

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            if not _is_outage(error):
                raise
            raise self._unusable(error.orig if isinstance(error, exc.DBAPIError) else error) from error
        except OperationalError as error:  # of the driver itself, while we listen
            raise self._unusable(error) from error

    def _unusable(self, error: BaseException | None) -> DatabaseError:
        reason = str(error).strip().partition("\n")[0]
        return DatabaseError(f"the {self.place} cannot be used: {reason}")


def _parse(text: str) -> URL:
    try:
        url = make_url(text.strip())
    except (exc.ArgumentError, ValueError):
        # `from None`: the original may quote the password.
        raise DatabaseError(
            "PILOTBOT_DATABASE_URL is not an address such as postgresql://user:password@host/name"
        ) from None
    driver = DRIVERS.get(url.get_backend_name())
    if driver is None:
        raise DatabaseError("PILOTBOT_DATABASE_URL must begin with postgresql:// or sqlite://")
    url = url.set(drivername=driver)
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise DatabaseError("PILOTBOT_DATABASE_URL must name a file, as in sqlite:///data/pilotbot.db")
        return url
    return url.set(query={**_LIBPQ, **url.query})


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"SQLite database {url.database}"
    return f"PostgreSQL database {url.database or url.username} at {url.host or 'localhost'}:{url.port or 5432}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # what people ask, and the keys of cookies
    except OSError as error:
        raise DatabaseError(f"the folder {folder} cannot be made: {error.strerror}") from error


def _is_outage(error: exc.SQLAlchemyError) -> bool:
    """Whether the database is at fault; else it is the statement or its data, and trying again would not help."""
    at_fault = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
    # sqlite3 says plain DatabaseError of a file that is damaged or no database.
    return isinstance(error, at_fault) or type(error) is exc.DatabaseError


def _tune_sqlite(engine: Engine) -> None:
    """WAL, and transactions that begin where SQLAlchemy says, rather than where Python's sqlite3 thinks best."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        with suppress(sqlite3.OperationalError):  # another process is at it; WAL is a property of the file
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL: safe against crashes of the process
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that began as a reader could not wait for its turn: SQLite refuses it at once.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def known_revisions() -> list[str]:
    """Every revision of the tables that this version of the code knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()]


def _alembic() -> Config:
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _revisions(connection: Connection) -> tuple[str | None, str | None]:
    script = ScriptDirectory.from_config(_alembic())
    current = MigrationContext.configure(connection).get_current_revision()
    if current and current not in known_revisions():
        raise DatabaseError(f"the database was written by a newer pilotbot (revision {current}): install that one")
    return current, script.get_current_head()
