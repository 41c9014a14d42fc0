"""Loading knowledge from files: what it would change, and doing so. What the command, the pages and the API call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol

import yaml

from handlers import import_texts as texts
from handlers import proposing
from handlers.editing import Editor
from handlers.store.work import Session
from knowledge import document_plan, readers
from knowledge.changes import Change, ChangeKind
from knowledge.import_plan import Draft, Plan
from knowledge.letting_go import let_go
from knowledge.library import Library
from knowledge.model import Pack, WorkdayYear
from knowledge.pack_file import read_pack, write_pack
from knowledge.readers import ReadError, sheets
from knowledge.readers.charset import decode
from knowledge.segment import Segmented, segment
from knowledge.spreadsheet import read_spreadsheet
from knowledge.stated import SORTS, Fault, Stated
from knowledge.store import versions
from knowledge.workbook import exported_workbook
from scheduler import calendar_file
from scheduler.calendar_file import CalendarError
from scheduler.store.outbox import Storage

PACKS = (".yaml", ".yml")
EXPORTS = (*PACKS, ".xlsx")
STRETCH = 1000  # entries between two reports of the progress
WORKDAYS = "workdays"  # the section of a pack, and the whole of a calendar file


class Progress(Protocol):
    """Is told how far an import has come, also from another thread."""

    def __call__(self, stage: str, share: float | None = None) -> None:
        """
        :param stage: what is being done, in Chinese.
        :param share: how much of it is done, from 0 to 1; None: not known.
        """


def unwatched(stage: str, share: float | None = None) -> None:
    """For imports that nobody watches."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to import."""

    name: str  # without folders
    data: bytes
    slug: str | None = None  # of a document, where the file does not say what it is


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do to one version of the knowledge."""

    files: tuple[str, ...]  # names
    plan: Plan
    version: int  # of the knowledge that it was made from


class Importer:
    """Previews and imports; `editor` makes the change and tells the followers, in one transaction."""

    def __init__(self, storage: Storage, editor: Editor, known: Callable[[], Library | None] = lambda: None) -> None:
        """:param known: the knowledge in memory, where there is any: it need not be loaded while it is the latest."""
        self._storage = storage
        self._editor = editor
        self._known = known

    async def preview(self, files: Sequence[File], progress: Progress = unwatched) -> Preview:
        """What the files would change, or everything that is wrong with them. Reads in a thread; changes nothing.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.session() as session:
            pack, version = await self._latest(session)
        plan = await asyncio.to_thread(planned, files, pack, progress)
        return Preview(tuple(file.name for file in files), plan, version)

    async def _latest(self, session: Session) -> tuple[Pack, int]:
        known = self._known()
        if known and known.version == await versions.version(session):
            return known.pack, known.version
        return await versions.load(session)

    async def apply(
        self,
        preview: Preview,
        author: str,
        reason: str = "",
        milestones: Collection[str] = (),
        progress: Progress = unwatched,
    ) -> Change | None:
        """Imports what was previewed, all of it or nothing; None where it changes nothing or something is wrong.

        :param milestones: ids of the proposals that become milestones of their documents' pilots.
        :raises Outdated: the knowledge has changed since the preview; nothing was written.
        :raises PilotError: a pilot or milestone cannot be so; nothing was written.
        :raises Unavailable: the database does not answer; nothing was written.
        """
        if preview.plan.is_empty:
            return None
        progress(texts.WRITING, 0.0)
        changes = await asyncio.to_thread(lambda: preview.plan.changes)
        chosen = [proposal for proposal in preview.plan.proposals if proposal.id in milestones]
        if chosen:
            changes += await proposing.accepting(self._storage, chosen, changes)
        why = reason or texts.REASON.format(files="、".join(preview.files))
        return await self._editor.apply(
            changes,
            author,
            ChangeKind.IMPORT,
            why,
            base=preview.version,
            told=lambda share: progress(texts.WRITING, share),
        )


def planned(files: Sequence[File], pack: Pack, progress: Progress = unwatched) -> Plan:
    """What the files would change, all of them together, or everything that is wrong with them. Changes nothing.

    Takes a while for large files: call it in a thread.
    """
    read = _Read()
    for file in files:
        progress(texts.READING.format(file=file.name))
        try:
            _read(read, file, pack, progress)
        except ReadError as error:
            read.faults.append(Fault(error.file, error.line, error.column, error.message))
    plan = _plan(read, pack, progress)
    let_go(read.stated)
    return plan


