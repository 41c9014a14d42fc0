"""Sounds: the syllables of a character, the syllables in typed Latin letters, and which sounds people mix up."""

from __future__ import annotations

import functools
import os
import unicodedata

# The phrase table takes 40 MB and serves no purpose here: every common reading of a character is indexed.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")

from pypinyin.pinyin_dict import pinyin_dict

from knowledge.normalise import CJK_FIRST, CJK_LAST

READINGS = 2  # readings kept per character, the most common first

# Sounds that southern speakers and hasty typists confuse; both sides become the right-hand one.
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("h", "f"))
_FINALS = (("iang", "ian"), ("uang", "uan"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("ong", "on"))


def _toneless(spelled: str) -> str:
    """Any number of syllables without their tones; 'ü' as 'v', but 'lüe' and 'nüe' as people type them."""
    letters = unicodedata.normalize("NFD", spelled).replace("u\u0308", "v")
    return letters.translate(_NO_MARKS).replace("lve", "lue").replace("nve", "nue")


_NO_MARKS = dict.fromkeys(range(0x0300, 0x0370))  # combining diacritical marks


@functools.cache
def _spelled() -> dict[str, tuple[str, ...]]:
    """Chinese character -> its toneless readings, the most common first. All at once: one by one takes a second."""
    listed = {chr(code): spelled for code, spelled in pinyin_dict.items() if CJK_FIRST <= code <= CJK_LAST}
    lines = _toneless("\n".join(listed.values())).split("\n")
    shared = {line: tuple(dict.fromkeys(line.split(","))) for line in set(lines)}
    return {char: shared[line] for char, line in zip(listed, lines, strict=True)}


@functools.cache
def readings(char: str) -> tuple[str, ...]:
    """Toneless syllables of a Chinese character, the most common first, at most READINGS; () for anything else."""
    return _usual(_spelled().get(char, ()))


@functools.cache
def _usual(syllables: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(s for s in syllables if s in SYLLABLES)[:READINGS]


def _all_syllables() -> frozenset[str]:
    found = {s for char, spelled in _spelled().items() if char >= "\u4e00" for s in spelled}
    return frozenset(s for s in found if s.isascii() and s.isalpha() and (len(s) > 1 or s in "aeo"))


SYLLABLES = _all_syllables()
_LONGEST = max(map(len, SYLLABLES))


@functools.cache
def fuzzy(syllable: str) -> str:
    """The class of syllables that sound alike to a hurried ear: 'zhang' and 'zan' share one, and so do 'lv' and 'lu'."""
    syllable = syllable.replace("v", "u")  # 'ü', which most keyboards lack
    for spelled, merged in _INITIALS:
        if syllable.startswith(spelled):
            syllable = merged + syllable[len(spelled) :]
            break
    for spelled, merged in _FINALS:
        if syllable.endswith(spelled):
            return syllable[: -len(spelled)] + merged
    return syllable


@functools.lru_cache(maxsize=4096)
def split(letters: str) -> tuple[str, ...]:
    """Typed letters as syllables, 'yiwangtongban' -> ('yi', 'wang', 'tong', 'ban'); () when they are no pinyin.

    Of several readings the one with the fewest syllables counts, longer first syllables before shorter ones.
    """
    best: list[tuple[str, ...] | None] = [None] * (len(letters) + 1)
    best[len(letters)] = ()
    for start in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), start + _LONGEST), start, -1):
            rest = best[end]
            if rest is None or letters[start:end] not in SYLLABLES:
                continue
            known = best[start]
            if known is None or len(rest) + 1 < len(known):
                best[start] = (letters[start:end], *rest)
    return best[0] or ()
