"""Spreadsheets as rows of text: .xlsx through openpyxl, .csv in UTF-8 or GB18030. Read without trusting them."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import PurePath
from typing import Any

from knowledge.readers import check, office, texts
from knowledge.readers.charset import decode
from knowledge.readers.model import ReadError, Stopwatch

MAX_BYTES = 100 * 1024 * 1024
MAX_ROWS = 200_000  # of one sheet
MAX_COLUMNS = 60
MAX_SECONDS = 300.0
MAX_CELL = 100_000  # characters
SUFFIXES = (".xlsx", ".csv")

_HIDDEN = "'"  # before a character with which a program would take a cell for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r", _HIDDEN)

Row = tuple[int, list[str]]  # number of the row or line, from 1, and the cells from column A


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str  # '' for a .csv
    rows: Iterator[Row]  # rows without any text are left out
    share: Callable[[], float]  # of the file that has been read, from 0 to 1: for people who wait


def read_sheets(name: str, data: bytes) -> Iterator[Sheet]:
    """The sheets of a file, to be read one after the other.

    :raises ReadError: for everything that cannot be read, also while the rows are read.
    """
    file = PurePath(name.replace("\\", "/")).name or name
    check(file, data, MAX_BYTES, texts.OLD_EXCEL)
    if data.startswith(b"PK"):
        yield from _of_workbook(file, data)
    elif PurePath(file).suffix.lower() == ".xlsx":
        raise ReadError(file, texts.NOT_XLSX)
    else:
        text = decode(file, data)
        lines = io.StringIO(text, newline="")
        yield Sheet("", _of_csv(file, lines, text[:4096]), lambda: lines.tell() / len(text))


def shielded(text: str) -> str:
    """The text as a cell that no program takes for a formula; `unshielded` gives it back."""
    return _HIDDEN + text if text.startswith(_FORMULA) else text


def unshielded(text: str) -> str:
    return text[1:] if text.startswith(_HIDDEN) and text[1:].startswith(_FORMULA) else text


def _of_workbook(file: str, data: bytes) -> Iterator[Sheet]:
    with office.opened(file, data) as parts:
        if not parts.read("xl/workbook.xml"):
            raise ReadError(file, texts.OTHER_ZIP)
        size = max(parts.packed("xl/worksheets/"), 1)
    source = _Counted(data)
    book = _loaded(file, source)
    source.taken = 0  # from here on the sheets are read, row by row
    try:
        stopwatch = Stopwatch(file, MAX_SECONDS)
        for sheet in book.worksheets:
            yield Sheet(sheet.title, _of_sheet(file, sheet, stopwatch), lambda: min(source.taken / size, 1.0))
    finally:
        book.close()


class _Counted(io.BytesIO):
    """Knows how many bytes were read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def _loaded(file: str, source: io.BytesIO) -> Any:
    import openpyxl  # here, as few processes ever read a workbook and it takes 25 MB

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations that we do not read
            return openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
    except Exception:  # at damaged files openpyxl raises whatever its parser stumbles over
        raise ReadError(file, texts.DAMAGED_OFFICE) from None


def _of_sheet(file: str, sheet: Any, stopwatch: Stopwatch) -> Iterator[Row]:
    found = 0
    rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    number = 0
    while True:
        try:
            values = next(rows, None)
        except Exception:  # as above
            raise ReadError(file, texts.DAMAGED_OFFICE, number + 1) from None
        if values is None:
            return
        number += 1
        if number % 1000 == 0:
            stopwatch.check()
        cells = [_cell(file, number, place, value) for place, value in enumerate(values, start=1)]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            found += 1
            if found > MAX_ROWS:
                raise ReadError(file, texts.too_many_rows(MAX_ROWS))
            yield number, cells


def _cell(file: str, row: int, column: int, value: Any) -> str:
    """What a person sees in the cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        if value.startswith("#") and value.endswith(("!", "?", "/A")) and value.isascii():
            raise ReadError(file, texts.BAD_CELL.format(value=value), row, column)
        return _trimmed(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _trimmed(text: str) -> str:
    """Line ends stay: one at the end says that a cell with semicolons holds one text."""
    return unshielded(text.replace("\r\n", "\n").strip(" \t\u3000\xa0")) if text.strip() else ""


def _of_csv(file: str, lines: io.StringIO, start: str) -> Iterator[Row]:
    delimiter = max(",\t;", key=start.partition("\n")[0].count)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    stopwatch = Stopwatch(file, MAX_SECONDS)
    found, line = 0, 1
    while True:
        try:
            values = next(reader, None)
        except csv.Error:
            raise ReadError(file, texts.BAD_CSV, line) from None
        if values is None:
            return
        cells = [_trimmed(value) for value in values[:MAX_COLUMNS]]
        if any(cells):
            found += 1
            if found > MAX_ROWS:
                raise ReadError(file, texts.too_many_rows(MAX_ROWS))
            yield line, cells
        line = reader.line_num + 1
        stopwatch.check()
