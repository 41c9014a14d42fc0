"""Web pages: text by block, tables row by row. Nothing they point to is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from knowledge.readers import texts
from knowledge.readers.charset import decode
from knowledge.readers.model import Line, ReadError, Stopwatch, Text, Unit

MAX_SECONDS = 20.0
MAX_SPAN = 200  # rows or columns that one cell may claim
MAX_CELL = 400  # characters; a row with a longer cell is a layout, not a table

_UNSEEN = frozenset("head script style noscript template select option button textarea nav footer svg iframe".split())
_BLOCKS = frozenset(
    "p div section article main header aside ul ol li dl dt dd blockquote pre h1 h2 h3 h4 h5 h6 hr table caption tr "
    "center form fieldset figure figcaption body html".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{3,20})", re.IGNORECASE)
_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)


def looks_like_html(data: bytes) -> bool:
    """Whether the bytes start the way a web page does."""
    return _START.match(data.removeprefix(b"\xef\xbb\xbf")[:4096]) is not None


def read_html(file: str, data: bytes) -> Text:
    """:raises ReadError: for undecodable bytes and for markup that cannot be followed."""
    declared = _CHARSET.search(data[:4096])
    text = decode(file, data, declared[1].decode("ascii") if declared else None)
    page = _Page(Stopwatch(file, MAX_SECONDS))
    try:
        page.feed(text)
        page.close()
    except AssertionError:  # what the parser of the standard library does at odd declarations
        raise ReadError(file, texts.DAMAGED_HTML, page.getpos()[0]) from None
    page.finish()
    return Text(file, Unit.LINE, tuple(page.lines))


@dataclass
class _Table:
    """A table being read; `spans` counts, by column, the rows that a cell above still covers."""

    row: list[str] = field(default_factory=list)  # finished cells; their blocks are parted by line feeds
    numbers: list[int] = field(default_factory=list)  # line of the file where each cell starts
    spans: dict[int, int] = field(default_factory=dict)
    inside: bool = False  # between the tags of a cell
    layout: bool = False  # holds another table: only there to place things, so its cells are running text
    cell_span: tuple[int, int] = (1, 1)  # columns, rows


class _Page(HTMLParser):
    def __init__(self, stopwatch: Stopwatch) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._stopwatch = stopwatch
        self._unseen = 0  # how many elements without visible text are open
        self._pieces: list[str] = []
        self._number = 1
        self._heading = 0
        self._tables: list[_Table] = []
        self._lists: list[int | None] = []  # the next number of each open list; None for bullets

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in ("td", "th"):
            self._open_cell(dict(attrs))
        elif tag == "br" or tag in _BLOCKS:
            self._end_block()
            self._heading = self._heading if tag == "br" else _HEADINGS.get(tag, 0)
            self._open_block(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("td", "th"):
            self._close_cell()
        elif tag in _BLOCKS:
            self._close_block(tag)

    def handle_data(self, data: str) -> None:
        self._stopwatch.check()
        if self._unseen or not data:
            return
        if not self._pieces:
            self._number = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
        self._pieces.append(data)

    def finish(self) -> None:
        """Everything that the page left open is closed."""
        while self._tables:
            self._close_block("table")
        self._end_block()

    def _open_block(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "table":
            self._open_table()
        elif tag == "tr" and self._tables:
            self._end_row()
        elif tag in ("ul", "ol"):
            self._lists.append(_count(attrs.get("start")) if tag == "ol" else None)
        elif tag == "li" and self._lists and self._lists[-1] is not None:
            self._pieces.append(f"{self._lists[-1]}.")
            self._number = self.getpos()[0]
            self._lists[-1] += 1

    def _open_table(self) -> None:
        if self._tables and self._tables[-1].inside:
            outer = self._tables[-1]
            self._lay_out(outer)
            outer.layout = True
        self._tables.append(_Table())

    def _close_block(self, tag: str) -> None:
        self._end_block()
        self._heading = 0
        if tag in ("tr", "table") and self._tables:
            self._end_row()
        if tag == "table" and self._tables:
            self._tables.pop()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()

    def _end_block(self) -> None:
        # A line feed inside a block is only white space; at the rim of a block it is nothing.
        text = "".join(self._pieces).strip(" \t\r\n").replace("\r", " ").replace("\n", " ")
        self._pieces.clear()
        if not text.strip():
            return
        table = self._tables[-1] if self._tables else None
        if table and table.inside and not table.layout:
            table.row[-1] += ("\n" if table.row[-1] else "") + text
            table.numbers[-1] = table.numbers[-1] or self._number
        else:
            self.lines.append(Line(text, self._number, heading=self._heading))

    def _open_cell(self, attrs: dict[str, str | None]) -> None:
        self._close_cell()
        self._end_block()
        if not self._tables:
            self._tables.append(_Table())
        table = self._tables[-1]
        self._skip_covered(table)
        table.inside = True
        table.cell_span = (_count(attrs.get("colspan")), _count(attrs.get("rowspan")))
        table.row.append("")
        table.numbers.append(0)

    def _close_cell(self) -> None:
        if not (self._tables and self._tables[-1].inside):
            return
        self._end_block()
        table = self._tables[-1]
        table.inside = False
        columns, rows = table.cell_span
        first = len(table.row) - 1
        for column in range(first, first + columns):
            if rows > 1:
                table.spans[column] = rows - 1
            if column > first:
                table.row.append("")
                table.numbers.append(0)

    @staticmethod
    def _skip_covered(table: _Table) -> None:
        """Empty cells where a cell of a row above reaches down."""
        while table.spans.get(len(table.row), 0) > 0:
            table.spans[len(table.row)] -= 1
            table.row.append("")
            table.numbers.append(0)

    def _end_row(self) -> None:
        self._close_cell()
        table = self._tables[-1]
        self._skip_covered(table)
        filled = [cell for cell in table.row if cell]
        if len(filled) > 1 and max(map(len, filled)) <= MAX_CELL:
            cells = tuple(cell.replace("\n", "") for cell in table.row)
            self.lines.append(Line(" ".join(cells), next(n for n in table.numbers if n), cells))
        else:
            self._lay_out(table)
        table.row, table.numbers = [], []

    def _lay_out(self, table: _Table) -> None:
        """The blocks of a row's cells as running text; the cells stay, empty."""
        for column, cell in enumerate(table.row):
            self.lines.extend(Line(block, table.numbers[column]) for block in cell.split("\n") if block)
            table.row[column] = ""


def _count(value: str | None) -> int:
    """A number from an attribute, at least 1."""
    return min(max(int(value), 1), MAX_SPAN) if value and value.isdecimal() and len(value) < 5 else 1
