"""Explanations: they agree with what was found, and each reason can be seen in the message and in the entry."""

from __future__ import annotations

import pytest

from knowledge.explain import explain
from knowledge.match import Matcher
from knowledge.model import Evidence
from tests.knowledge.plans import HARBOUR, PACK

MATCHER = Matcher(PACK)


def reasons(text: str) -> tuple[Evidence, ...]:
    """Of the first match."""
    return explain(MATCHER, text).finding.matches[0].evidence


@pytest.mark.parametrize("text", ["坐邮轮要什么票", "外籍引航员", "7号文第1条", "人才", "今天天气", "", "🙂"])
def test_an_explanation_finds_what_the_search_finds(text: str) -> None:
    plain, explained = MATCHER.find(text), explain(MATCHER, text).finding
    assert explained.outcome is plain.outcome
    assert [(m.measure.id, m.score) for m in explained.matches] == [(m.measure.id, m.score) for m in plain.matches]


@pytest.mark.parametrize("text", ["坐邮轮要什么票", "lengliang wendu zhuisu", "licence for a foreigner", "園區倉庫"])
def test_the_weights_of_the_reasons_are_shares_of_the_whole(text: str) -> None:
    for match in explain(MATCHER, text).finding.matches:
        assert 0.5 < sum(reason.weight for reason in match.evidence) < 1.001
        assert list(match.evidence) == sorted(match.evidence, key=lambda reason: -reason.weight)


def test_characters_are_told_with_the_text_that_holds_them() -> None:
    first = reasons("坐邮轮带啥票")[0]
    assert (first.kind, first.field, first.entry) == ("characters", "asked_as", "坐邮轮要带什么票")
    assert first.query == "坐邮轮带…票"


def test_typed_pinyin_is_told_as_a_sound() -> None:
    assert [(r.kind, r.field, r.query, r.entry) for r in reasons("chuanbo dengji")] == [
        ("sound", "title", "chuanbo…dengji", "船舶登记远程办理")
    ]


def test_a_homophone_is_told_as_a_sound() -> None:
    assert ("sound", "title", "有轮传票平证") in [(r.kind, r.field, r.query) for r in reasons("有轮传票平证")]


def test_a_latin_word_and_a_synonym_are_told_as_such() -> None:
    kinds = {(r.kind, r.query) for r in reasons("foreigner 引航员")}
    assert ("synonym", "foreigner") in kinds
    assert [(r.kind, r.query) for r in reasons("cruise")] == [("word", "cruise")]


def test_what_is_named_outright_is_told_so() -> None:
    assert reasons("7号文第2条") == (Evidence("clause", "", "7号文第2条", "7号文第2条", 1.0),)
    assert reasons("人才")[0].kind == "sector"
    assert reasons("7号文 邮轮")[0].kind == "document"


def test_the_decision_shows_its_numbers_and_thresholds() -> None:
    explained = explain(MATCHER, "坐邮轮要带什么票")
    assert explained.verdict
    assert explained.verdict.right == pytest.approx(explained.finding.matches[0].score, abs=1e-4)
    assert explained.verdict.in_domain >= explained.verdict.none_below
    assert explained.verdict.signals.lead > 0.3


def test_a_refusal_is_told_with_the_phrase_that_it_rests_on() -> None:
    assert explain(MATCHER, "冰箱坏了怎么修呀").refused == (("harbour/1.3", "冰箱坏了怎么修"),)


def test_a_missing_part_has_no_reasons() -> None:
    explained = explain(MATCHER, "7号文第9条")
    assert (explained.verdict, explained.finding.matches) == (None, ())
    assert explained.finding.missing == HARBOUR.missing
