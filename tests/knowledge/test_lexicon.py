"""The synonyms that ship: everyday words lead to official ones, also in measures that have their wording alone."""

from __future__ import annotations

from collections import Counter

import pytest

from knowledge.index import Index
from knowledge.library import Library
from knowledge.model import Measure, Outcome, Pack
from knowledge.normalise import fold, plain
from knowledge.pack import shipped
from knowledge.postings import Field, Postings
from knowledge.synonyms import Synonyms

SHIPPED = shipped()
SYNONYMS = Synonyms(SHIPPED.synonyms)
WORDINGS = {
    "talent": "对境外人才申请工作许可、居留许可试行线上受理。",
    "release": "对符合条件的进境货物推行担保放行、先放后税。",
    "closing": "优化市场主体注销登记程序，推广承诺制简易注销。",
    "cash": "支持设立本外币合一的跨境资金池。",
    "data": "制定低风险数据跨境流动目录。",
    "care": "鼓励境外投资者设立养老机构。",
    "hospital": "放宽外商独资医院设立条件。",
    "plant": "推行工业项目施工许可、竣工验收合并办理。",
    "power": "推广绿色电力证书交易。",
    "fair": "对展会展品实行便捷监管。",
}
MEASURES = tuple(
    Measure(f"plan/1.{place}", "plan", 1, place, (), wording, wording, text=wording)
    for place, wording in enumerate(WORDINGS.values(), start=1)
)
LIBRARY = Library(Pack(measures=MEASURES, synonyms=SHIPPED.synonyms))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("想把老外招进来要办工签", "talent"),
        ("货到了能不能先提走再交税", "release"),
        ("公司不干了怎么关掉公司", "closing"),
        ("集团想做 cash pooling", "cash"),
        ("客户资料能传到国外吗 数据出境", "data"),
        ("老外来开养老院行不行", "care"),
        ("foreign owned hospital", "hospital"),
        ("开工手续和完工验收", "plant"),
        ("想买绿证", "power"),
        ("exhibits for a trade show", "fair"),
    ],
)
def test_everyday_and_english_words_lead_to_the_official_wording(question: str, name: str) -> None:
    finding = LIBRARY.find(question)
    assert finding.outcome is not Outcome.NONE
    assert finding.matches[0].measure.text == WORDINGS[name]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("投资管理", "资产管理"),
        ("符合规定", "合规"),
        ("仓储能力", "储能"),
        ("要交哪些资料", "数据"),
        ("开放行业", "提货"),
        ("申请人", "招聘"),
        ("提高企业效益", "高新技术企业"),
    ],
)
def test_words_that_others_hold_by_chance_mean_nothing(text: str, word: str) -> None:
    assert set(SYNONYMS.groups_in(text)).isdisjoint(SYNONYMS.groups_in(word))


def test_every_word_is_heard_where_it_stands_alone() -> None:
    words = {plain(fold(word)) for group in SHIPPED.synonyms for word in group}
    assert [word for word in words if [found for _, found in SYNONYMS.occurrences(word)][:1] != [word]] == []


def test_a_synonym_counts_more_for_a_measure_without_phrases() -> None:
    alone = Field(plain("外籍人士开办养老院"), 1.0, "summary")
    beside = [alone, Field("", 1.0, "asked_as")]
    postings = Postings.of([[alone], beside], SYNONYMS)
    index = Index(postings, 2, SYNONYMS)
    by_synonym, by_word = (index.scores(index.query(word)) for word in ("敬老院", "开办"))
    assert by_synonym[0] > by_synonym[1] > 0
    assert by_word[0] == by_word[1] > 0


def test_groups_are_told_apart_by_their_first_word_and_repeat_none() -> None:
    assert [word for word, times in Counter(group[0] for group in SHIPPED.synonyms).items() if times > 1] == []
    groups = [[plain(fold(word)) for word in group] for group in SHIPPED.synonyms]
    assert [group for group in groups if len(group) < 2 or len(set(group)) < len(group)] == []


def test_a_shared_end_of_a_question_is_not_what_it_is_about() -> None:
    library = Library(SHIPPED)
    assert library.find("数据保护能力怎么认证").outcome is Outcome.ANSWER
    for account in ("订阅号", "服务号", "企业微信", "视频号"):
        assert library.find(f"{account}怎么认证").outcome is Outcome.NONE
