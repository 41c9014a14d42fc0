"""References: the many ways in which people write a document's number and a clause's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.normalise import fold
from knowledge.references import Recogniser, number
from tests.knowledge.plans import GARDEN, HARBOUR

RECOGNISER = Recogniser((HARBOUR, GARDEN))


def clauses(text: str) -> list[str]:
    """'harbour 1.2' or '1.2' where no document is named."""
    found = RECOGNISER.read(fold(text)).clauses
    return [f"{'+'.join(c.documents)} {c.item}{f'.{c.ordinal}' if c.ordinal else ''}".strip() for c in found]


@pytest.mark.parametrize(
    ("text", "value"),
    [("七", 7), ("十", 10), ("十一", 11), ("二十", 20), ("二十四", 24), ("六三", 63), ("一百零二", 102)],
)
def test_chinese_numerals_are_read(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "7号文第1条第2项", "7号文1.2", "7号文 1.2", "7号文1-2", "7号文一.2", "7号文一(二)", "7号文 一（2）", "7号文的1点2", "7号文第一条的第二项",
        "7号文第1条里的第2个", "7号文1条2项", "七号文第一大条第二小项", "示商发2022年第7号 第1条（2）", "示商发〔2022〕7号第一条第二点",
        "示范港方案第1条2项", "7號文第1條第2項", "７号文１．２", "7号文 article 1 item 2", "7号文 clause 1(2)", "7 hao wen di 1 tiao di 2 xiang",
        "7号 第一条 第二款",
    ],
)  # fmt: skip
def test_an_item_of_a_clause_is_read_in_every_notation(text: str) -> None:
    assert clauses(text) == ["harbour 1.2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7号文第1条", ["harbour 1"]),
        ("7号文 二", ["harbour 2"]),
        ("7号文 di er tiao", ["harbour 2"]),
        ("7号文第1到3条", ["harbour 1", "harbour 2", "harbour 3"]),
        ("7号文1至2条", ["harbour 1", "harbour 2"]),
        ("7号文第1、2条", ["harbour 1", "harbour 2"]),
        ("7号文第1条和第2条", ["harbour 1", "harbour 2"]),
        ("7号文1.1到1.3", ["harbour 1.1", "harbour 1.2", "harbour 1.3"]),
        ("7号文1.1和9号文1.2", ["harbour 1.1", "garden 1.2"]),
        ("7号文和9号文的第1条", ["harbour+garden 1"]),
        ("7号文第1条到第3条", ["harbour 1", "harbour 2", "harbour 3"]),
        ("7号文第1条第1项和第3项", ["harbour 1.1", "harbour 1.3"]),
        ("7号文一、二两条", ["harbour 1", "harbour 2"]),
        ("7号文1、2条", ["harbour 1", "harbour 2"]),
        ("7号文最后一条", ["harbour -1"]),
        ("7号文第1条最后一项", ["harbour 1.-1"]),
        ("7号文最后一条的最后一项", ["harbour -1.-1"]),
        ("7号文最后一条第2项", ["harbour -1.2"]),
        ("最后一条", []),
        ("第2条讲什么", ["2"]),
        ("1.2", ["1.2"]),
    ],
)
def test_lists_ranges_and_several_documents_are_read(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


@pytest.mark.parametrize(
    "text", ["注册资本1.5亿", "坐7号线去", "8月9号的船", "3条船怎么登记", "利率3.85%", "2022年", "一", "这条鱼"]
)
def test_other_numbers_are_no_references(text: str) -> None:
    assert not RECOGNISER.read(fold(text))


def test_an_unknown_document_is_told_by_its_number() -> None:
    assert RECOGNISER.read("99号文第3条").unknown == "99号文"
    assert RECOGNISER.read("示商发2019年第7号").unknown == "示商发2019年第7号"


def test_what_is_left_is_the_topic() -> None:
    found = RECOGNISER.read(fold("7号文第1条关于邮轮的"))
    assert (found.documents, found.rest) == (("harbour",), "关于邮轮的")


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("7号文第二部分", ["part 2"]),
        ("7号文第二部分（三）", ["part 2", "bracketed 3"]),
        ("7号文第二部分的第（三）项", ["part 2", "bracketed 3"]),
        ("7号文 第3章", ["chapter 3"]),
        ("7号文二、（三）4.", ["part 2", "bracketed 3", "entry 4"]),
        ("7号文第三章第2条", ["chapter 3", "article 2"]),
        ("7号文第2条第二款第（一）项", ["article 2", "paragraph 2", "bracketed 1"]),
        ("7号文二（三）", ["part 2", "bracketed 3"]),
        ("7号文二点一", ["decimal 2", "decimal 1"]),
        ("7号文三之（二）", ["part 3", "bracketed 2"]),
        ("第三部分第（二）项", ["part 3", "bracketed 2"]),
        ("三、（二）", ["part 3", "bracketed 2"]),
        ("7号文2.1", ["decimal 2", "decimal 1"]),
        ("7号文第2.1条", ["decimal 2", "decimal 1"]),
        ("7号文 2.1.3", ["decimal 2", "decimal 1", "decimal 3"]),
        ("7号文第六项", ["entry 6"]),
        ("7号文（四）", ["bracketed 4"]),
        ("7号文附件第3项", ["annex 0"]),
        ("7号文附件2第1条", ["annex 0"]),
    ],
)
def test_the_numbers_of_a_reference_are_read_as_they_are_written(text: str, levels: list[str]) -> None:
    (clause,) = RECOGNISER.read(fold(text)).clauses
    assert [f"{level.kind} {level.number}" for level in clause.levels] == levels


@pytest.mark.parametrize(
    "text",
    [
        "第二部分", "第六项", "附件3", "7号文第三方机构", "7号文第一项目", "7号文的3项措施", "7号文2.1亿元",
        "7号文第一批", "7号文第三章程", "7号文 第二款式", "7号文附件", "7号文附件一览", "7号文有一条船", "7号文一点要求", "7号文三点五亿", "7号文的四条原则", "7号文登记在哪一条", "7号文一条龙",
    ],
)  # fmt: skip
def test_numbers_of_other_things_are_no_references_to_clauses(text: str) -> None:
    assert RECOGNISER.read(fold(text)).clauses == ()


def test_a_bare_number_is_the_document_of_that_number_where_it_is_held() -> None:
    plans = Recogniser((replace(HARBOUR, number="示商发2022年第63号"), GARDEN))
    assert [plans.read(text).documents for text in ("63", " 63 ", "64", "9", "163", "63个")] == [
        (HARBOUR.slug,), (HARBOUR.slug,), (), (), (), (),
    ]  # fmt: skip
    assert [clause.item for clause in plans.read("9").clauses] == [9]
    assert plans.read("63").clauses == ()


def test_a_space_inside_a_reference_changes_nothing() -> None:
    for written in ("7号文二、3", "7号文 二、 3"):
        (clause,) = RECOGNISER.read(written).clauses
        assert [level.number for level in clause.levels] == [2, 3]
    assert RECOGNISER.read("、 99").clauses == ()
