"""Text as numbers: the features that the index compares, the same for entries and for messages.

A feature is an int64: its kind in the top byte, what it is made of below. All texts are `normalise.plain`.
"""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from knowledge import pinyin
from knowledge.synonyms import Synonyms

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

_CODES = 0x10000  # characters of the basic plane; rarer ones carry no sound
_FIRST, _LAST = 0x3400, 0x9FFF
_LATIN = re.compile(r"[0-9a-z]+")
_TOKEN = re.compile(r"[a-z]+|[^a-z\s]+")


class FeatureKind(IntEnum):
    CHAR = 1  # one Chinese character
    PAIR = 2  # two neighbouring ones
    GAP = 3  # two with one between: survives a wrong, a dropped or a swapped character
    SOUND = 4  # two neighbouring sounds, those that people confuse taken as one
    SYLLABLE = 5  # two neighbouring syllables, exactly
    WORD = 6  # a Latin word or a number
    CONCEPT = 7  # a group of synonyms


SHIFT = 56
SPOKEN = (FeatureKind.SOUND, FeatureKind.SYLLABLE)
COUNT = len(FeatureKind) + 1


@dataclass(frozen=True, slots=True)
class Features:
    """Occurrences of features: `keys[i]` stands in text number `rows[i]`; a feature may repeat."""

    keys: Ints
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Sounds:
    """Numbers of the syllables (or of classes of them), and per character those of its first and second reading."""

    numbers: dict[str, int]  # syllable -> number from 1
    first: Ints  # by code point, 0 for none
    second: Ints


@functools.cache
def _sounds(kind: FeatureKind) -> _Sounds:
    merge = pinyin.fuzzy if kind is FeatureKind.SOUND else str
    classes = {name: n for n, name in enumerate(sorted({merge(s) for s in pinyin.SYLLABLES}), start=1)}
    first = np.zeros(_CODES, np.int64)
    second = np.zeros(_CODES, np.int64)
    for code in range(_FIRST, _LAST + 1):
        heard = list(dict.fromkeys(classes[merge(s)] for s in pinyin.readings(chr(code))))
        if heard:
            first[code] = heard[0]
        if len(heard) > 1:
            second[code] = heard[1]
    return _Sounds({s: classes[merge(s)] for s in pinyin.SYLLABLES}, first, second)


def _key(kind: FeatureKind, low: Ints) -> Ints:
    return low | np.int64(kind << SHIFT)


def char_key(char: str) -> int:
    return FeatureKind.CHAR << SHIFT | ord(char)


def pair_key(left: str, right: str) -> int:
    return FeatureKind.PAIR << SHIFT | ord(left) << 21 | ord(right)


def gap_key(left: str, right: str) -> int:
    return FeatureKind.GAP << SHIFT | ord(left) << 21 | ord(right)


def spoken_key(kind: FeatureKind, first: str, second: str) -> int:
    """The key of two neighbouring syllables."""
    numbers = _sounds(kind).numbers
    return kind << SHIFT | numbers[first] << 16 | numbers[second]


def concept_key(group: int) -> int:
    """The key of a group of synonyms."""
    return FeatureKind.CONCEPT << SHIFT | group


def kind_of(keys: Ints) -> Ints:
    """The FeatureKind of each key, as numbers."""
    return keys >> SHIFT


def chinese(texts: Sequence[str]) -> Features:
    """Characters, pairs, gaps and sounds of the Chinese stretches of the texts."""
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "replace"), np.uint32).astype(np.int64)
    rows = np.cumsum(codes == 10).astype(np.int32)  # a line feed closes each text
    is_chinese = (codes >= _FIRST) & (codes <= _LAST)
    one = np.flatnonzero(is_chinese)
    two = one[:-1][is_chinese[one[:-1] + 1]] if one.size else one
    gap = two[:-1][is_chinese[two[:-1] + 2]] if two.size else two
    if gap.size and gap[-1] + 2 >= codes.size:
        gap = gap[:-1]
    left, right = codes[two], codes[two + 1]
    heard = [pair for kind in SPOKEN for pair in _spoken(kind, left, right, rows[two])]
    keys = [
        _key(FeatureKind.CHAR, codes[one]),
        _key(FeatureKind.PAIR, left << 21 | right),
        _key(FeatureKind.GAP, codes[gap] << 21 | codes[gap + 2]),
        *(k for k, _ in heard),
    ]
    return Features(np.concatenate(keys), np.concatenate([rows[one], rows[two], rows[gap], *(r for _, r in heard)]))


def _spoken(kind: FeatureKind, left: Ints, right: Ints, rows: Rows) -> Iterator[tuple[Ints, Rows]]:
    """Pairs of sounds of neighbouring characters, in every combination of their readings."""
    sounds = _sounds(kind)
    for a in (sounds.first, sounds.second):
        for b in (sounds.first, sounds.second):
            x, y = a[left], b[right]
            both = (x > 0) & (y > 0)
            yield _key(kind, (x << 16 | y)[both]), rows[both]


@dataclass(frozen=True, slots=True)
class Spelled:
    """Latin letters read as pinyin."""

    keys: Ints  # the sounds
    words: Ints  # the WORD features of the same letters, which are then no unknown words


def typed_pinyin(text: str) -> Spelled:
    """Sounds of Latin letters that read as pinyin, over runs of words that all do."""
    keys: list[int] = []
    words: list[int] = []
    run: list[str] = []
    for token in [*_TOKEN.findall(text), ""]:
        syllables = pinyin.split(token) if token.isascii() else ()
        if syllables:
            words.append(word_key(token))
            run += syllables
            continue
        keys += [spoken_key(kind, a, b) for kind in SPOKEN for a, b in itertools.pairwise(run)]
        run = []
    return Spelled(np.array(keys, np.int64), np.array(words if keys else [], np.int64))


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """English words without the commonest endings: 'custodians' -> 'custodian', 'applying' -> 'apply'."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)] + instead
    return word


STOP_WORDS = frozenset(
    "a an and any are as at be been but by can could do does for from get has have how i if in into is it its me my of on "
    "or our s so some t that the their them there they this to up us was we what when where which who will with would you "
    "your about am did hi hello please want need know tell".split()
)


@functools.lru_cache(maxsize=65536)
def word_key(word: str) -> int:
    """The key of a Latin word or a number."""
    return FeatureKind.WORD << SHIFT | zlib.crc32(stem(word).encode())


def latin(texts: Sequence[str]) -> Features:
    """Latin words and numbers, without the commonest English ones."""
    keys: list[int] = []
    rows: list[int] = []
    for row, text in enumerate(texts):
        for word in _LATIN.findall(text):
            if word not in STOP_WORDS:
                keys.append(word_key(word))
                rows.append(row)
    return Features(np.array(keys, np.int64), np.array(rows, np.int32))


def concepts(texts: Sequence[str], synonyms: Synonyms) -> Features:
    """The groups of synonyms that the texts' words belong to."""
    keys: list[int] = []
    rows: list[int] = []
    for row, text in enumerate(texts):
        for group in synonyms.groups_in(text):
            keys.append(concept_key(group))
            rows.append(row)
    return Features(np.array(keys, np.int64), np.array(rows, np.int32))


def extract(texts: Sequence[str], synonyms: Synonyms) -> Features:
    """All features of the texts (already `plain`)."""
    parts = (chinese(texts), latin(texts), concepts(texts, synonyms))
    return Features(np.concatenate([p.keys for p in parts]), np.concatenate([p.rows for p in parts]))
