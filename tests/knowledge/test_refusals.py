"""'This question is not about that measure': what an admin teaches so is kept to, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.library import Library
from knowledge.model import Finding, Outcome
from tests.knowledge.plans import PACK

QUESTION = "坐邮轮要带什么票"


def found(question: str, *, refusing: str | None = None) -> Finding:
    """What is found when the measure that answers `QUESTION` refuses a phrase."""
    refused = Library(PACK).find(QUESTION).matches[0].measure
    phrases = (refusing,) if refusing else ()
    taught = (replace(m, not_asked_as=phrases) if m.id == refused.id else m for m in PACK.measures)
    return Library(replace(PACK, measures=tuple(taught))).find(question)


def ids(finding: Finding) -> list[str]:
    return [match.measure.id for match in finding.matches]


def test_a_refused_question_no_longer_finds_its_measure() -> None:
    before, after = found(QUESTION), found(QUESTION, refusing=QUESTION)
    assert before.outcome is Outcome.ANSWER
    assert before.matches[0].measure.id not in ids(after)
    assert after.outcome is not Outcome.ANSWER


@pytest.mark.parametrize("alike", ["坐邮轮要带什么票？", "坐郵輪要帶什麼票", "坐邮轮要带什么票呀"])
def test_a_question_almost_alike_is_refused_too(alike: str) -> None:
    assert found(QUESTION).matches[0].measure.id not in ids(found(alike, refusing=QUESTION))


def test_other_questions_about_the_measure_find_it_as_before() -> None:
    before, after = found(QUESTION), found(QUESTION, refusing="邮轮上有没有儿童餐")
    assert after.outcome is before.outcome
    assert [(m.measure.id, m.score) for m in after.matches] == [(m.measure.id, m.score) for m in before.matches]


def test_the_others_keep_their_order() -> None:
    before, after = found("邮轮船票"), found("邮轮船票", refusing="邮轮船票")
    assert ids(after) == [i for i in ids(before) if i != before.matches[0].measure.id]
