"""Titles of measures that nobody has curated yet."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.model import GOOD_TITLE
from knowledge.sentences import PAIRS, has_words
from knowledge.titles import shorten, title_of


@pytest.mark.parametrize(
    ("wording", "title"),
    [
        ("鼓励种植绿茶、红茶，发展茶园观光。", "鼓励种植绿茶、红茶"),
        ("推行“一次采样、两地通用”，减少重复检验。", "推行“一次采样、两地通用”"),
        ("对茶、咖啡等饮品实行备案管理。", "对茶、咖啡等饮品实行备案管理"),
        ("到2031年，茶园面积达到三万亩。", "茶园面积达到三万亩"),
        ("在风险可控的基础上，试行茶叶期货。", "试行茶叶期货"),
        ("根据有关规定，为了便利茶商，允许茶叶分批报检。", "允许茶叶分批报检"),
        ("对连续三年盈利的茶企，减免茶园租金。", "对连续三年盈利的茶企，减免茶园租金"),
        (
            "对首次在本市茶叶交易中心挂牌交易的境外茶企，给予不超过二十万元的奖励。",
            "对首次在本市茶叶交易中心挂牌交易的境外茶企…",
        ),
        ("为茶艺师提供三年的公寓，租金按半价收取。", "为茶艺师提供三年的公寓"),
        ("在茶叶采购中平等对待各国茶商，不得按茶商的国别另设评分的条件。", "在茶叶采购中平等对待各国茶商…"),
        ("逾期不改的，茶叶协会可以取消其会员资格。", "逾期不改的，茶叶协会可以取消其会员资格"),
        ("违反本条例第二十八条规定的，由县级茶叶主管部门责令改正。", "由县级茶叶主管部门责令改正"),
        ("茶叶拍卖会落户，由茶业局牵头审批，五日内办结。", "茶叶拍卖会落户，由茶业局牵头审批"),
        ("取得茶艺师证书的，奖励两千元，三年内发放。", "取得茶艺师证书的，奖励两千元"),
        ("对接国际茶叶标准，建设茶叶检测中心。", "对接国际茶叶标准，建设茶叶检测中心"),
    ],
)
def test_a_title_is_the_first_clause_that_says_what_is_done(wording: str, title: str) -> None:
    assert title_of(wording) == title


@pytest.mark.parametrize(
    ("wording", "title"),
    [
        (
            "支持茶叶合作社在山区茶园建设气象监测站点和冷藏仓库以及配套道路。",
            "支持茶叶合作社在山区茶园建设气象监测站点…",
        ),
        ("支持茶叶合作社在各山区茶园设立“茶园气象监测服务站”并统一维护。", "支持茶叶合作社在各山区茶园…"),
        ("“茶园气象监测服务站建设三年行动暨茶叶质量提升工程”全面实施。", "茶园气象监测服务站建设三年行动暨茶叶质量…"),
    ],
)
def test_what_is_too_long_ends_between_words_and_outside_quotation_marks(wording: str, title: str) -> None:
    assert title_of(wording) == title


def is_closed(text: str) -> bool:
    opened: list[str] = []
    for mark in text:
        if mark in PAIRS.values():
            opened.append(mark)
        elif PAIRS.get(mark) in opened:
            del opened[len(opened) - opened[::-1].index(PAIRS[mark]) - 1 :]
    return not opened


wordings = st.text(
    "茶叶园商对为的后可由等和与，。；：、3,:“”‘’《》（）()〔〕…支持建设",
    max_size=80,
).filter(has_words)


@given(wordings)
@example("（茶")
@example("茶（")
@example("“‘（《茶园")
def test_a_title_is_a_closed_stretch_of_the_wording_within_the_limit(wording: str) -> None:
    title = title_of(wording)
    assert title
    assert len(title) <= GOOD_TITLE
    assert is_closed(title)
    assert title.removesuffix("…") in wording


@given(wordings, st.integers(2, 120))
def test_what_fits_stays_whole_and_the_rest_keeps_its_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    if len(text) <= limit and is_closed(text):
        assert short == text
