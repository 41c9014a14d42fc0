"""Word documents (.docx): paragraphs with their automatic numbers, and tables. Read without trusting the file.

The format is ECMA-376 part 1; a file is a zip archive whose text is in word/document.xml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element

from knowledge.readers import office, texts
from knowledge.readers.model import Line, ReadError, Text, Unit
from knowledge.readers.word_numbers import Numbering, W, named

_DOCUMENT = "word/document.xml"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_UNSEEN = {f"{W}txbxContent", f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{_COMPATIBILITY}Fallback"}
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)


def read_docx(file: str, data: bytes) -> Text:
    """:raises ReadError: for damaged files, macros, external references, DTDs, and whatever unpacks beyond measure."""
    with office.opened(file, data) as parts:
        document = parts.xml(_DOCUMENT)
        styles, numbers = parts.xml("word/styles.xml"), parts.xml("word/numbering.xml")
    if document is None:
        raise ReadError(file, texts.OTHER_ZIP)
    body = _Body(Numbering(numbers, styles), _heading_styles(styles))
    return Text(file, Unit.PARAGRAPH, tuple(body.lines(document)))


def _heading_styles(styles: Element | None) -> dict[str, int]:
    """Ids of the styles that are headings by their name -> their level."""
    found = {}
    for style in styles.iter(f"{W}style") if styles is not None else ():
        if named_so := _HEADING_STYLE.match(named(style, "name")):
            found[style.get(f"{W}styleId", "")] = max(1, int(named_so[1]))
    return found


class _Body:
    def __init__(self, numbering: Numbering, headings: Mapping[str, int]) -> None:
        self._numbering = numbering
        self._headings = headings
        self._count = 0  # paragraphs so far, those in tables included

    def lines(self, element: Element) -> Iterator[Line]:
        """The paragraphs and table rows below an element, in order."""
        for child in element:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                for row in child.iter(f"{W}tr"):
                    yield from self._row(row)
            elif child.tag not in _UNSEEN:
                yield from self.lines(child)

    def _paragraph(self, paragraph: Element) -> Iterator[Line]:
        self._count += 1
        text = "".join(_words(paragraph))
        if not text.strip():
            return
        style = named(paragraph.find(f"{W}pPr"), "pStyle")
        text = self._numbering.next(paragraph) + text
        for piece in text.split("\n"):  # line breaks inside a paragraph
            yield Line(piece, self._count, heading=self._headings.get(style, 0))

    def _row(self, row: Element) -> Iterator[Line]:
        lines = [list(self.lines(cell)) for cell in row.iter(f"{W}tc")]
        cells = tuple("".join(line.text for line in cell) for cell in lines)
        filled = [cell for cell in lines if cell]
        if len(filled) > 1:
            yield Line(" ".join(cells), filled[0][0].number, cells)
        elif filled:
            yield from filled[0]


_CHARACTERS: dict[str, Callable[[Element], str]] = {
    f"{W}t": lambda element: element.text or "",
    f"{W}tab": lambda _: "\t",
    f"{W}br": lambda element: "" if element.get(f"{W}type") in ("page", "column") else "\n",
    f"{W}cr": lambda _: "\n",
    f"{W}noBreakHyphen": lambda _: "-",
}


def _words(element: Element) -> Iterator[str]:
    """The visible characters below an element."""
    for child in element:
        if child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag](child)
        elif child.tag == f"{W}r" and child.find(f"{W}rPr/{W}vanish") is not None:
            continue
        elif child.tag not in _UNSEEN and child.tag != f"{W}pPr":
            yield from _words(child)
