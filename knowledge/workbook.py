"""Workbooks that people get: the whole knowledge, a template to fill in, the rows that could not be imported."""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from knowledge import import_texts as texts
from knowledge.changes import KINDS
from knowledge.model import Pack
from knowledge.readers.sheets import read_sheets, shielded
from knowledge.spreadsheet import NOTES, REASON, WHOLE, header_of, joined
from knowledge.stated import SORTS, Fault, Shape

MAX_CELL = 32_767  # characters that a cell can hold

_NOT_IN_TITLES = re.compile(r"[\\\\/*?:\[\]\x00-\x1f]")  # of sheets, which have at most 31 characters
_WIDE = {"summary": 50, "text": 60, "asked_as": 40, "title": 30, "id": 24, "words": 60, "phrases": 60, "items": 30}


class DoesNotFit(ValueError):  # noqa: N818 - says what is wrong
    """A text is longer than a cell can hold; the text is for people."""


class _Tools(NamedTuple):
    """What openpyxl gives for writing; `Any`, as it has no types of its own."""

    book: Any  # class of workbooks
    cell: Any  # class of cells
    forbidden: Any  # pattern of the characters that a cell cannot hold
    bold: Any
    head: Any
    wrap: Any


@functools.cache
def _tools() -> _Tools:
    """Loaded at the first workbook: a service that writes none spares 25 MB."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font, PatternFill

    wrap = Alignment(wrap_text=True, vertical="top")
    head = PatternFill("solid", fgColor="E8EEF7")
    return _Tools(Workbook, WriteOnlyCell, ILLEGAL_CHARACTERS_RE, Font(bold=True), head, wrap)


def exported_workbook(pack: Pack) -> bytes:
    """The whole knowledge as .xlsx that `read_spreadsheet` reads back without loss, one sheet for each kind of entry.

    :raises DoesNotFit: it cannot be kept in cells; a .yaml can.
    """
    book = _book()
    for kind, sort in SORTS.items():
        if values := getattr(pack, KINDS[kind].attribute):
            fields = [name for name, about in sort.fields.items() if about.shape is not Shape.DERIVED]
            rows = (_row(kind, KINDS[kind].body(value), fields) for value in values)
            _sheet(book, sort.name, [sort.fields[name].name for name in fields], rows, fields)
    return _bytes(book)


def template() -> bytes:
    """A workbook to fill in: the sheets with their headers, and a sheet that explains them."""
    book = _tools().book(write_only=True)
    for kind in ("measure", "document", "sector", "synonym"):
        sort = SORTS[kind]
        fields = [name for name, about in sort.fields.items() if about.shape is not Shape.DERIVED]
        _sheet(book, sort.name, [sort.fields[name].name for name in fields], (), fields)
    _sheet(book, NOTES, texts.TEMPLATE_HEAD, texts.TEMPLATE_NOTES)
    return _bytes(book)


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], fields: Sequence[str]) -> bytes:
    """A workbook of one sheet.

    :param fields: of the columns, for their width.
    :raises DoesNotFit: a text is longer than a cell can hold.
    """
    book = _tools().book(write_only=True)
    _sheet(book, _NOT_IN_TITLES.sub("", title)[:31] or NOTES, head, rows, fields)
    return _bytes(book)


def failed_rows(file: str, data: bytes, faults: Iterable[Fault]) -> bytes:
    """The rows of a spreadsheet that have faults, each with the reasons in a column of its own, ready to be mended.

    :raises ReadError: the file cannot be read; then there are no rows to give.
    """
    reasons: dict[tuple[str, int], list[str]] = {}
    for fault in faults:
        if fault.file == file and fault.line:
            reasons.setdefault((fault.sheet, fault.line), []).append(fault.message)
    book = _tools().book(write_only=True)
    for sheet in read_sheets(file, data):
        wanted = {line for name, line in reasons if name == sheet.name}
        rows = _failed(sheet.name, sheet.rows, wanted, reasons)
        if rows:
            _sheet(book, sheet.name or NOTES, rows[0], rows[1:])
    return _bytes(book)


def _failed(
    name: str, rows: Iterable[tuple[int, list[str]]], wanted: Collection[int], reasons: Mapping[Any, Sequence[str]]
) -> list[list[str]]:
    """Header and failed rows of a sheet; empty where it has none of either."""
    found: list[list[str]] = []
    for number, cells in rows:
        if not found and header_of(name, number, cells):
            found.append([*cells, REASON])
        elif found and number in wanted:
            width = len(found[0]) - 1
            found.append([*(cells + [""] * width)[:width], "；".join(reasons[name, number])])
    return found if len(found) > 1 else []


def _book() -> Any:
    """A workbook that is marked as an export."""
    book = _tools().book(write_only=True)
    mark = book.create_sheet(WHOLE)
    mark.append([WHOLE, "1"])
    mark.sheet_state = "hidden"
    return book


def _row(kind: str, body: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    shapes = SORTS[kind].fields
    return [_cell_text(body.get(name), shapes[name].shape) for name in fields]


def _cell_text(value: Any, shape: Shape) -> str:
    if value is None or value in ([], {}):
        return ""
    if shape is Shape.MILESTONES:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return joined([f"{number}：{heading}" for number, heading in value.items()])
    return joined([str(item) for item in value]) if isinstance(value, list) else str(value)


def _sheet(
    book: Any, title: str, head: Sequence[str], rows: Iterable[Sequence[str]], fields: Sequence[str] = ()
) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    for place, name in enumerate(fields):
        sheet.column_dimensions[chr(ord("A") + place)].width = _WIDE.get(name, 18)
    sheet.append([_styled(sheet, name) for name in head])
    for row in rows:
        sheet.append([_text(sheet, text) for text in row])


def _styled(sheet: Any, text: str) -> Any:
    cell = _tools().cell(sheet, text)
    cell.font, cell.fill = _tools().bold, _tools().head
    return cell


def _text(sheet: Any, text: str) -> Any:
    """A cell of text, whatever it begins with."""
    if not text:
        return None
    clean = shielded(_tools().forbidden.sub("", text))
    if len(clean) > MAX_CELL:
        raise DoesNotFit(texts.DOES_NOT_FIT.format(length=len(clean), limit=MAX_CELL))
    cell = _tools().cell(sheet, clean)
    cell.data_type = "s"
    if "\n" in clean:
        cell.alignment = _tools().wrap
    return cell


def _bytes(book: Any) -> bytes:
    if not book.worksheets:
        book.create_sheet(NOTES)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
