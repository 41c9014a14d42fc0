"""Bytes to characters: the encodings that Chinese offices use."""

from __future__ import annotations

import codecs
import re

from knowledge.readers import texts
from knowledge.readers.model import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LIKELY = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\x20-\x7e\r\n\t]")
_LIKELY_SHARE = 0.9  # of the characters, for a text without a byte order mark to pass as UTF-16


def decode(file: str, data: bytes, declared: str | None = None) -> str:
    """The text of `data`: by its byte order mark, else as UTF-8, UTF-16 or GB18030, else as the file declares.

    A character that the end of the file cuts in two is dropped.

    :raises ReadError: for bytes that are no text in any of these, naming line and column of the first odd one.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(file, data[len(mark) :], encoding)
    if b"\0" in data:
        return _utf16(file, data)
    candidates: tuple[str | None, ...] = ("utf-8", "gb18030", declared)
    for candidate in candidates:
        text = _attempt(data, candidate) if candidate else None
        if text is not None:
            return text
    return _strictly(file, data, "utf-8")


def _attempt(data: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except (UnicodeDecodeError, LookupError):
        return None


def _strictly(file: str, data: bytes, encoding: str) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        line = before.count("\n") + 1
        raise ReadError(file, texts.ENCODING, line, len(before) - before.rfind("\n")) from None


def _utf16(file: str, data: bytes) -> str:
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _attempt(data, encoding)
        if text and len(_LIKELY.findall(text)) >= _LIKELY_SHARE * len(text):
            return text
    raise ReadError(file, texts.NOT_TEXT)
