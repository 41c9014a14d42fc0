"""Known-item queries: a piece of an article as somebody would mistype it, and the articles that hold the piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from opencc import OpenCC

from knowledge import pinyin

SHORTEST, LONGEST = 12, 24  # characters of a piece
COMMON = 3000  # characters that a mistyped one comes from


@dataclass(frozen=True, slots=True)
class Query:
    kind: str
    text: str
    piece: str  # what was meant


def queries(articles: Sequence[str], count: int, seed: int = 7) -> list[Query]:
    """`count` queries of each kind, from random articles."""
    random = Random(seed)
    made = []
    for kind, spoil in KINDS.items():
        for _ in range(count):
            piece = _piece(random, random.choice(articles))
            made.append(Query(kind, spoil(random, piece), piece))
    return made


def holders(articles: Sequence[str], piece: str) -> set[int]:
    """The articles that hold a piece: each of them is right."""
    return {row for row, article in enumerate(articles) if piece in article}


def _piece(random: Random, article: str) -> str:
    """Some consecutive characters of one sentence."""
    sentence = random.choice([s for s in article.split("。") if len(s) >= SHORTEST])
    length = min(len(sentence), random.randint(SHORTEST, LONGEST))
    start = random.randint(0, len(sentence) - length)
    return sentence[start : start + length]


def _typo(random: Random, piece: str) -> str:
    """Two characters replaced by any others."""
    letters = list(piece)
    for at in random.sample(range(len(letters)), 2):
        letters[at] = chr(0x4E00 + random.randrange(COMMON))
    return "".join(letters)


def _dropped(random: Random, piece: str) -> str:
    gone = set(random.sample(range(len(piece)), 2))
    return "".join(char for at, char in enumerate(piece) if at not in gone)


def _swapped(random: Random, piece: str) -> str:
    """Two pairs of neighbours change places."""
    letters = list(piece)
    for at in random.sample(range(0, len(letters) - 1, 2), 2):
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def _homophones(random: Random, piece: str) -> str:
    """A third of the characters replaced by others of the same sound."""
    letters = list(piece)
    for at in random.sample(range(len(letters)), len(letters) // 3):
        letters[at] = random.choice(_alike(letters[at]) or [letters[at]])
    return "".join(letters)


@cache
def _by_sound() -> dict[str, list[str]]:
    sounds: dict[str, list[str]] = {}
    for code in range(0x4E00, 0x9FA6):
        for sound in pinyin.readings(chr(code))[:1]:
            sounds.setdefault(sound, []).append(chr(code))
    return sounds


def _alike(char: str) -> list[str]:
    return [c for sound in pinyin.readings(char)[:1] for c in _by_sound()[sound] if c != char]


def _spelled(random: Random, piece: str) -> str:
    """The sounds in Latin letters, in words of two syllables."""
    syllables = [(pinyin.readings(char) or (char,))[0] for char in piece]
    return " ".join("".join(syllables[at : at + 2]) for at in range(0, len(syllables), 2))


def _traditional(random: Random, piece: str) -> str:
    converted: str = OpenCC("s2t").convert(piece)
    return converted


KINDS: dict[str, Callable[[Random, str], str]] = {
    "typo": _typo,
    "dropped": _dropped,
    "swapped": _swapped,
    "homophone": _homophones,
    "pinyin": _spelled,
    "traditional": _traditional,
}
