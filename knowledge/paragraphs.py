"""Lines to paragraphs: what a page or a hard wrap tore apart is joined, what is not of the document is left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from knowledge import markers
from knowledge.markers import Marker
from knowledge.notices import Notices
from knowledge.readers import Line, Text
from knowledge.sentences import is_ended, is_open, tight

LONG = (
    120  # columns (two to a Chinese character): a line of this length that stops short goes on, however wide the page
)
NARROW = 40  # columns; no document wraps its lines earlier
HEADING = 80  # columns; a longer line is none
INDENT = 2  # columns by which the first line of a paragraph stands in at least
FULL = 0.85  # share of the page's width from which a line counts as full

HEAD = 60  # lines in which the document introduces itself


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of text that belongs together, its number taken off."""

    text: str  # white space beside Chinese characters and bold marks removed
    marker: Marker | None = None
    cells: tuple[str, ...] = ()  # of a table row
    heading: int = 0  # level of what the file's format marks as a heading, 1 for the outermost; 0 for none
    starts: tuple[tuple[int, int], ...] = ()  # (offset in text, number of the line that starts there), ascending

    def line_at(self, offset: int) -> int:
        """The number of the line that holds this character."""
        place = bisect_right(self.starts, offset, key=lambda start: start[0])
        return self.starts[max(0, place - 1)][1]

    @property
    def line(self) -> int:
        return self.starts[0][1]

    def after(self, offset: int) -> Paragraph:
        """What is left from `offset` on, without the number."""
        starts = [(0, self.line_at(offset)), *((at - offset, line) for at, line in self.starts if at > offset)]
        return replace(self, text=self.text[offset:], marker=None, starts=tuple(starts))

    @property
    def printed(self) -> str:
        """The text with its number."""
        return (self.marker.printed if self.marker else "") + self.text


# Cc and Cf characters that extraction leaves behind, and the marks of the bold type.
_INVISIBLE = dict.fromkeys((*range(9), *range(14, 28), 127, 173, 65279, 65534, *range(8203, 8208)))
_BOLD = re.compile(
    r"\*\*|</?(?:b|strong)>|(?<!_)__(?!_)(?=[^_]*[^_]__(?!_))|(?<=[^_])__(?!_)(?<=[^\s_]__)", re.IGNORECASE
)

# Lines that stand for themselves: bracketed names of facts, dates, annexes, responsible offices, names of fields.
_ALONE = re.compile(
    r"【[^】]{2,8}】|附件?\d{0,2}(?:[:：]|$)|(?:责任|牵头|主办|配合|协办|承办|落实)(?:单位|部门)[:：]"
    r"|[^，。；、：]{2,14}领域[:：]|[\d〇零一二三四五六七八九]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日$"
)
_GOES_ON_WITH = "，,、。．；;：:？！!?）)】〕》〉”’」』%％"
_PAUSE = re.compile(r"[，。；：,;:]")
_WAITS_FOR_MORE = "，,、（(【〔《〈“‘「『—"
_NAMED = re.compile(r"(?:印发|发布|公布|制定|现将|下发)(?:给你们)?《([^《》]{4,80})》")


@dataclass(slots=True)
class _Cleaned:
    """A line without markup, its number told apart."""

    text: str
    line: Line
    marker: Marker | None
    width: int  # columns
    indent: int  # columns


def paragraphs(text: Text) -> tuple[list[Paragraph], list[Line]]:
    """The paragraphs of a document, and the lines left out: page numbers, tables of contents, advertisements."""
    lines: list[_Cleaned] = []
    removed: list[Line] = []
    notices = Notices()
    for line in text.lines:
        cleaned = _clean(line)
        if cleaned is None:
            continue
        if notices.has(line):
            removed.append(line)
        else:
            lines.append(cleaned)
    lines = [*map(_headed, lines, lines[1:]), *lines[-1:]]
    joiner = _Joiner(lines)
    for cleaned in lines:
        joiner.add(cleaned)
    return joiner.finish(), removed


def named_title(lines: Sequence[str]) -> str | None:
    """The title that the issuing note gives: …印发《X》…, even where lines break inside it."""
    found = _NAMED.search(tight("".join(lines[:HEAD])))
    return found[1] if found else None


def _headed(line: _Cleaned, below: _Cleaned) -> _Cleaned:
    """'2 Trade' above '2.1 …' is a numbered heading, though a number without a point is none elsewhere."""
    if line.marker or below.marker is None or below.marker.number != 1 or len(below.marker.above) != 1:
        return line
    headed = _clean(line.line, heading=True)
    found = headed.marker if headed else None
    return headed if headed and found and found.number == below.marker.above[0] else line


