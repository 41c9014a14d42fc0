"""Spreadsheets of knowledge: a header row names the fields, each row below states one entry.

A cell left empty keeps what is known; EMPTY clears it. In a workbook that `export` wrote, an empty cell is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.readers import ReadError
from knowledge.readers import texts as reader_texts
from knowledge.readers.sheets import Row, Sheet, read_sheets
from knowledge.stated import SORTS, Fault, Raw, Shape, Sort, Stated, read_entry

WHOLE = "pilotbot"  # the hidden sheet that marks an export
REASON = "错误原因"  # the column that a sheet of failed rows adds
NOTES = "说明"  # a sheet that explains the others
EMPTY = "（空）"
ROWS_A_STEP = 1000  # between two reports of the progress
HEADER_ROWS = 10  # rows in which the header may stand

_SEPARATORS = re.compile(r"[；;|\n]")
_LISTS = {Shape.TEXTS, Shape.HEADINGS, Shape.DATES}


@dataclass(slots=True)
class SheetFile:
    """What a spreadsheet states, and everything that is wrong with it."""

    stated: list[Stated] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Header:
    """The header row of a sheet."""

    kind: str
    row: int
    columns: Mapping[int, str]  # column, from 0 -> field
    unknown: Mapping[int, str]  # column, from 0 -> what stands there


RowsRead = Callable[[int, float], None]  # the row, and which share of the file has been read


def read_spreadsheet(file: str, data: bytes, progress: RowsRead = lambda _row, _share: None) -> SheetFile:
    """:param progress: told the row now and then.
    :raises ReadError: for a file that cannot be read at all."""
    found = SheetFile()
    whole = False
    headers = 0
    for sheet in _whole_first(read_sheets(file, data)):
        if isinstance(sheet, bool):
            whole = sheet
        elif sheet.name.strip() not in (NOTES, WHOLE):
            headers += _read_sheet(found, file, sheet, whole, progress)
    if not headers and not found.faults:
        raise ReadError(file, reader_texts.NO_HEADER)
    return found


def _whole_first(sheets: Iterator[Sheet]) -> Iterator[Sheet | bool]:
    """The sheets; before the first one, whether the marking sheet, which an export writes first, is there."""
    first = next(sheets, None)
    yield first is not None and first.name == WHOLE
    if first is not None:
        yield first
    yield from sheets


def _read_sheet(found: SheetFile, file: str, sheet: Sheet, whole: bool, progress: RowsRead) -> int:
    """Adds what a sheet states; 1 where it has a header row that is ours, 0 where it is empty."""
    before: list[Row] = []
    header = None
    for number, cells in sheet.rows:
        if number % ROWS_A_STEP == 0:
            progress(number, sheet.share())
        if header is None:
            before.append((number, cells))
            header = header_of(sheet.name, number, cells)
            if header:
                found.faults += _faults_of(header, file, sheet.name)
            elif len(before) == HEADER_ROWS:
                break
        else:
            stated, faults = _entry(header, file, sheet.name, number, cells, whole)
            found.faults += faults
            if stated:
                found.stated.append(stated)
    if before and header is None:
        found.faults.append(Fault(file, before[0][0], None, reader_texts.NO_HEADER, sheet.name))
    return int(header is not None)


def header_of(sheet: str, number: int, cells: Sequence[str]) -> Header | None:
    """The header that a row is: that of the kind which the sheet is named after, else of the kind it fits best."""
    named = [kind for kind, sort in SORTS.items() if _folded(sheet) in (kind, sort.section, sort.name)]
    scored = []
    for kind in named or SORTS:
        columns = _columns(SORTS[kind], cells)
        if SORTS[kind].key in columns.values():
            scored.append((len(columns), kind, columns))
    if not scored:
        return None
    _, kind, columns = max(scored, key=lambda hit: hit[0])
    unknown = {n: cell for n, cell in enumerate(cells) if cell and n not in columns and cell != REASON}
    return Header(kind, number, columns, unknown)


def _columns(sort: Sort, cells: Sequence[str]) -> dict[int, str]:
    names = {
        _folded(name): field for field, about in sort.fields.items() for name in (field, about.name, *about.other_names)
    }
    return {place: names[_folded(cell)] for place, cell in enumerate(cells) if _folded(cell) in names}


def _folded(name: str) -> str:
    """'* Asked As ' -> 'asked_as', '（编号）' stays."""
    return "_".join(name.strip(" *＊：:\u3000").casefold().split())


def _faults_of(header: Header, file: str, sheet: str) -> Iterator[Fault]:
    known = "、".join(about.name for about in SORTS[header.kind].fields.values())
    for place, cell in header.unknown.items():
        message = reader_texts.UNKNOWN_COLUMN.format(value=cell, known=known)
        yield Fault(file, header.row, place + 1, message, sheet)
    seen: set[str] = set()
    for place, name in header.columns.items():
        if name in seen:
            message = reader_texts.COLUMN_TWICE.format(value=SORTS[header.kind].fields[name].name)
            yield Fault(file, header.row, place + 1, message, sheet)
        seen.add(name)


def _entry(
    header: Header, file: str, sheet: str, number: int, cells: Sequence[str], whole: bool
) -> tuple[Stated | None, list[Fault]]:
    fields = SORTS[header.kind].fields
    raw: dict[str, Raw] = {}
    columns: dict[str, int] = {}
    for place, name in header.columns.items():
        columns[name] = place + 1
        cell = cells[place] if place < len(cells) else ""
        if cell or whole:
            raw[name] = _raw(cell, fields[name].shape)
    return read_entry(header.kind, raw, file, number, columns, sheet)


def _raw(cell: str, shape: Shape) -> Raw:
    if cell in ("", EMPTY):
        return None
    return listed(cell) if shape in _LISTS else cell


def listed(cell: str) -> list[str]:
    """The texts of a cell: one a line, or in one line parted by semicolons. `joined` makes such a cell."""
    return cell.split("\n") if "\n" in cell else _SEPARATORS.split(cell)


def joined(items: Sequence[str]) -> str:
    """One text a line; a line end behind the only one keeps its semicolons from parting it."""
    text = "\n".join(items)
    return f"{text}\n" if len(items) == 1 and _SEPARATORS.search(text) else text
