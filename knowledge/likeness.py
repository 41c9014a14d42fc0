"""How alike a message and the texts of entries are, character by character: rapidfuzz, on letters or on sounds."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge import pinyin
from knowledge.normalise import CJK_FIRST, CJK_LAST

SPELLED = 16_384  # texts whose sounds are kept, some hundred bytes each


@dataclass(frozen=True, slots=True)
class Texts:
    """What of an entry a message is compared with, all of it plain."""

    short: tuple[str, ...]  # compared as a whole: title, keywords, phrases …; one at least
    wording: str  # compared with the part of it that is most like the message; '' for none

    @property
    def together(self) -> str:
        return " ".join((*self.short, self.wording))


def likeness(message: str, entries: Sequence[Texts], *, by_sound: bool = False) -> NDArray[np.float64]:
    """Of each entry the likeness of a plain message to the most similar of its texts, 0..1.

    :param by_sound: compare the pinyin of both, for a message that is typed in pinyin.
    """
    short = list(chain.from_iterable(entry.short for entry in entries))
    if by_sound:
        message, short = romanised(message), [romanised(text) for text in short]
    starts = np.cumsum([0, *(len(entry.short) for entry in entries[:-1])])
    alike = np.maximum.reduceat(process.cdist([message], short, scorer=fuzz.ratio)[0].astype(np.float64), starts)
    for number, entry in enumerate(entries):
        if entry.wording:
            wording = romanised(entry.wording) if by_sound else entry.wording
            part = fuzz.partial_ratio(message, wording, score_cutoff=alike[number])
            alike[number] = max(part, alike[number])
    best: NDArray[np.float64] = alike / 100
    return best


@functools.cache
def _letters() -> dict[int, str]:
    sounds = {code: pinyin.readings(chr(code)) for code in range(CJK_FIRST, CJK_LAST + 1)}
    return {32: "", **{code: heard[0] for code, heard in sounds.items() if heard}}


@functools.lru_cache(maxsize=SPELLED)
def romanised(text: str) -> str:
    """The commonest sound of each Chinese character, without spaces: '单一 window' -> 'danyiwindow'."""
    return text.translate(_letters())
