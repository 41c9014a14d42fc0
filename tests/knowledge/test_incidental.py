"""A word that stands by the way in a phrase people ask with is not enough for an answer; a word of the measure's own is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.decide import SHORT, incidental
from knowledge.library import Library
from knowledge.model import Outcome
from knowledge.pack import shipped

PACK = shipped()
PHRASE = "隔壁老王周四下午在茶水间问我 海外的电影胶片修复能不能免检"


@pytest.fixture(scope="module")
def library() -> Library:
    """One where the first measure has that phrase, too."""
    first, *others = PACK.measures
    taught = replace(first, asked_as=(*first.asked_as, PHRASE))
    return Library(replace(PACK, measures=(taught, *others)))


@pytest.mark.parametrize("word", ["隔壁", "老王", "周四", "茶水间"])
def test_a_word_by_the_way_gets_no_answer(library: Library, word: str) -> None:
    assert library.find(word).outcome is not Outcome.ANSWER


def test_the_phrase_and_what_is_said_alike_get_the_measure(library: Library) -> None:
    for question in (PHRASE, "海外的电影胶片修复能免检吗"):
        finding = library.find(question)
        assert (finding.outcome, finding.matches[0].measure.id) == (Outcome.ANSWER, PACK.measures[0].id)


def test_what_a_measure_says_itself_is_never_incidental() -> None:
    assert incidental(1.0, 0.1, SHORT) == 0


def test_nor_is_what_is_like_the_whole_of_a_phrase() -> None:
    assert incidental(0.0, 1.0, SHORT) == 0


def test_the_more_there_is_the_less_is_by_chance() -> None:
    told = [incidental(0.2, 0.3, features) for features in (0, 1, SHORT, 2 * SHORT, 10 * SHORT)]
    assert told[0] == told[1] == told[2] == pytest.approx(0.8 * 0.7)
    assert told[2] > told[3] > told[4] > 0
