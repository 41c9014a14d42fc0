"""XML as the platform writes it, read strictly and cheaply: all that XML could smuggle in is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias
from xml.parsers import expat

from bot.wecom.errors import CallbackError

MAX_DEPTH = 8  # elements inside each other; the platform's own messages stay at 4
MAX_ELEMENTS = 1000  # in one layer; the platform's longest lists have some dozens

Value: TypeAlias = "str | dict[str, Value] | list[Value]"  # a repeated element is a list

_START, _END = b"<xml>", b"</xml>"
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
_NONCHARACTERS = b"\xef\xbf"  # as U+FFFE and U+FFFF begin in UTF-8
_USUAL = bytes([*b"\t\n", *range(0x20, 0x100)])  # XML's own characters but CR, which it turns into LF
_ELEMENT = re.compile(rb"<([A-Za-z]+)>(<!\[CDATA\[[^\]]*\]\]>|[^<&\]]*)</\1>")


def parse(data: bytes, error: type[CallbackError]) -> Mapping[str, Value]:
    """The children of the root element `xml`.

    :raises error: it is not strict XML in UTF-8, or holds more than messages do.
    """
    return _flat(data) or _nested(_utf8(data, error), error)


def _flat(data: bytes) -> dict[str, Value]:
    """What expat would say of a row of elements that hold nothing but text, as nearly all messages are; else nothing."""
    if not (data.startswith(_START) and data.endswith(_END)):
        return {}
    if data.translate(None, _USUAL) or _NONCHARACTERS in data:
        return {}
    found = _ELEMENT.findall(data, len(_START), len(data) - len(_END))
    tags = sum(2 * len(name) + len(written) for name, written in found) + len("<></>") * len(found)
    if len(_START) + tags + len(_END) != len(data):  # something stands between them
        return {}
    try:
        fields: dict[str, Value] = {name.decode(): _content(written).decode() for name, written in found}
    except UnicodeDecodeError:
        return {}
    return fields if len(fields) == len(found) < MAX_ELEMENTS else {}


def _content(written: bytes) -> bytes:
    return written[len(_CDATA) : -len(_CDATA_END)] if written.startswith(_CDATA) else written


def _nested(text: str, error: type[CallbackError]) -> dict[str, Value]:
    """Anything, in one pass of expat."""
    builder = _Builder(error)
    parser = expat.ParserCreate("utf-8")  # whatever the declaration says
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    try:
        parser.Parse(text, True)
    except expat.ExpatError as cause:
        raise error(f"not XML: {expat.ErrorString(cause.code)}") from None
    name, root = next(iter(builder.top.items()))
    if name != "xml" or not isinstance(root, dict):
        raise error("the root element must be a filled <xml>")
    return root


def _utf8(data: bytes, error: type[CallbackError]) -> str:
    """Decoded here, since expat recognises UTF-16 by a mark or by zero bytes and would follow it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise error("not UTF-8") from None
    if "\0" in text:
        raise error("zero bytes are not allowed")
    return text


class _Builder:
    """Turns expat's events into nested dicts, within bounds."""

    def __init__(self, error: type[CallbackError]) -> None:
        self._error = error
        self._elements = 0
        self._open: list[tuple[dict[str, Value], list[str]]] = [({}, [])]  # children and text, outermost first

    @property
    def top(self) -> dict[str, Value]:
        return self._open[0][0]

    def doctype(self, *_: object) -> None:
        raise self._error("a document type is not allowed")

    def start(self, _: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if attributes:
            raise self._error("attributes are not allowed")
        if self._elements > MAX_ELEMENTS or len(self._open) > MAX_DEPTH:
            raise self._error("too many elements, or too many inside each other")
        self._open.append(({}, []))

    def characters(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        children, parts = self._open.pop()
        text = "".join(parts)
        if children and text.strip():
            raise self._error("text between elements is not allowed")
        self._add(name, children or text)

    def _add(self, name: str, value: Value) -> None:
        siblings = self._open[-1][0]
        known = siblings.get(name)
        if known is None:
            siblings[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            siblings[name] = [known, value]
