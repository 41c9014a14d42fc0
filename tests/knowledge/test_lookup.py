"""Look-ups by name: clauses, documents, sectors, and parts that are not at hand."""

from __future__ import annotations

import pytest

from knowledge.lookup import Lookup, Request, without_fillers
from knowledge.normalise import fold
from tests.knowledge.plans import GARDEN, PACK

LOOKUP = Lookup(PACK, PACK.measures)


def find(text: str) -> Request:
    return LOOKUP.find(fold(text))


def ids(text: str) -> list[str]:
    return [measure.id for measure in find(text).measures]


@pytest.mark.parametrize(
    ("text", "expected", "heading"),
    [
        ("7号文第1条", ["harbour/1.1", "harbour/1.2", "harbour/1.3"], "7号文第1条"),
        ("第2条", ["harbour/2.1"], "第2条"),
        ("7号文2.1和9号文1.1", ["harbour/2.1", "garden/1.1"], "7号文第2条第1项、9号文第1条第1项"),
        ("7号文第1条和第2条", ["harbour/1.1", "harbour/1.2", "harbour/1.3", "harbour/2.1"], "7号文第1条、第2条"),
        ("7号文第1条关于船舶登记的", ["harbour/1.2"], "7号文第1条"),
        ("9号文第1条人才", ["garden/1.2"], "9号文第1条"),
        ("9号文 引航员", ["garden/1.2"], "9号文“引航员”"),
        ("7号文 人才", ["harbour/2.1"], "7号文“人才”"),
    ],
)
def test_clauses_and_topics_of_documents_are_listed_in_their_order(
    text: str, expected: list[str], heading: str
) -> None:
    assert ids(text) == expected
    assert find(text).heading == heading


@pytest.mark.parametrize(
    "text", ["人才", "人才方面有哪些政策", "想看看人才那块", "talents", "rencai", "ren cai zhengce", "人才類政策"]
)
def test_a_sector_is_listed_however_it_is_asked_for(text: str) -> None:
    assert ids(text) == ["harbour/2.1", "garden/1.2"]


@pytest.mark.parametrize("text", ["人才落户加分", "外籍人才", "运输冻肉"])
def test_a_sector_name_inside_a_question_lists_nothing(text: str) -> None:
    assert find(text) == Request()


def test_a_part_that_the_copy_lacks_is_told_so() -> None:
    assert find("7号文第3条").missing == "7号文手头的文本到第2条为止。"
    assert find("7号文第2条第9项").missing == "7号文手头的文本到第2条为止。"
    assert find("7号文第1条第9项").missing == "7号文里没有第1条第9项。"


def test_the_last_one_is_counted_unless_the_copy_lacks_the_end() -> None:
    assert ids("7号文第1条最后一项") == ["harbour/1.3"]
    assert find("7号文第1条最后一项").heading == "7号文第1条第3项"
    assert find("7号文最后一条").missing == find("7号文第2条最后一项").missing == "7号文手头的文本到第2条为止。"
    assert ids("9号文最后一条") == [
        m.id for m in PACK.measures if m.document == GARDEN.slug and m.item == max(GARDEN.items)
    ]
    assert ids("9号文最后一条第1项") == ids("9号文最后一条")[:1]


def test_what_is_not_looked_up_by_is_told_so_and_a_topic_beside_it_is_kept_to() -> None:
    assert "查不了“第二部分（三）”" in (find("7号文第二部分（三）").missing or "")
    assert ids("7号文第二部分 人才") == ids("7号文 人才")


def test_a_part_behind_the_true_end_is_told_so() -> None:
    assert GARDEN.missing is None
    assert find("9号文第8条").missing == "9号文的任务措施到第1条为止，没有第8条。"
    assert find("99号文").missing == "资料库里没有“99号文”这份文件。"


def test_a_topic_that_a_document_does_not_mention_is_ranked_within_it() -> None:
    assert find("7号文关于开船的") == Request(documents=("harbour",), rest="开船")


def test_words_around_the_subject_go() -> None:
    assert without_fillers("请问 关于人才的政策有哪些") == "人才 政策"
    assert without_fillers("人才 政策", listing=True) == "人才"
