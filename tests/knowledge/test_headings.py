"""Sub-headings, numbered by decimals or not at all: what stands below them is measured, they themselves never are."""

from __future__ import annotations

import pytest

from knowledge import markers
from knowledge.markers import Style
from tests.knowledge.test_segment import numbered, segmented

DECIMALS = """# 茶城扶持茶商若干措施

为扶持茶商，制定本措施。

## 一、壮大茶商

### 1.1 培育茶企

对销售额过亿的茶企奖励十万元。

### 1.2 引进平台

对落户的茶叶平台给予补助。支持平台开设茶馆。

## 二、完善仓储

### 2.1 布局茶仓

支持建设恒温茶仓。

## 附则

本措施自2026年1月1日起施行。
"""
PLAIN = DECIMALS.replace("1.1 ", "").replace("1.2 ", "").replace("2.1 ", "")
MEASURES = [
    ("1.1", "对销售额过亿的茶企奖励十万元。"),
    ("2.1", "对落户的茶叶平台给予补助。"),
    ("2.2", "支持平台开设茶馆。"),
    ("3.1", "支持建设恒温茶仓。"),
]
HEADINGS = {1: "培育茶企", 2: "引进平台", 3: "布局茶仓"}


@pytest.mark.parametrize("text", [DECIMALS, PLAIN], ids=["decimals", "no numbers"])
def test_what_stands_below_a_sub_heading_is_an_item_of_that_heading(text: str) -> None:
    found = segmented(text, "措施.md")
    assert (numbered(found), found.items) == (MEASURES, HEADINGS)


def test_a_plain_text_is_read_by_its_decimals_alike() -> None:
    text = "\n".join(line.lstrip("# ").replace(" ", "") for line in DECIMALS.splitlines() if "附则" not in line)
    found = segmented(text.replace("本措施自2026年1月1日起施行。", ""))
    assert (numbered(found), found.items) == (MEASURES, HEADINGS)


def test_decimals_of_three_numbers_are_items_of_the_decimals_above_them() -> None:
    text = "茶业规划\n\n一、主要任务\n1.1 茶园\n1.1.1 种植。扩种绿茶。\n1.1.2 采摘。推广机采。\n1.2 茶市\n1.2.1 交易。开设夜市。"
    found = segmented(text)
    assert [(clause.text, clause.heading) for clause in found.clauses] == [
        ("扩种绿茶。", "种植"),
        ("推广机采。", "采摘"),
        ("开设夜市。", "交易"),
    ]


@pytest.mark.parametrize("text", ["1.2亿元用于茶园改造", "3.5%的茶企", "2.5 米宽的茶道", "2023.1 起", "2.4GHz频段"])
def test_a_decimal_fraction_is_no_number_of_a_part(text: str) -> None:
    assert markers.read(text) is None


@pytest.mark.parametrize(
    ("text", "style", "number", "above"),
    [("1.2培育茶企", Style.DECIMAL, 2, (1,)), ("3.1.4 茶仓", Style.DECIMAL_OF_THREE, 4, (3, 1))],
)
def test_a_decimal_is_read_level_by_level(text: str, style: Style, number: int, above: tuple[int, ...]) -> None:
    marker, _ = markers.read(text) or pytest.fail("no number")
    assert (marker.style, marker.number, marker.above) == (style, number, above)


def test_decimals_that_do_not_go_on_with_the_count_are_none() -> None:
    sequence = markers.Sequence()
    for text, follows in [("1.1 茶", True), ("1.3 茶", False), ("1.2 茶", True), ("2.1 茶", True), ("1.1 茶", False)]:
        marker, _ = markers.read(text) or pytest.fail("no number")
        assert sequence.follows(marker) is follows
        if follows:
            sequence.add(marker)


def test_a_section_does_not_lend_its_heading_to_the_ones_behind_it() -> None:
    text = (
        "# 茶业措施\n\n## 一、种茶\n\n### 扩种\n\n扩种绿茶。\n\n## 二、卖茶\n\n（一）开设夜市。\n\n（二）发放茶券。\n"
    )
    assert [clause.heading for clause in segmented(text, "措施.md").clauses] == ["扩种", "卖茶", "卖茶"]


def test_text_between_a_heading_and_the_items_below_it_introduces_them() -> None:
    text = "# 茶业措施\n\n一、种茶\n\n扩种绿茶。\n\n## 卖茶\n\n围绕卖茶做好三件事。\n\n### 夜市\n\n开设夜市。\n"
    assert numbered(segmented(text, "措施.md")) == [("1.1", "扩种绿茶。"), ("2.1", "开设夜市。")]


