"""Measures as an import brings them, with nothing but their wording, beside curated ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge import decide
from knowledge.library import Library
from knowledge.match import FIELD_WEIGHTS, fields_of
from knowledge.model import Measure, Outcome
from knowledge.pack import shipped

WORDING = "对在本市渔港补给的远洋渔船，给予每航次不超过三万元的冷藏补贴。"
IMPORTED = Measure("island/1.1", "island", 1, 1, (), "远洋渔船冷藏补贴", WORDING, text=WORDING)


@pytest.fixture(scope="module")
def library() -> Library:
    pack = shipped()
    return Library(replace(pack, measures=(*pack.measures, IMPORTED)))


@pytest.mark.parametrize(
    "question",
    ["渔船补给有补贴吗", "我们的船在渔港加冰能不能拿到钱 一个航次多少", "遠洋漁船冷藏補貼", "渔港补给冷藏补帖"],
)
def test_their_words_are_not_outweighed_by_what_stands_in_many_phrases(library: Library, question: str) -> None:
    assert library.find(question).matches[0].measure.id == IMPORTED.id


def test_a_wording_weighs_like_a_title_until_there_are_phrases() -> None:
    taught = replace(IMPORTED, asked_as=("渔船加冰补多少",))
    weights = [next(f.weight for f in fields_of(m) if f.name == "text") for m in (IMPORTED, taught)]
    assert weights == [FIELD_WEIGHTS["title"], FIELD_WEIGHTS["text"]]


def test_whether_they_are_meant_is_decided_by_constants_of_their_own() -> None:
    decisions = decide.shipped()
    assert decisions.of(IMPORTED) is decisions.bare
    assert decisions.of(replace(IMPORTED, asked_as=("渔船加冰补多少",))) is decisions.curated


def test_a_question_in_their_words_is_answered_and_another_is_not(library: Library) -> None:
    assert library.find("远洋渔船冷藏补贴").outcome is Outcome.ANSWER
    assert library.find("渔港补给有补贴吗").outcome is not Outcome.NONE
    assert library.find("钓鱼证在哪里办").outcome is Outcome.NONE
