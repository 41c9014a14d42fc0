"""Word documents (.docx): paragraphs with their automatic numbers, and tables. Read without trusting the file.

The format is ECMA-376 part 1; a file is a zip archive whose text is in word/document.xml.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from knowledge.readers import texts
from knowledge.readers.model import Line, ReadError, Text, Unit
from knowledge.readers.word_numbers import Numbering, W, named

MAX_PART = 50 * 1024 * 1024  # bytes of one part, unpacked
MAX_RATIO = 200  # unpacked to packed; text packs some 10 to 30 times
MAX_MEMBERS = 3000
MAX_DEPTH = 250  # of elements inside each other

_DOCUMENT = "word/document.xml"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_UNSEEN = {f"{W}txbxContent", f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{_COMPATIBILITY}Fallback"}
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*\d", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|ftp)://|\\\\|file://[^/]", re.IGNORECASE)


def read_docx(file: str, data: bytes) -> Text:
    """:raises ReadError: for damaged files, macros, external references, DTDs, and whatever unpacks beyond measure."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _Parts(file, archive)
            parts.check()
            document = parts.xml(_DOCUMENT)
            styles, numbers = parts.xml("word/styles.xml"), parts.xml("word/numbering.xml")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError):
        raise ReadError(file, texts.DAMAGED_DOCX) from None
    if document is None:
        raise ReadError(file, texts.OTHER_ZIP)
    body = _Body(Numbering(numbers, styles), _heading_styles(styles))
    return Text(file, Unit.PARAGRAPH, tuple(body.lines(document)))


class _Parts:
    """The parts of the archive, each read within limits."""

    def __init__(self, file: str, archive: zipfile.ZipFile) -> None:
        self._file = file
        self._archive = archive
        self._members = {info.filename: info for info in archive.infolist()}

    def check(self) -> None:
        names = [name.lower() for name in self._members]
        if len(names) > MAX_MEMBERS:
            raise ReadError(self._file, texts.ZIP_BOMB)
        if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
            raise ReadError(self._file, texts.MACROS)
        if b"macroEnabled" in self._read("[Content_Types].xml"):
            raise ReadError(self._file, texts.MACROS)
        for name in self._members:
            if name.startswith("word/") and name.endswith(".rels"):
                self._check_relations(name)

    def _check_relations(self, name: str) -> None:
        """Links that people click are welcome; parts that Word would fetch by itself are not."""
        for relation in self.xml(name) or ():
            external = relation.get("TargetMode", "").lower() == "external"
            clicked = relation.get("Type", "").endswith("/hyperlink")
            if external and not clicked and _REMOTE.match(relation.get("Target", "")):
                raise ReadError(self._file, texts.EXTERNAL)

    def xml(self, name: str) -> Element | None:
        """The root of a part, or None for a part that is not there."""
        data = self._read(name)
        return _parse(self._file, data) if data else None

    def _read(self, name: str) -> bytes:
        info = self._members.get(name)
        if info is None:
            return b""
        limit = min(MAX_PART, max(info.compress_size * MAX_RATIO, 1024 * 1024))
        with self._archive.open(info) as part:  # what the archive says of its sizes is not believed
            data = part.read(limit + 1)
        if len(data) > limit:
            raise ReadError(self._file, texts.ZIP_BOMB)
        return data


def _parse(file: str, data: bytes) -> Element:
    """ElementTree over an expat parser that refuses document type declarations, hence entities."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ReadError(file, texts.TOO_DEEP)
        builder.start(_clark(name), {_clark(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_clark(name))

    def refuse(*_: object) -> None:
        raise ReadError(file, texts.DOCTYPE)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise ReadError(file, texts.DAMAGED_DOCX) from None
    return builder.close()


def _clark(name: str) -> str:
    """'uri}local' as expat says it -> '{uri}local' as ElementTree says it."""
    return "{" + name if "}" in name else name


def _heading_styles(styles: Element | None) -> frozenset[str]:
    """Ids of the styles that are headings by their name."""
    found = set()
    for style in styles.iter(f"{W}style") if styles is not None else ():
        if _HEADING_STYLE.match(named(style, "name")):
            found.add(style.get(f"{W}styleId", ""))
    return frozenset(found)


class _Body:
    def __init__(self, numbering: Numbering, headings: frozenset[str]) -> None:
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
            yield Line(piece, self._count, heading=style in self._headings)

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
