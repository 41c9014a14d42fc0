"""`pilotbot import` and `pilotbot export`: the knowledge from files and to files, beside a running service or without."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot import compose, live
from bot.progress_bar import progress_bar
from bot.settings import Settings
from handlers import consequences, importing
from handlers import import_texts as texts
from handlers.consequences import Consequences
from handlers.editing import Editor
from handlers.importing import File, Importer, Preview, Progress
from knowledge.import_plan import Plan
from knowledge.model import Pack
from knowledge.readers import ReadError, sheets
from knowledge.store import versions
from knowledge.workbook import DoesNotFit, failed_rows
from scheduler.model import PilotError

Ask = Callable[[str], str]  # question -> answer


class TransferFailed(Exception):  # noqa: N818 - says what happened
    """The import or export failed; the text is one line for people."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import did, or would do."""

    plan: Plan
    consequences: Consequences | None  # of a dry run


async def load(
    settings: Settings, paths: Sequence[Path], slug: str | None, *, dry_run: bool, ask: Ask | None = None
) -> Loaded:
    """Imports the files, all or nothing.

    :param ask: puts a question to the person at the terminal, where there is one.
    :raises TransferFailed: a file cannot be opened, or somebody changed the knowledge meanwhile.
    :raises Unavailable: the database does not answer.
    """
    files = [File(path.name, _bytes(path), slug) for path in paths]
    clock = compose.clock_of(settings)
    async with compose.stored(settings) as database:
        await live.seed(database, clock())
        async with database.session() as session:
            pack, _ = await versions.load(session)
        importer = Importer(database, Editor(database, lambda: compose.world_from(settings, pack), clock))
        with progress_bar(sys.stderr) as progress:
            preview = await importer.preview(files, progress)
        if ask and (named := _named(files, preview.plan, ask)) != files:
            with progress_bar(sys.stderr) as progress:
                preview = await importer.preview(named, progress)
        with progress_bar(sys.stderr) as progress:
            if dry_run:
                progress(texts.ASKING_AGAIN)
                return Loaded(preview.plan, await consequences.of_preview(database, preview))
            await _apply(importer, preview, progress)
    return Loaded(preview.plan, None)


async def save(settings: Settings, path: Path) -> None:
    """Writes the whole knowledge to a file, which is there whole or not at all.

    :raises TransferFailed: no such kind of file, or it cannot be written.
    """
    if path.suffix.lower() not in importing.EXPORTS:
        raise TransferFailed(f"{path}: the name must end in {' or '.join(importing.EXPORTS)}")
    async with compose.stored(settings) as database:
        await live.seed(database, compose.clock_of(settings)())
        async with database.session() as session:
            pack, _ = await versions.load(session)
    await asyncio.to_thread(_write, path, pack)


def _named(files: list[File], plan: Plan, ask: Ask) -> list[File]:
    """The files, with a slug for those that do not say which document they are."""
    unknown = {fault.file for fault in plan.faults if fault.message == texts.NO_SLUG}
    return [
        replace(f, slug=ask(texts.ASK_SLUG.format(file=f.name)).strip() or None) if f.name in unknown else f
        for f in files
    ]


async def _apply(importer: Importer, preview: Preview, progress: Progress) -> None:
    try:
        await importer.apply(preview, _author(), progress=progress)
    except versions.Outdated:
        raise TransferFailed(texts.OUTDATED) from None
    except PilotError as error:
        raise TransferFailed(str(error)) from None


def check(plan: Plan) -> None:
    """:raises TransferFailed: something is wrong with the files."""
    if plan.faults:
        faulty = texts.FAULTY.format(number=len(plan.faults))
        is_unnamed = any(fault.message == texts.NO_SLUG for fault in plan.faults)
        raise TransferFailed(texts.SLUG_OPTION.format(faulty=faulty) if is_unnamed else faulty)


def as_json(plan: Plan) -> str:
    """What `--json` prints."""
    errors = [{"file": f.file, "line": f.line, "column": f.column, "message": f.told} for f in plan.faults]
    return json.dumps({**plan.counts, "errors": errors}, ensure_ascii=False)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TransferFailed(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None


def save_failed(path: Path, file: Path, plan: Plan) -> None:
    """Writes the rows of a spreadsheet that have faults, with the reasons beside them, ready to be mended.

    :raises TransferFailed: it is no spreadsheet that can be read, or it cannot be written.
    """
    if file.suffix.lower() not in sheets.SUFFIXES:
        raise TransferFailed(f"{file}: only the rows of a spreadsheet can be given back")
    try:
        data = failed_rows(file.name, _bytes(file), plan.faults)
    except ReadError as error:
        raise TransferFailed(str(error)) from None
    _put(path, data)


def _write(path: Path, pack: Pack) -> None:
    _put(path, _exported(path, pack))


def _put(path: Path, data: bytes) -> None:
    try:
        if path.exists() and not path.is_file():  # a pipe or a device is no file to be replaced
            path.write_bytes(data)
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(data)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise TransferFailed(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from None


def _exported(path: Path, pack: Pack) -> bytes:
    try:
        return importing.exported(pack, path.suffix.lower())
    except DoesNotFit as error:
        raise TransferFailed(str(error)) from None


def _author() -> str:
    """Who runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for the user id
        return str(os.getuid())
