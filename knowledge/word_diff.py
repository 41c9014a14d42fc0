"""Two texts word by word: what stays, what goes, what comes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# A run of Latin letters or digits is one word; of anything else, each character.
_WORD = re.compile(r"[0-9A-Za-z]+|.", re.DOTALL)


class Act(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    act: Act
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces in reading order, those that are gone before those that take their place.

    Without the new pieces they join to `before`, without those that are gone to `after`.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Act.SAME, "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(Piece(Act.GONE, "".join(old[i:j])))
        if k < m:
            pieces.append(Piece(Act.NEW, "".join(new[k:m])))
    return pieces
