"""Official documents as lines of text: plain text, Markdown, HTML, .docx and .pdf."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from knowledge.readers import texts
from knowledge.readers.docx import read_docx
from knowledge.readers.html import looks_like_html, read_html
from knowledge.readers.model import Line, ReadError, Text, Unit
from knowledge.readers.pdf import read_pdf
from knowledge.readers.plain import plain_text, read_markdown, read_plain

__all__ = ["MAX_BYTES", "SUFFIXES", "Line", "ReadError", "Text", "Unit", "check", "plain_text", "read"]

MAX_BYTES = 20 * 1024 * 1024
SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".pdf")  # what `read` is meant for

_WITH_MACROS = (".docm", ".dotm", ".xlsm", ".xltm", ".xlsb")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old and of encrypted Office files
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# What a file starts with that is none of ours, and what to say about it.
_REFUSED = (
    (b"{\\rtf", texts.RTF),
    (b"MIME-Version:", texts.WEB_ARCHIVE),
    (b"\x89PNG", texts.NOT_TEXT),
    (b"\xff\xd8\xff", texts.NOT_TEXT),
    (b"GIF8", texts.NOT_TEXT),
    (b"Rar!", texts.NOT_TEXT),
    (b"7z\xbc\xaf", texts.NOT_TEXT),
)


def read(name: str, data: bytes) -> Text:
    """The lines of a document, its kind told by its content first and the suffix of its name second.

    :raises ReadError: for everything that cannot be read, whatever the bytes are.
    """
    file = PurePath(name.replace("\\", "/")).name or name
    suffix = PurePath(file).suffix.lower()
    check(file, data, MAX_BYTES, texts.OLD_WORD)
    return _reader(file, suffix, data)(file, data)


def check(file: str, data: bytes, limit: int, old: str) -> None:
    """What any file is asked before it is read.

    :param limit: in bytes; `old`: what to say of an old Office file.
    :raises ReadError: it is empty, too large, encrypted, with macros, or of a kind that is none of ours.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise ReadError(file, texts.EMPTY)
    if len(data) > limit:
        raise ReadError(file, texts.too_large(limit // 1024 // 1024))
    if data.startswith(_COMPOUND):
        raise ReadError(file, texts.ENCRYPTED if _ENCRYPTED in data else old)
    if PurePath(file).suffix.lower() in _WITH_MACROS:
        raise ReadError(file, texts.MACROS)
    for start, message in _REFUSED:
        if data.startswith(start):
            raise ReadError(file, message)


def _reader(file: str, suffix: str, data: bytes) -> Callable[[str, bytes], Text]:
    if b"%PDF-" in data[:1024]:
        return read_pdf
    if data.startswith(b"PK"):
        return read_docx
    if suffix in (".pdf", ".docx"):
        raise ReadError(file, texts.NOT_PDF if suffix == ".pdf" else texts.NOT_DOCX)
    if suffix in (".html", ".htm") or looks_like_html(data):
        return read_html
    return read_markdown if suffix in (".md", ".markdown") else read_plain
