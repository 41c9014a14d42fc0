"""The engine, its transactions and its migrations, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import SQLModel

from bot.database import Database, DatabaseError, default_url
from handlers.tables import ConversationRow
from knowledge.errors import Unavailable
from tests.conftest import ON_POSTGRES, POSTGRES

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)


def conversation(user: str, at: datetime = AT) -> ConversationRow:
    return ConversationRow(user=user, state={"问": ["一", None]}, updated_at=at)


async def users(database: Database) -> list[str]:
    async with database.session() as session:
        return list(await session.scalars(text('SELECT "user" FROM conversation ORDER BY 1')))


async def test_a_migrated_database_has_exactly_the_tables_of_the_models(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))

    database = Database(database_url)
    assert (await database.revisions())[0] is None
    await database.migrate()
    current, head = await database.revisions()
    assert current == head is not None
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_migrating_again_keeps_what_is_there(database: Database) -> None:
    async with database.transaction() as session:
        session.add(conversation("zhang"))
    await database.migrate()
    assert await users(database) == ["zhang"]


async def test_what_older_versions_wrote_says_by_now_what_it_takes_back_and_tells_of(database_url: str) -> None:
    database = Database(database_url)
    await asyncio.to_thread(database.upgrade, "0011")
    changes = [(1, "import", "导入 a.txt"), (2, "undo", "撤销第1号"), (3, "edit", "撤销第1号")]
    told = [(1, "update", "update:1:all"), (2, "reminder", "reminder:a:1:7"), (3, "update", "resend:1:9.0")]
    async with database.transaction() as session:
        into_change = "INSERT INTO change (id, at, author, kind, reason, summary)"
        into_occurrence = "INSERT INTO occurrence (id, created_at, content, kind, key)"
        for id_, kind, reason in changes:
            values = {"id": id_, "kind": kind, "reason": reason}
            await session.execute(text(into_change + " VALUES (:id, '2026-03-04', 'li', :kind, :reason, '{}')"), values)
        for id_, kind, key in told:
            values = {"id": id_, "kind": kind, "key": key}
            await session.execute(text(into_occurrence + " VALUES (:id, '2026-03-04', '{}', :kind, :key)"), values)
    await database.migrate()
    async with database.session() as session:
        undoes = await session.execute(text("SELECT id, undoes FROM change ORDER BY id"))
        assert [tuple(row) for row in undoes] == [(1, None), (2, 1), (3, None)]
        of_change = await session.execute(text("SELECT id, change_id FROM occurrence ORDER BY id"))
        assert [tuple(row) for row in of_change] == [(1, 1), (2, None), (3, None)]
    await database.close()


async def test_replicas_that_start_at_once_all_find_a_migrated_database(database_url: str) -> None:
    start = "import asyncio, sys; from bot.database import Database; asyncio.run(Database(sys.argv[1]).migrate())"
    replicas = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", start, database_url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    errors = [replica.communicate(timeout=60)[1] for replica in replicas]
    assert errors == ["", "", ""]
    database = Database(database_url)
    await database.ping()
    current, head = await database.revisions()
    assert current == head
    await database.close()


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(database_url: str) -> None:
    database = Database(database_url)
    await database.migrate()
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"^the database was written by a newer pilotbot \(revision 9999\)[^\n]*$"):
        await database.migrate()
    with pytest.raises(DatabaseError, match="newer"):
        await database.revisions()
    await database.close()


async def test_an_error_takes_the_whole_transaction_back(database: Database) -> None:
    with pytest.raises(RuntimeError, match="halfway"):
        async with database.transaction() as session:
            session.add(conversation("zhang"))
            await session.flush()
            raise RuntimeError("halfway")
    assert await users(database) == []


async def test_a_session_for_reading_keeps_nothing(database: Database) -> None:
    async with database.session() as session:
        session.add(conversation("zhang"))
        await session.flush()
    assert await users(database) == []


async def test_errors_of_the_statement_are_not_taken_for_an_outage(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        async with database.transaction() as session:
            session.add_all([conversation("zhang"), conversation("zhang")])
    assert "zhang" not in str(caught.value).partition("[SQL")[2]


async def test_many_writers_take_turns(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.transaction() as session:
            counted = await session.scalar(text("SELECT count(*) FROM conversation"))
            session.add(conversation(f"{number:02} {counted is None}"))

    await asyncio.gather(*(write(number) for number in range(30)))
    assert len(await users(database)) == 30


async def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    local = datetime.fromisoformat("2026-03-04T13:06:07.000089+08:00")
    async with database.transaction() as session:
        session.add(conversation("zhang", local))
    async with database.session() as session:
        stored = await session.get_one(ConversationRow, "zhang")
    assert (stored.updated_at, stored.updated_at.tzinfo, stored.state) == (AT, UTC, {"问": ["一", None]})


async def test_a_naive_moment_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="needs a time zone"):
        async with database.transaction() as session:
            session.add(conversation("zhang", AT.replace(tzinfo=None)))


async def test_sqlite_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    database = Database(default_url(tmp_path / "new" / "folder?"))
    await database.migrate()
    count = text("SELECT count(*) FROM conversation")
    async with database.session() as session:
        found = {name: await session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")}
        assert found == {"journal_mode": "wal", "foreign_keys": 1}
        assert await session.scalar(count) == 0
        async with database.transaction() as writer:
            writer.add(conversation("zhang"))
        assert await session.scalar(count) == 0  # a reader keeps its view of things
    assert await users(database) == ["zhang"]
    await database.close()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:///data/x.db", "SQLite database data/x.db"),
        ("sqlite+aiosqlite:////var/x.db", "SQLite database /var/x.db"),
        ("postgresql://u:geheim@db.example/pilot", "PostgreSQL database pilot at db.example:5432"),
        ("postgres://u:geheim@db.example:6543/pilot", "PostgreSQL database pilot at db.example:6543"),
        (" postgresql+asyncpg://u:geheim@db.example/pilot\n", "PostgreSQL database pilot at db.example:5432"),
        ("postgresql+psycopg2://u:geheim@/pilot?host=/run", "PostgreSQL database pilot at localhost:5432"),
    ],
)
def test_addresses_are_understood_with_any_driver_suffix(url: str, place: str) -> None:
    database = Database(url)
    assert database.place == place
    assert database.engine.driver in ("aiosqlite", "psycopg")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "u:geheim@host/db",
        "postgresql://u:geheim@host:port/db",
        "mysql://u:geheim@host/db",
        "sqlite://",
        "sqlite:///",
    ],
)
def test_what_is_no_usable_address_gets_one_line_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        Database(url)
    message = str(caught.value)
    assert message.startswith("PILOTBOT_DATABASE_URL ")
    assert "\n" not in message
    assert "geheim" not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


async def test_an_unreachable_server_gets_one_line_without_the_password() -> None:
    database = Database("postgresql://somebody:geheim@127.0.0.1:1/pilot")
    for attempt in (database.migrate, database.ping, database.revisions):
        with pytest.raises(
            DatabaseError, match=r"^the PostgreSQL database pilot at 127.0.0.1:1 cannot be used"
        ) as caught:
            await attempt()
        assert "\n" not in str(caught.value)
        assert "geheim" not in f"{caught.value} {caught.value.__cause__}"
        assert isinstance(caught.value, Unavailable)
    await database.close()


async def test_a_folder_that_cannot_be_made_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    database = Database(default_url(tmp_path / "file" / "folder"))
    with pytest.raises(DatabaseError, match=r"^the folder .*file/folder cannot be made: Not a directory$"):
        await database.migrate()
    with pytest.raises(DatabaseError, match=r"^the SQLite database .* cannot be used: unable to open database file$"):
        await database.ping()


async def test_nobody_else_reads_a_folder_made_for_it(tmp_path: Path) -> None:
    database = Database(default_url(tmp_path / "data"))
    await database.migrate()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    await database.close()


async def test_a_file_that_is_no_database_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "pilotbot.db").write_bytes(b"shopping list " * 100)
    database = Database(default_url(tmp_path))
    for attempt in (database.migrate, database.ping):
        with pytest.raises(DatabaseError, match=r"cannot be used: file is not a database$"):
            await attempt()
    await database.close()


@pytest.mark.postgres
async def test_a_database_that_cannot_hold_chinese_is_refused_in_one_line() -> None:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        try:
            admin.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        except psycopg.errors.InsufficientPrivilege as error:
            pytest.skip(str(error))
        database = Database(make_url(POSTGRES).set(database=name).render_as_string(False))
        try:
            with pytest.raises(DatabaseError, match=rf"^the PostgreSQL database {name} .* has the encoding SQL_ASCII"):
                await database.migrate()
        finally:
            admin.execute(f"DROP DATABASE {name}")


@pytest.mark.parametrize("database_kind", [ON_POSTGRES])
async def test_a_server_that_falls_silent_is_noticed_within_seconds(database: Database) -> None:
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        with socket.socket(fileno=os.dup(driver.fileno())) as line:
            timeout = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            idle = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert 0 < timeout <= 10_000  # ms, while something was sent
    assert 0 < idle <= 10  # s, while nothing was
