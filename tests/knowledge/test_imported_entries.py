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


HARBOUR = (
    WORDING,
    "推行渔获物电子交易凭证，买卖双方凭此申报检疫。",
    "设立渔具以旧换新专柜，塑料浮标更换费用由市财政承担一半。",
    "允许休闲渔船夜间搭载游客出海，每船不超过二十人。",
    "建立渔民互助保险，台风停航期间按天给付误工津贴。",
    "支持水产加工厂改造低温生产线，设备款最多补贴两成。",
    "开通活鲜运输车辆专用通道，收费站免予开箱检查。",
    "发布海水养殖用药目录，目录外的药品不得使用。",
    "在渔港周边划出晒网场地，由合作社统一管理。",
    "组织渔船船员参加外语培训，结业者优先办理境外作业证。",
    "对废旧渔船拆解给予每总吨六百元奖励。",
    "建设渔业博物馆，向中小学生免费开放。",
    "允许外国机构独立举办涉外渔业技术展览会。",
)


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


@pytest.fixture(scope="module")
def harbour() -> Library:
    """A document of thirteen measures beside the curated ones."""
    measures = (Measure(f"harbour/{n}.1", "harbour", n, 1, (), t[:20], t, text=t) for n, t in enumerate(HARBOUR, 1))
    pack = shipped()
    return Library(replace(pack, measures=(*pack.measures, *measures)))


@pytest.mark.parametrize(
    ("question", "item"),
    [("渔网坏了换新的谁出钱", 3), ("养鱼能用什么药", 8), ("网晒在哪里", 9), ("船上伙计学英语有人教吗", 10)],
)
def test_what_curated_ones_match_by_chance_does_not_count_against_them(
    harbour: Library, question: str, item: int
) -> None:
    assert harbour.find(question).matches[0].measure.item == item


def test_a_curated_measure_that_is_meant_stays_first_beside_a_document_of_another_field(harbour: Library) -> None:
    assert harbour.find("老外能考证吗").matches[0].measure == Library(shipped()).find("老外能考证吗").matches[0].measure


def test_of_too_few_measures_nobody_can_tell_what_they_match_by_chance(library: Library) -> None:
    assert library.find("网晒在哪里").outcome is Outcome.NONE


def test_what_says_the_same_in_official_words_is_listed_behind_the_curated_one_and_told_with_it(
    harbour: Library,
) -> None:
    found = harbour.find("德国公司想自己办展，必须拉个中国公司一起吗")
    assert found.outcome is Outcome.ANSWER
    assert [match.measure.id for match in found.matches[:2]] == ["shanghai-2020-24/4.5", "harbour/13.1"]
    assert found.akin == found.matches[1].measure


def test_what_no_other_document_says_nearly_has_nothing_told_with_it(harbour: Library) -> None:
    assert harbour.find("老外能考证吗").akin is None
    assert harbour.find("废旧渔船拆解奖励").akin is None  # answered by the imported one itself


def test_where_a_curated_one_would_be_the_answer_too_people_choose(harbour: Library) -> None:
    found = harbour.find("外国机构独立举办涉外渔业展览会")
    assert found.outcome is Outcome.CHOICES
    assert [match.measure.id for match in found.matches[:2]] == ["harbour/13.1", "shanghai-2020-24/4.5"]