def exported(pack: Pack, suffix: str) -> bytes:
    """The whole knowledge as a file that `planned` reads back without loss.

    :param suffix: one of EXPORTS.
    :raises DoesNotFit: a text is too long for a cell of a spreadsheet.
    """
    return exported_workbook(pack) if suffix == ".xlsx" else _exported_pack(pack).encode()


def _exported_pack(pack: Pack) -> str:
    years = {str(year.year): _days_of(year) for year in pack.workdays}
    return write_pack(pack, {WORKDAYS: years} if years else None)


class _Read:
    """What the files say."""

    def __init__(self) -> None:
        self.documents: list[tuple[Segmented, str]] = []
        self.stated: list[Stated] = []
        self.faults: list[Fault] = []


def _read(read: _Read, file: File, pack: Pack, progress: Progress) -> None:
    suffix = PurePath(file.name).suffix.lower()
    if suffix in PACKS:
        _read_pack(read, file)
    elif suffix in sheets.SUFFIXES:
        found = read_spreadsheet(
            file.name,
            file.data,
            lambda row, share: progress(texts.READING_ROWS.format(file=file.name, row=row), share),
        )
        read.stated += found.stated
        read.faults += found.faults
    else:
        _read_document(read, file, pack)


def _read_document(read: _Read, file: File, pack: Pack) -> None:
    segmented = segment(readers.read(file.name, file.data), pack.sectors)
    slug = file.slug or document_plan.slug_for(segmented, pack.documents)
    if slug is None:
        read.faults.append(Fault(file.name, None, None, texts.NO_SLUG))
    elif any(slug == other for _, other in read.documents):
        read.faults.append(Fault(file.name, None, None, texts.DOCUMENT_TWICE.format(slug=slug)))
    else:
        read.documents.append((segmented, slug))


def _read_pack(read: _Read, file: File) -> None:
    if len(file.data) > readers.MAX_BYTES:
        raise ReadError(file.name, readers.texts.too_large(readers.MAX_BYTES // 1024 // 1024))
    found = read_pack(file.name, decode(file.name, file.data), others=(WORKDAYS,))
    read.stated += found.stated
    read.faults += found.faults
    if WORKDAYS in found.others:
        _read_workdays(read, file.name, *found.others[WORKDAYS])


def _read_workdays(read: _Read, file: str, key: yaml.Node, years: yaml.Node) -> None:
    try:
        calendar = calendar_file.read_section(key, years)
    except CalendarError as error:
        read.faults += [Fault(file, fault.line, fault.column, fault.message) for fault in error.faults]
        return
    for year, notice in calendar.years.items():
        fields = {
            "year": year,
            "holidays": [day.isoformat() for day in sorted(notice.holidays)],
            "worked": [day.isoformat() for day in sorted(notice.worked)],
        }
        read.stated.append(Stated("calendar", str(year), fields, file, key.start_mark.line + 1))


def _days_of(year: WorkdayYear) -> dict[str, Any]:
    days = {"holidays": [str(day) for day in year.holidays], "worked": [str(day) for day in year.worked]}
    return {name: found for name, found in days.items() if found or name == "holidays"}


def _plan(read: _Read, pack: Pack, progress: Progress) -> Plan:
    progress(texts.COMPARING)
    draft = Draft.of(pack)
    for segmented, slug in read.documents:
        document_plan.plan_document(draft, pack, segmented, slug)
    _state(draft, read.stated, progress)
    draft.faults += read.faults
    plan = draft.finish()
    let_go(draft.planned, draft.stated, draft.bodies, draft.original)
    return plan


def _state(draft: Draft, stated: Sequence[Stated], progress: Progress) -> None:
    order = {kind: place for place, kind in enumerate(SORTS)}  # what is referred to comes first
    for place, entry in enumerate(sorted(stated, key=lambda entry: order[entry.kind])):
        if place % STRETCH == 0:
            progress(texts.COMPARING, place / len(stated))
        draft.state(entry)
