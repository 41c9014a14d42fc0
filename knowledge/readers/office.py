"""Office files (.docx, .xlsx) as zip archives of XML parts, read without trusting them. ECMA-376 part 2."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from knowledge.readers import texts
from knowledge.readers.model import ReadError

MAX_PART = 50 * 1024 * 1024  # bytes of one part that is read whole, unpacked
MAX_UNPACKED = 600 * 1024 * 1024  # bytes of all parts
MAX_RATIO = 200  # unpacked to packed; text packs some 10 to 30 times
MIN_SUSPECT = 1024 * 1024  # bytes; smaller parts may pack as they like
MAX_MEMBERS = 3000
MAX_DEPTH = 250  # of elements inside each other
PROLOG = 64 * 1024  # bytes in which the root element has to begin

_REMOTE = re.compile(r"(?:https?|ftp)://|\\\\|file://[^/]", re.IGNORECASE)
_MACROS = ("vbaproject.bin", "vbadata.xml", "xlmacrosheet")
_LIVE = ("externallinks/", "connections.xml", "querytables/")  # of a workbook: data that it would fetch
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_]")


class Parts:
    """The parts of one archive, each read within limits."""

    def __init__(self, file: str, archive: zipfile.ZipFile) -> None:
        self._file = file
        self._archive = archive
        self._members = {info.filename: info for info in archive.infolist()}

    def check(self) -> None:
        """:raises ReadError: for macros, external references, document type declarations, and what unpacks too far."""
        self._check_sizes()
        names = [name.lower() for name in self._members]
        if any(part in name for name in names for part in _MACROS):
            raise ReadError(self._file, texts.MACROS)
        if b"macroEnabled" in self.read("[Content_Types].xml"):
            raise ReadError(self._file, texts.MACROS)
        if any(part in name for name in names for part in _LIVE):
            raise ReadError(self._file, texts.EXTERNAL)
        for name in self._members:
            if name.endswith((".xml", ".rels")):
                self._check_prolog(name)
            if name.endswith(".rels"):
                self._check_relations(name)

    def xml(self, name: str) -> Element | None:
        """The root of a part, or None for a part that is not there."""
        data = self.read(name)
        return _parse(self._file, data) if data else None

    def read(self, name: str) -> bytes:
        info = self._members.get(name)
        if info is None:
            return b""
        with self._archive.open(info) as part:
            data = part.read(MAX_PART + 1)
        if len(data) > MAX_PART:
            raise ReadError(self._file, texts.ZIP_BOMB)
        return data

    def packed(self, folder: str) -> int:
        """Bytes that the parts in a folder take in the archive."""
        return sum(info.compress_size for name, info in self._members.items() if name.startswith(folder))

    def _check_sizes(self) -> None:
        """By what the archive says of its sizes: zipfile unpacks no more of a part than is said there."""
        infos = list(self._archive.infolist())
        bombs = (i for i in infos if i.file_size > max(i.compress_size * MAX_RATIO, MIN_SUSPECT))
        if len(infos) > MAX_MEMBERS or sum(i.file_size for i in infos) > MAX_UNPACKED or any(bombs):
            raise ReadError(self._file, texts.ZIP_BOMB)
        if any(info.flag_bits & 1 for info in infos):
            raise ReadError(self._file, texts.ENCRYPTED)

    def _check_prolog(self, name: str) -> None:
        """A document type declaration, and with it every entity, stands before the root element."""
        with self._archive.open(name) as part:
            start = _COMMENT.sub(b"", part.read(PROLOG).replace(b"\0", b""))
        root = _ROOT.search(start)
        if b"<!" in start[: root.start() if root else None]:
            raise ReadError(self._file, texts.DOCTYPE)

    def _check_relations(self, name: str) -> None:
        """Links that people click are welcome; parts that the program would fetch by itself are not."""
        for relation in self.xml(name) or ():
            external = relation.get("TargetMode", "").lower() == "external"
            clicked = relation.get("Type", "").endswith("/hyperlink")
            if external and not clicked and _REMOTE.match(relation.get("Target", "")):
                raise ReadError(self._file, texts.EXTERNAL)


@contextmanager
def opened(file: str, data: bytes) -> Iterator[Parts]:
    """The checked parts of a file.

    :raises ReadError: for damaged and for dangerous files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = Parts(file, archive)
            parts.check()
            yield parts
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError):
        raise ReadError(file, texts.DAMAGED_OFFICE) from None


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
        raise ReadError(file, texts.DAMAGED_OFFICE) from None
    return builder.close()


def _clark(name: str) -> str:
    """'uri}local' as expat says it -> '{uri}local' as ElementTree says it."""
    return "{" + name if "}" in name else name
