"""Questions for details that plans do not regulate."""

from __future__ import annotations

from knowledge.details import Details
from knowledge.match import Matcher
from knowledge.normalise import fold
from tests.knowledge.plans import PACK

DETAILS = Details(["多少钱", "报名时间", "票价", "fee"])


def test_a_word_for_a_detail_counts_unless_the_measure_speaks_of_it() -> None:
    assert DETAILS.beyond("船票多少钱", "船票实名预订", spelled=False)
    assert not DETAILS.beyond("船票多少钱", "船票多少钱由谁定", spelled=False)
    assert not DETAILS.beyond("船票怎么买", "船票实名预订", spelled=False)


def test_latin_words_count_as_a_whole_and_pinyin_as_sounds() -> None:
    assert DETAILS.beyond("the fee please", "", spelled=False)
    assert not DETAILS.beyond("coffee please", "", spelled=False)
    assert DETAILS.beyond("bao ming shijian", "", spelled=True)
    assert not DETAILS.beyond("bao ming shijian", "考试报名时间", spelled=True)


def test_a_question_for_a_price_is_surer_to_be_about_none_of_the_measures() -> None:
    matcher = Matcher(PACK)

    def sure(text: str) -> float:
        ranking = matcher.rank(fold(text))
        return matcher.decision(ranking).confidence(matcher.signals(ranking))[0]

    assert sure("船票手续费多少钱") < sure("船票手续怎么办理")
