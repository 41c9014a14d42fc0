"""The tables of characters: the same as the libraries' own, only read faster."""

from __future__ import annotations

import pytest
from opencc import OpenCC

from knowledge import pinyin
from knowledge.normalise import CJK_FIRST, CJK_LAST, fold

CHARACTERS = [chr(code) for code in range(CJK_FIRST, CJK_LAST + 1)]


def test_traditional_characters_fold_as_opencc_converts_them() -> None:
    convert = OpenCC("t2s").convert
    once = convert("\n".join(CHARACTERS))  # line breaks keep neighbours from being read as a phrase
    twice = convert(once).split("\n")
    assert [fold(char) for char in CHARACTERS] == twice


@pytest.mark.parametrize(
    ("char", "syllables"),
    [("行", ("xing", "hang")), ("绿", ("lv", "lu")), ("略", ("lue",)), ("一", ("yi",)), ("长", ("zhang", "chang"))],
)
def test_a_character_has_its_two_most_common_readings(char: str, syllables: tuple[str, ...]) -> None:
    assert pinyin.readings(char) == syllables


@pytest.mark.parametrize("char", ["a", "1", "。", "🙂", "\ud800"])
def test_what_is_no_chinese_character_has_no_reading(char: str) -> None:
    assert pinyin.readings(char) == ()


def test_syllables_are_those_that_people_type() -> None:
    assert {"a", "zhuang", "lv", "lue", "er"} <= pinyin.SYLLABLES
    assert not {"", "m", "lve"} & pinyin.SYLLABLES
    assert 400 <= len(pinyin.SYLLABLES) <= 430


@pytest.mark.parametrize("typed", ["lüxingshe", "lǚxíngshè", "LÜXINGSHE", "lvxingshe"])
def test_the_umlaut_and_the_tones_of_pinyin_may_be_typed_or_not(typed: str) -> None:
    assert fold(typed) == "lvxingshe"


def test_the_umlaut_and_a_plain_u_sound_alike() -> None:
    assert pinyin.fuzzy("lv") == pinyin.fuzzy("lu")
    assert pinyin.fuzzy("nv") == pinyin.fuzzy("lu")
