"""A backup holds the whole state and fits either database; what is damaged changes nothing."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from bot import backup, compose
from bot.backup import BackupError
from bot.database import Database, DatabaseError, default_url, known_revisions
from bot.settings import Settings
from handlers.tables import ConversationRow, FeedbackRow, QuestionRow, WelcomeRow
from knowledge.store import versions
from scheduler.tables import AlarmRow, BatchRow, OccurrenceRow, RecipientRow

AT = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
ROWS: tuple[SQLModel, ...] = (
    ConversationRow(user="li", state={"问": ["一", None]}, updated_at=AT),
    WelcomeRow(user="li", day=date(2026, 3, 4)),
    QuestionRow(id=7, key="k", user=None, text="数字\n人民币 😀", at=AT, outcome="answer", score=0.25),
    FeedbackRow(id=3, key="f", user="li", at=AT, useful=True, question="q", question_key="k", measures=["a/1.1"]),
    AlarmRow(id=9, at=AT, kind="quota", text="full"),
    OccurrenceRow(id=5, key="o", kind="reminder", content={}, created_at=AT),
    RecipientRow(occurrence_id=5, user="li", state="planned", due_at=AT),
    BatchRow(id="b", occurrence_id=5, body="{}", built_on=date(2026, 3, 4), size=1, state="sending", attempts=1,
             claimed_at=AT, next_at=AT, owner="x"),
)  # fmt: skip


async def filled(database: Database) -> Database:
    async with database.transaction() as session:
        for row in ROWS:
            session.add(type(row)(**row.model_dump()))
            await session.flush()
    return database


async def rows_of(database: Database) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async with database.session() as session:
        for kind in dict.fromkeys(map(type, ROWS)):
            rows: Sequence[SQLModel] = (await session.scalars(select(kind))).all()
            found += [row.model_dump() for row in rows]
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.backup"


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite database that another service has been writing to."""
    (tmp_path / "elsewhere").mkdir()
    database = Database(default_url(tmp_path / "elsewhere"))
    await database.migrate()
    async with database.transaction() as session:
        session.add(ConversationRow(user="wang", state={}, updated_at=AT))
    yield database
    await database.close()


async def test_what_was_saved_comes_back_in_place_of_what_is_there(database: Database, file: Path) -> None:
    await filled(database)
    made = backup.save(database, file, AT)
    async with database.transaction() as session:
        session.add(ConversationRow(user="later", state={}, updated_at=AT))
    restored = backup.load(database, file)
    assert made == restored
    assert made.rows == len(ROWS)
    assert await rows_of(database) == [row.model_dump() for row in ROWS]


async def test_a_backup_of_either_database_fits_sqlite(database: Database, elsewhere: Database, file: Path) -> None:
    backup.save(await filled(database), file, AT)
    backup.load(elsewhere, file)
    assert await rows_of(elsewhere) == [row.model_dump() for row in ROWS]


async def test_a_backup_of_sqlite_fits_either_database(database: Database, elsewhere: Database, file: Path) -> None:
    backup.save(await filled(elsewhere), file, AT)
    backup.load(database, file)
    stored = [row for row in await rows_of(database) if row.get("user") != "wang"]
    assert stored == [row.model_dump() for row in ROWS]


async def test_numbers_given_afterwards_are_new_ones(database: Database, file: Path) -> None:
    backup.save(await filled(database), file, AT)
    backup.load(database, file)
    async with database.transaction() as session:
        row = AlarmRow(at=AT, kind="quota", text="again")
        session.add(row)
        await session.flush()
        assert row.id == 10


async def test_the_whole_knowledge_survives_and_a_running_service_takes_it_up(tmp_path: Path, file: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    clock = compose.clock_of(settings)
    async with compose.opened(settings, clock) as core:
        before = core.library()
        backup.save(core.database, file, AT)
        backup.load(core.database, file)
        async with core.database.session() as session:
            pack, number = await versions.load(session)
    assert (pack, number) == (before.pack, before.version)


async def test_only_its_owner_can_read_it(database: Database, file: Path) -> None:
    backup.save(database, file, AT)
    assert mode_of(file) == 0o600


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def lines_of(file: Path) -> list[str]:
    return gzip.decompress(file.read_bytes()).decode().splitlines()


def rewritten(file: Path, lines: list[str]) -> None:
    file.write_bytes(gzip.compress("\n".join(lines).encode()))


def cut_file(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-30])


