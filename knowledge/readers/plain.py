"""Plain text and Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from knowledge.readers.charset import decode
from knowledge.readers.model import Line, Text, Unit

_BREAK = re.compile(r"\r\n|\r|\n")

_FENCE = re.compile(r"\s*(```|~~~)")
_RULE = re.compile(r"\s*(?:[-*_]\s*){3,}$")
_TITLE = re.compile(r"\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BULLET = re.compile(r"\s*(?:[-*+]\s+|>\s?)+")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ROW = re.compile(r"\s*\|.*\|\s*$")
# A line that is no text of a paragraph.
_OWN_BLOCK = re.compile("|".join(p.pattern for p in (_FENCE, _RULE, _TITLE, _ROW)) + r"|\s*$")
_ROW_RULE = re.compile(r"[\s|:-]+$")


def read_plain(file: str, data: bytes) -> Text:
    """A .txt file, line by line; a line with tabs between words is a table row."""
    return plain_text(file, decode(file, data))


def plain_text(file: str, text: str) -> Text:
    """The same for text that is decoded already."""
    return Text(file, Unit.LINE, tuple(_plain_line(line, n) for n, line in enumerate(_BREAK.split(text), start=1)))


def read_markdown(file: str, data: bytes) -> Text:
    """A .md file, line by line, its markup removed but for bold marks, which `segment` knows."""
    rows = _BREAK.split(decode(file, data))
    goes_on = [False, *(_goes_on(before, row) for before, row in pairwise(rows))]
    lines = (_markdown_line(row, number) for number, row in enumerate(rows, start=1))
    return Text(file, Unit.LINE, tuple(replace(line, goes_on=on) for line, on in zip(lines, goes_on, strict=True)))


def _goes_on(before: str, row: str) -> bool:
    """Whether a line lies in the paragraph of the one before it: a single line feed is only a space in Markdown."""
    return not (
        before.endswith(("  ", "\\")) or _OWN_BLOCK.match(before) or _OWN_BLOCK.match(row) or _BULLET.match(row)
    )


def _plain_line(text: str, number: int) -> Line:
    cells = tuple(cell.strip() for cell in text.strip().split("\t"))
    return Line(text, number, cells if sum(map(bool, cells)) > 1 else ())


def _markdown_line(text: str, number: int) -> Line:
    if _FENCE.match(text) or _RULE.match(text):
        return Line("", number)
    if _ROW.match(text):
        return _markdown_row(text, number)
    title = _TITLE.match(text)
    body = title[2] if title else _BULLET.sub("", text, count=1) if _BULLET.match(text) else text
    return Line(_inline(body), number, heading=len(title[1]) if title else 0)


def _markdown_row(text: str, number: int) -> Line:
    if _ROW_RULE.match(text):
        return Line("", number)
    cells = tuple(_inline(cell).strip() for cell in text.strip().strip("|").split("|"))
    return Line(" ".join(cells), number, cells)


def _inline(text: str) -> str:
    """Links become their words, escapes their character, code its content; the mark of a break at the end goes."""
    return _ESCAPE.sub(r"\1", _LINK.sub(r"\1", text.removesuffix("\\"))).replace("`", "")