@pytest.mark.parametrize("frame", ["基本原则", "保障措施", "组织实施", "附则", "附件：名词解释"])
def test_a_heading_that_names_a_frame_holds_no_measures_and_neither_does_what_lies_below(frame: str) -> None:
    text = f"# 茶业措施\n\n## 一、种茶\n\n扩种绿茶。\n\n## {frame}\n\n### 第一点\n\n1. 茶仓：存茶的仓库。\n"
    assert numbered(segmented(text, "措施.md")) == [("1.1", "扩种绿茶。")]


def test_a_frame_ends_with_the_next_heading_of_its_level() -> None:
    text = "# 茶业措施\n\n## 总体要求\n\n稳中求进。\n\n## 一、种茶\n\n扩种绿茶。\n"
    assert numbered(segmented(text, "措施.md")) == [("1.1", "扩种绿茶。")]


def test_a_heading_with_nothing_below_it_is_no_measure() -> None:
    text = "# 茶业措施\n\n## 一、种茶\n\n扩种绿茶。\n\n## 二、卖茶\n\n## 三、品茶\n"
    assert numbered(segmented(text, "措施.md")) == [("1.1", "扩种绿茶。")]


def test_an_item_without_a_number_goes_on_with_the_count() -> None:
    text = "# 茶业措施\n\n### 1. 种茶\n\n扩种绿茶。\n\n### 其他支持\n\n发放茶券。\n\n### 5. 卖茶\n\n开设夜市。\n"
    assert [clause.item for clause in segmented(text, "措施.md").clauses] == [1, 2, 5]


@pytest.mark.parametrize("name", ["行动目标", "总目标", "建设目标"])
def test_a_section_of_aims_is_a_frame_whatever_the_aims_are_called(name: str) -> None:
    text = f"茶业行动计划\n\n一、{name}\n到2027年茶园达到百座。\n\n二、主要行动\n（一）种茶\n1.扩种绿茶。\n2.推广机采。"
    assert numbered(segmented(text)) == [("1.1", "扩种绿茶。"), ("2.1", "推广机采。")]


def test_headings_of_a_web_page_count_by_their_level() -> None:
    page = "<h1>茶业措施</h1><h2>一、种茶</h2><h3>扩种</h3><p>扩种绿茶。</p><h2>二、卖茶</h2><h3>夜市</h3><p>开设夜市。</p>"
    assert segmented(f"<html><body>{page}</body></html>", "页面.html").items == {1: "扩种", 2: "夜市"}


WRAPPED = """# 茶业措施

## 一、种茶

### 1.1 扩种

对新建的茶园，按照种植面积给予
补贴，每亩
一千元。支持茶农
引进良种。
- 推广机采；
- 推广滴灌，
  节约用水。

## 二、卖茶
（一）开设夜市
允许茶摊经营至
零点。
（二）发放茶券。市民凭券
品茶。

市茶业局
2026年1月1日
"""


def test_a_single_line_feed_is_no_end_of_a_paragraph_in_markdown() -> None:
    assert [clause.text for clause in segmented(WRAPPED, "措施.md").clauses] == [
        "对新建的茶园，按照种植面积给予补贴，每亩一千元。",
        "支持茶农引进良种。",
        "推广机采；",
        "推广滴灌，节约用水。",
        "允许茶摊经营至零点。",
        "市民凭券品茶。",
    ]


def test_what_markdown_breaks_on_purpose_stays_apart() -> None:
    lines = "### 1. 种茶\n\n扩种绿茶\\\n推广机采  \n推广滴灌\n> 开设茶园\n***\n建设茶仓\n| 茶 | 茶 |\n"
    found = segmented(f"# 茶业措施\n\n{lines}", "措施.md")
    assert [clause.text for clause in found.clauses] == ["扩种绿茶", "推广机采", "推广滴灌", "开设茶园", "建设茶仓"]


@pytest.mark.parametrize(
    ("above", "below"), [("一、", "（1）"), ("一、", "①"), ("1 ", "1.1 "), ("第一部分 ", "1. "), ("一、", "")]
)
def test_headings_are_items_whatever_their_numbers_look_like(above: str, below: str) -> None:
    text = (
        f"# 茶业措施\n\n## {above}种茶\n\n### {below}扩种\n\n扩种绿茶。（责任单位：市茶业局）\n\n"
        "## 附件：名词解释\n\n1. 茶仓：存茶的仓库。\n"
    )
    (clause,) = segmented(text, "措施.md").clauses
    assert (clause.heading, clause.text) == ("扩种", "扩种绿茶。")
