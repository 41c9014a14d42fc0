"""A reply as one text within a channel's limit: shortened at a sentence, never inside a character or a link."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from handlers.model import Reply

LIMIT_BYTES = 2048  # of UTF-8: the platform cuts a longer text without a word
ELLIPSIS = "…"
KEPT = 1000  # texts: many people get the same reply

_SENTENCE = re.compile(r"[。！？；\n][”’」』）》]*")
_LINK = re.compile(r"<a\s[^<>]*>[^<]*</a>")
_JOINER = "\u200d"  # between emoji that are shown as one
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them are one flag


@lru_cache(maxsize=KEPT)
def fit(reply: Reply, limit_bytes: int = LIMIT_BYTES) -> str:
    """The reply's blocks as lines, in at most `limit_bytes` of UTF-8.

    If they are too long, cuttable blocks give way, the last ones first, and `when_cut` follows as a line of its own.
    Only where that is not enough is the longest of the other lines cut too.
    """
    lines = [block.text for block in reply.blocks]
    if _size("\n".join(lines)) <= limit_bytes:
        return "\n".join(lines)
    cuttable = [index for index, block in enumerate(reply.blocks) if block.cuttable]
    if reply.when_cut:
        lines.append(reply.when_cut)
    while (excess := _size("\n".join(lines)) - limit_bytes) > 0:
        index = cuttable.pop() if cuttable else max(range(len(lines)), key=lambda i: _size(lines[i]))
        shorter = cut(lines[index], _size(lines[index]) - excess)
        lines[index : index + 1] = [shorter] if shorter else []
    return "\n".join(lines)


def cut(text: str, limit_bytes: int) -> str:
    """The beginning of a text: up to a sentence's end if one is near the limit, else with an ellipsis.

    Empty if not even one whole character or link fits.
    """
    if _size(text) <= limit_bytes:
        return text
    joined = {index for link in _LINK.finditer(text) for index in range(link.start() + 1, link.end())}
    end = _boundary(text, limit_bytes, joined)
    for sentence in reversed(list(_SENTENCE.finditer(text, end // 2, end))):
        if _separable(text, sentence.end(), joined):
            return text[: sentence.end()].rstrip()
    kept = text[: _boundary(text, limit_bytes - _size(ELLIPSIS), joined)].rstrip()
    return kept + ELLIPSIS if kept else ""


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _boundary(text: str, limit_bytes: int, joined: set[int]) -> int:
    """The last index within the limit at which the text may be cut."""
    index = len(text.encode("utf-8", "surrogatepass")[: max(limit_bytes, 0)].decode("utf-8", "ignore"))
    while index and not _separable(text, index, joined):
        index -= 1
    return index


def _separable(text: str, index: int, joined: set[int]) -> bool:
    """Whether a text may be cut before this index: not inside a link, nor inside what is shown as one character."""
    before, after = text[index - 1], text[index]
    if index in joined or _JOINER in (before, after) or _extends(after) or before + after == "\r\n":
        return False
    flag_letters = index - len(text[:index].rstrip(_FLAG_LETTERS))
    return not (after in _FLAG_LETTERS and flag_letters % 2)


def _extends(char: str) -> bool:
    """Combining marks, variation selectors, skin tones and tags belong to the character before them."""
    return (
        unicodedata.category(char).startswith("M")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )
