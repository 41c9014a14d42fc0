"""Where sentences end, and white space that Chinese does without."""

from __future__ import annotations

import re
from itertools import pairwise

MAX_BRACKET = 300  # characters; an opening bracket whose closing one is further away counts as a misprint

PAIRS = {  # closing -> opening
    "”": "“",
    "’": "‘",
    "」": "「",
    "』": "『",
    "》": "《",
    "〉": "〈",
    "）": "（",
    ")": "(",
    "】": "【",
    "〕": "〔",
}
_OPENING = frozenset(PAIRS.values())
_MARK = re.compile(r"[“”‘’「」『』《》〈〉（）()【】〔〕]|[。｡；！？;!?.]")
_STRONG = "。｡；！？"
_ENDED = re.compile(r"[。｡；！？;!?…][”’」』）)】》]*$|[\u4e00-\u9fff]\.$")
_AFTER = re.compile(r"[。｡；！？;!?]+")
_GOES_ON = "，,、；;。.：:！？!?"
_WORD = re.compile(r"\w")
_SPACE_BY_CHINESE = re.compile(r"(?<=[^\x00-\x7f])\s|\s(?=[^\x00-\x7f])")


def tight(text: str) -> str:
    """Without the white space beside Chinese characters: '30 个 工作日' -> '30个工作日', 'A  B' -> 'A B'."""
    return _SPACE_BY_CHINESE.sub("", " ".join(text.split()))


def is_ended(text: str) -> bool:
    """Whether the text stops where a sentence does."""
    return _ENDED.search(text[-8:]) is not None


def has_sentence(text: str) -> bool:
    """Whether a sentence ends in the text: '……。（市茶业局负责）'."""
    return is_ended(text) or len(cut(text)) > 1


def has_words(text: str) -> bool:
    """Whether there is more than punctuation."""
    return _WORD.search(text) is not None


def is_open(text: str) -> bool:
    """Whether a bracket or quotation mark opens near the end of the text and does not close."""
    near = text[-MAX_BRACKET // 2 :]
    return any(near.rfind(opening) > near.rfind(closing) for closing, opening in PAIRS.items())


def cut(text: str) -> list[tuple[int, int]]:
    """The sentences of a text as (start, end), together all of it; a clause that closes with a semicolon counts as one.

    Brackets and quotation marks hold together what is inside them.
    """
    bounds = [0]
    for end in _ends(text):
        found = _AFTER.match(text, end)
        end = found.end() if found else end
        if end > bounds[-1] and has_words(text[bounds[-1] : end]):
            bounds.append(end)
    if has_words(text[bounds[-1] :]) or len(bounds) == 1:
        bounds.append(len(text))
    bounds[-1] = len(text)
    return list(pairwise(bounds))


def _ends(text: str) -> list[int]:
    """Offsets after the marks that end a sentence, those inside brackets left out."""
    ends: list[int] = []
    spans: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for found in _MARK.finditer(text):
        mark, at = found.group(), found.start()
        if mark in _OPENING:
            opened.append((mark, at))
        elif mark in PAIRS:
            start = _close(opened, PAIRS[mark], at)
            if start is not None:
                spans.append((start, at))
                if _is_aside(text, at):
                    ends.append(at + 1)
        elif mark in _STRONG or _is_end(text, at):
            ends.append(at + 1)
    return _outside(ends, spans)


def _close(opened: list[tuple[str, int]], mark: str, at: int) -> int | None:
    """Where the bracket that closes at `at` was opened; forgets it and what was left open inside it."""
    for place in range(len(opened) - 1, max(-1, len(opened) - 9), -1):
        if opened[place][0] == mark:
            start = opened[place][1]
            del opened[place:]
            return start if at - start <= MAX_BRACKET else None
    return None


def _is_aside(text: str, at: int) -> bool:
    """Whether the round bracket closing at `at` ends a sentence of its own: '……。（另行规定。）'."""
    return text[at] in "）)" and text[at - 1] in "。！？" and text[at + 1 : at + 2] not in _GOES_ON


def _is_end(text: str, at: int) -> bool:
    """Whether a half-width mark is one of Chinese punctuation, not of a number, an address or English."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if text[at] == ".":
        return "\u4e00" <= before <= "\u9fff" and (not after or after > "\x7f")
    return before > "\x7f" or after > "\x7f"


def _outside(ends: list[int], spans: list[tuple[int, int]]) -> list[int]:
    """The ends that no span holds. An end is an offset after its mark, a span runs from bracket to bracket."""
    kept = []
    spans.sort()
    reach = -1
    place = 0
    for end in ends:
        while place < len(spans) and spans[place][0] < end:
            reach = max(reach, spans[place][1])
            place += 1
        if end > reach:
            kept.append(end)
    return kept