def _clean(line: Line, *, heading: bool = False) -> _Cleaned | None:
    """:param heading: whether the line is one, even where the format does not say so."""
    text = line.text.translate(_INVISIBLE)
    indent = sum(2 if c == "\u3000" else 1 for c in text[: len(text) - len(text.lstrip())])
    squeezed = " ".join(_BOLD.sub("", text).split())
    if not squeezed:
        return None
    found = None if line.cells else markers.read(squeezed, heading=heading or line.heading > 0)
    marker, rest = found or (None, squeezed)
    # Three bytes of UTF-8 stand for a character two columns wide, one for a narrow one.
    width = (len(squeezed.encode("utf-8", "replace")) + len(squeezed)) // 2
    return _Cleaned(tight(rest), line, marker, width, indent)


@dataclass(slots=True)
class _Open:
    """The paragraph that is being joined."""

    pieces: list[str] = field(default_factory=list)
    starts: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0
    marker: Marker | None = None
    last: _Cleaned | None = None

    @property
    def tail(self) -> str:
        """The end of the text, enough of it to see what it stops with."""
        text = ""
        for piece in reversed(self.pieces):
            text = piece + text
            if len(text) >= LONG:
                break
        return text

    @property
    def is_short_heading(self) -> bool:
        """Whether it is a number and a few words without a pause, as people type headings without marking them."""
        assert self.last is not None  # noqa: S101 - a paragraph is opened with its first line
        one_line = self.marker is not None and len(self.pieces) == 1 and self.last.width < NARROW
        return one_line and _PAUSE.search(self.last.text) is None

    def add(self, line: _Cleaned, text: str) -> None:
        tail = self.pieces[-1][-1:] if self.pieces else ""
        gap = " " if tail.isascii() and tail.isalpha() and text[:1].isascii() and text[:1].isalpha() else ""
        self.starts.append((self.length, line.line.number))
        self.pieces.append(gap + text)
        self.length += len(gap) + len(text)
        self.last = line

    def close(self) -> Paragraph:
        assert self.last is not None  # noqa: S101 - a paragraph is opened with its first line
        line = self.last.line
        cells = tuple(tight(_BOLD.sub("", cell.translate(_INVISIBLE))) for cell in line.cells)
        return Paragraph("".join(self.pieces), self.marker, cells, line.heading, tuple(self.starts))


class _Joiner:
    def __init__(self, lines: Sequence[_Cleaned]) -> None:
        widths = sorted(line.width for line in lines if not line.line.cells)
        page = widths[len(widths) * 9 // 10] if widths else 0
        self._full = min(LONG, max(NARROW, page * FULL))
        self._title = named_title([line.text for line in lines[:HEAD]]) or ""
        self._sequence = markers.Sequence()
        self._in_body = False
        self._open: _Open | None = None
        self._done: list[Paragraph] = []

    def add(self, line: _Cleaned) -> None:
        if self._open is not None and self._continues(self._open, line):
            printed = line.marker.printed if line.marker else ""
            self._open.add(line, printed + line.text)
            return
        self._close()
        self._open = _Open(marker=line.marker)
        self._open.add(line, line.text)
        if line.marker:
            self._sequence.add(line.marker)
            self._in_body = self._in_body or line.marker.style <= markers.INNERMOST_ITEM

    def finish(self) -> list[Paragraph]:
        self._close()
        return self._done

    def _close(self) -> None:
        if self._open is not None:
            self._done.append(self._open.close())
        self._open = None

    def _continues(self, before: _Open, line: _Cleaned) -> bool:
        """Whether the line goes on with what stands before it."""
        last = before.last
        if last is None or last.line.cells or line.line.cells or last.line.heading or line.line.heading:
            return False
        tail = before.tail
        if line.marker:
            wrapped = self._is_full(last) or line.line.goes_on
            return wrapped and not self._sequence.follows(line.marker) and not is_ended(tail)
        if before.length == 0:
            return True
        if _ALONE.match(line.text) or tail == self._title:
            return False
        return self._goes_on(before, last, line)

    def _goes_on(self, before: _Open, last: _Cleaned, line: _Cleaned) -> bool:
        tail = before.tail
        if line.text[0] in _GOES_ON_WITH or is_open(tail):
            return True
        if is_ended(tail):
            return False
        if tail[-1] in _WAITS_FOR_MORE or self._title.startswith(tail + line.text):
            return True
        if tail[-1] in "：:" and not self._in_body:  # the addressees of the issuing note
            return False
        if line.line.goes_on and self._in_body and not before.is_short_heading:
            return True
        return self._is_full(last) and not (line.indent >= last.indent + INDENT and last.width <= HEADING)

    def _is_full(self, line: _Cleaned) -> bool:
        return line.width >= self._full
