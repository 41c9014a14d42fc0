"""`pilotbot backup` and `restore`: the whole state in one compressed file that fits SQLite and PostgreSQL alike.

The file is gzip of JSON lines: a head, then for each table a line with its name and columns and a line for each row,
and at last the number of rows, so that a file that was cut off is never taken for a whole one.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from bot import dump
from bot.database import Database, default_url, known_revisions
from bot.dump import Contents, Row

FORMAT = "pilotbot backup 1"
STREAM = Path("-")  # where there is no file: it goes through a pipe
PARTIAL = ".partial"  # what a file is called until it is whole
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}  # of PostgreSQL; SQLite always has one


class BackupError(Exception):
    """Why a backup cannot be written or used, in one line."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup file holds."""

    revision: str  # of the tables
    at: datetime  # when it was made
    rows: int


def save(database: Database, path: Path, now: datetime) -> Made:
    """Writes all tables as of one moment; the file appears whole or not at all, for its owner's eyes only.

    :param path: or STREAM, for standard output.
    :raises BackupError: the file cannot be written, or there is nothing to save.
    :raises DatabaseError: the database does not answer, or is not there.
    """
    database.must_exist()
    try:
        with database.blocking(**({} if database.path else SNAPSHOT)) as connection, _destination(path) as file:
            revision = dump.revision(connection)
            if revision is None:
                raise BackupError(f"the {database.place} is empty")
            _line(file, {"format": FORMAT, "revision": revision, "at": now.isoformat()})
            rows = _write(file, dump.contents(connection))
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {_reason(error)}") from None
    return Made(revision, now, rows)


def load(database: Database, path: Path) -> Made:
    """Replaces everything in the database, in one transaction; an error leaves it as it was.

    A backup of an older version is brought up to this one on the way.

    :param path: or STREAM, for standard input.
    :raises BackupError: no backup, damaged, or of a newer version.
    :raises DatabaseError: the database does not answer, or was written by a newer version.
    """
    try:
        with gzip.open(sys.stdin.buffer if path == STREAM else path, "rt", encoding="utf-8") as file:
            lines = map(json.loads, file)
            revision, at = _head(path, next(lines, None))
            newest, *older = known_revisions()
            if revision not in (newest, *older):
                raise BackupError(f"{path} was made by a newer pilotbot (revision {revision}): install that one")
            database.upgrade()
            if revision == newest:
                return Made(revision, at, _fill(database, _tables(lines)))
            return Made(revision, at, _fill_from_older(database, revision, lines))
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, RecursionError) as error:
        why = "" if isinstance(error, gzip.BadGzipFile) else f" ({_short(error)})"
        raise BackupError(f"{path} is no backup of pilotbot, or is damaged{why}; nothing was changed") from None
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {_reason(error)}") from None


def _fill(database: Database, tables: Iterator[Contents]) -> int:
    with database.blocking(writes=True) as connection:
        return dump.replace(connection, tables)


def _fill_from_older(database: Database, revision: str, lines: Iterator[Any]) -> int:
    """By way of a database of that revision, which is migrated as any other."""
    with TemporaryDirectory(prefix="pilotbot-restore-") as folder:
        older = Database(default_url(Path(folder)))
        older.upgrade(revision)
        _fill(older, _tables(lines))
        older.upgrade()
        with older.blocking() as connection:
            return _fill(database, dump.contents(connection))


def is_stream(path: Path) -> bool:
    """Whether it is written into rather than replaced: '-', /dev/stdout, a named pipe."""
    return path == STREAM or (path.exists() and not path.is_file() and not path.is_dir())


@contextmanager
def _destination(path: Path) -> Iterator[IO[str]]:
    """:raises OSError: it cannot be written."""
    if is_stream(path):
        with nullcontext(sys.stdout.buffer) if path == STREAM else path.open("wb") as raw:
            with _compressed(raw) as file:
                yield file
            raw.flush()
        return
    path = path.resolve()  # a link stays one
    partial = path.with_name(path.name + PARTIAL)
    try:
        # For its owner alone: it holds keys and what people asked.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with _compressed(raw) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _compressed(raw: IO[bytes]) -> IO[str]:
    return gzip.open(raw, "wt", encoding="utf-8", compresslevel=6)


def _write(file: IO[str], tables: Iterator[Contents]) -> int:
    written = 0
    for name, columns, rows in tables:
        _line(file, {"table": name, "columns": columns})
        for row in rows:
            _line(file, row)
            written += 1
    _line(file, {"rows": written})
    return written


def _line(file: IO[str], value: object) -> None:
    file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _head(path: Path, head: Any) -> tuple[str, datetime]:
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise ValueError("it does not begin like one")
    return str(head.get("revision")), datetime.fromisoformat(str(head.get("at")))


def _tables(lines: Iterator[Any]) -> Iterator[Contents]:
    """The tables of a file, each to be read before the next one.

    :raises ValueError: the file ends early, or is none of ours.
    """
    counted = 0
    ahead = next(lines, None)

    def rows() -> Iterator[Row]:
        nonlocal ahead, counted
        while isinstance(ahead := next(lines, None), list):
            counted += 1
            yield ahead

    while isinstance(ahead, dict) and "table" in ahead:
        yield str(ahead["table"]), [str(name) for name in ahead["columns"]], rows()
    if ahead != {"rows": counted}:
        raise ValueError("it ends too early")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _short(error: BaseException) -> str:
    return str(error).partition("\n")[0][:120]