def cut_lines(file: Path) -> None:
    rewritten(file, lines_of(file)[:-1])


def missing_row(file: Path) -> None:
    lines = lines_of(file)
    del lines[next(n for n, line in enumerate(lines) if line.startswith("["))]
    rewritten(file, lines)


def unknown_table(file: Path) -> None:
    rewritten(file, [line.replace('"table":"alarm"', '"table":"alarms"') for line in lines_of(file)])


def wrong_value(file: Path) -> None:
    rewritten(file, [line.replace("2026-03-04", "yesterday") for line in lines_of(file)])


def twice_the_same(file: Path) -> None:
    lines = lines_of(file)
    place = next(n for n, line in enumerate(lines) if line.startswith("["))
    rewritten(file, [*lines[:place], lines[place], *lines[place:-1], json.dumps({"rows": len(ROWS) + 1})])


def no_backup(file: Path) -> None:
    file.write_text("shopping list")


def other_gzip(file: Path) -> None:
    file.write_bytes(gzip.compress(b"[1, 2]\n"))


def newer(file: Path) -> None:
    rewritten(file, [line.replace(known_revisions()[0], "9999") for line in lines_of(file)])


@pytest.mark.parametrize(
    "spoil",
    [cut_file, cut_lines, missing_row, unknown_table, wrong_value, twice_the_same, no_backup, other_gzip, newer],
)
async def test_a_file_that_is_not_right_changes_nothing(
    database: Database, file: Path, spoil: Callable[[Path], None]
) -> None:
    backup.save(await filled(database), file, AT)
    spoil(file)
    with pytest.raises(BackupError) as caught:
        backup.load(database, file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)
    assert await rows_of(database) == [row.model_dump() for row in ROWS]


async def test_a_backup_of_an_older_version_is_brought_up_to_this_one(
    database: Database, tmp_path: Path, file: Path
) -> None:
    (tmp_path / "old").mkdir()
    older = Database(default_url(tmp_path / "old"))
    older.upgrade("0001")
    with older.blocking(writes=True) as connection:
        connection.exec_driver_sql("INSERT INTO welcome VALUES ('li', '2026-03-04')")
    assert backup.save(older, file, AT).revision == "0001"
    backup.load(database, file)
    async with database.session() as session:
        assert [row.user for row in await session.scalars(select(WelcomeRow))] == ["li"]
    assert (await database.revisions())[0] == known_revisions()[0]


async def test_no_database_and_no_file_are_one_line_each(tmp_path: Path, file: Path) -> None:
    nothing = Database(default_url(tmp_path / "nowhere"))
    with pytest.raises(DatabaseError, match="there is no database at"):
        backup.save(nothing, file, AT)
    with pytest.raises(BackupError, match="cannot be read: no such file"):
        backup.load(nothing, tmp_path / "missing")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(DatabaseError, match="cannot be used"):
        backup.save(Database("postgresql://u:p@127.0.0.1:1/x"), file, AT)
    assert names_in(tmp_path) == []


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_place_that_cannot_be_written_is_one_line(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="cannot be written: no such file or directory"):
        backup.save(database, tmp_path / "no" / "folder", AT)


async def test_a_pipe_is_written_into_and_a_link_stays_one(database: Database, tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("file")
    with ThreadPoolExecutor() as threads:
        reading = threads.submit(pipe.read_bytes)
        backup.save(database, pipe, AT)
        backup.save(database, link, AT)
        assert gzip.decompress(reading.result()) == gzip.decompress((tmp_path / "file").read_bytes())
    assert pipe.is_fifo()
    assert link.is_symlink()
