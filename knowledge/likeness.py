"""How alike a message and a text are, character by character: rapidfuzz, on letters or on sounds."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from rapidfuzz import fuzz, process

from knowledge import pinyin
from knowledge.normalise import CJK_FIRST, CJK_LAST

WORDING = 40  # characters; a text from this length on is compared with the part of it that is most like the message


def likeness(message: str, texts: Sequence[str], *, by_sound: bool = False) -> float:
    """The likeness of a plain message to the most similar of some plain texts, 0..1.

    :param by_sound: compare the pinyin of both, for a message that is typed in pinyin.
    """
    if by_sound:
        message, texts = romanised(message), [romanised(text) for text in texts]
    best = float(process.cdist([message], texts, scorer=fuzz.ratio).max(initial=0.0))
    for text in texts:
        if len(text) >= WORDING:
            best = max(best, fuzz.partial_ratio(message, text, score_cutoff=best))
    return best / 100


@functools.cache
def _letters() -> dict[int, str]:
    sounds = {code: pinyin.readings(chr(code)) for code in range(CJK_FIRST, CJK_LAST + 1)}
    return {32: "", **{code: heard[0] for code, heard in sounds.items() if heard}}


def romanised(text: str) -> str:
    """The commonest sound of each Chinese character, without spaces: '单一 window' -> 'danyiwindow'."""
    return text.translate(_letters())
