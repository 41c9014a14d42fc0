"""Shared fixtures: a database of its own for every test, on SQLite and (`-m postgres`) on PostgreSQL."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from sqlmodel import SQLModel

from benchmarks import postgres
from bot.database import Database, default_url

# A server and a database in which the tests may make and drop schemas.
POSTGRES = os.environ.get("PILOTBOT_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """What a command configures in this process does not reach the next test."""
    thresholds, turns = gc.get_threshold(), sys.getswitchinterval()
    root, own = logging.getLogger(), logging.getLogger("pilotbot")
    handlers, levels = root.handlers[:], (root.level, own.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    own.setLevel(levels[1])
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(turns)


ON_POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", ON_POSTGRES])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kind of database that a test uses: each in turn, unless the test says which."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, without tables."""
    if database_kind == "sqlite":
        yield default_url(tmp_path)
        return
    with schema() as url:
        yield url


@pytest.fixture
def migrated_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with the tables of this version, and nothing in them."""
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "pilotbot.db")
        yield default_url(tmp_path)
        return
    url = request.getfixturevalue("migrated_schema")
    yield url
    empty(url)


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    """An open database with the tables of this version, and nothing in them."""
    database = Database(migrated_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied: migrating anew for every test would take most of its time."""
    folder = tmp_path_factory.mktemp("migrated")
    migrate(default_url(folder))
    return folder / "pilotbot.db"


@pytest.fixture(scope="session")
def migrated_schema() -> Iterator[str]:
    """The address of a PostgreSQL schema with all tables, which each test leaves empty."""
    with schema() as url:
        migrate(url)
        yield url


def migrate(url: str) -> None:
    """Makes all tables."""

    async def make() -> None:
        database = Database(url)
        await database.migrate()
        await database.close()

    asyncio.run(make())


def empty(url: str) -> None:
    """Takes all rows out of a PostgreSQL schema. Emptying a table takes a while also where it has none."""
    with psycopg.connect(url) as connection:
        tables = SQLModel.metadata.sorted_tables
        held = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)  # noqa: S608  names of our own
        filled = [name for (name,) in connection.execute(held)]
        if filled:
            connection.execute(f"SET lock_timeout = '10s'; TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE")


def absent(what: str) -> NoReturn:
    """What a test needs is not there: in CI a failure, elsewhere no test."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def schema() -> Iterator[str]:
    """The address of an empty schema of its own on the PostgreSQL server."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.schema(POSTGRES))
        except psycopg.OperationalError as error:
            absent(f"no PostgreSQL server: {error}")
        yield url
