"""Documents whose short names nobody has entered, as people call them; and whose place keeps others out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.library import Library
from knowledge.match import Matcher
from knowledge.model import Document, Measure, Pack
from knowledge.naming import place_of
from knowledge.normalise import fold
from knowledge.pack import shipped
from knowledge.references import Recogniser

TEA = Document("tea", "青禾市茶叶流通综合改革试点实施方案", "青政发〔2030〕12号", "青禾市人民政府", date(2030, 5, 1))
FAIR = Document("fair", "白石县展览业促进条例", "", "白石县", date(2031, 1, 1), items={1: "总则", 2: "摊位管理"})
OLD = Document(
    "old", "琴湾市服务业开放综合试点总体方案", "琴发〔2029〕3号", "琴湾市", short_names=("3号文", "服务业开放总体方案")
)
NEW = Document("new", "麦浪市服务业开放综合试点总体方案", "麦发〔2030〕5号", "麦浪市")
DOCUMENTS = (TEA, FAIR, OLD, NEW)
RECOGNISER = Recogniser(DOCUMENTS)


def measure(place: str, wording: str) -> Measure:
    slug, _, number = place.partition("/")
    item, _, ordinal = number.partition(".")
    return Measure(place, slug, int(item), int(ordinal), (), wording[:8], wording, text=wording)


PACK = Pack(
    documents=DOCUMENTS,
    sectors=(),
    measures=(
        measure("tea/1.1", "支持茶叶仓单在期货交易场所登记。"),
        measure("fair/1.1", "摊位费用由组办单位公示。"),
        measure("fair/2.1", "摊位转租应当备案。"),
        measure("old/1.1", "试点目标是放宽摊位租赁的限制。"),
        measure("new/1.1", "放宽仓单质押的限制。"),
    ),
)


def named(text: str) -> tuple[str, ...]:
    return RECOGNISER.read(fold(text)).documents


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("青禾方案第1条", ("tea",)),
        ("请问青禾茶叶方案", ("tea",)),
        ("茶叶流通试点方案第一条讲什么", ("tea",)),
        ("《白石县展览业促进条例》第2条", ("fair",)),
        ("展览条例第二条", ("fair",)),
        ("白石条例", ("fair",)),
        ("青禾12号文", ("tea",)),
        ("服务业开放总体方案", ("old",)),  # entered, so that the other of that title does not count
        ("麦浪市服务业开放总体方案第1条", ("new",)),
        ("麦浪市服务业开放综合试点总体方案", ("new",)),
    ],
)
def test_a_document_is_known_by_the_words_of_its_title(text: str, slugs: tuple[str, ...]) -> None:
    assert named(text) == slugs


@pytest.mark.parametrize("text", ["这个方案怎么样", "有没有试点方案", "管理办法在哪", "什么条例", "实施方案"])
def test_words_of_many_titles_name_none(text: str) -> None:
    assert named(text) == ()


def test_what_two_titles_share_names_both() -> None:
    documents = (replace(OLD, short_names=()), NEW)
    assert Recogniser(documents).read(fold("服务业开放方案第1条")).documents == ("old", "new")


@pytest.mark.parametrize(
    ("title", "issuer", "place"),
    [
        ("青禾市茶叶流通方案", "", "青禾"),
        ("《滨江新城行动计划》", "", "滨江"),
        ("关于印发若干措施的通知", "白石县人民政府", "白石"),
        ("麦浪自贸片区数据便利化方案", "", "麦浪"),
        ("琴湾经济技术开发区若干措施", "", "琴湾"),
        ("示范区建设方案", "", ""),
        ("国家服务业扩大开放方案", "商务部", ""),
    ],
)
def test_the_place_is_read_from_the_title_or_the_issuer(title: str, issuer: str, place: str) -> None:
    assert place_of(Document("d", title, "", issuer)) == place


def test_a_question_about_a_place_is_not_answered_by_another_places_document() -> None:
    matcher = Matcher(PACK)
    assert {m.measure.document for m in matcher.find("白石的摊位").matches} == {"fair"}
    assert {m.measure.document for m in matcher.find("青禾试点目标").matches} <= {"tea"}
    assert {m.measure.document for m in matcher.find("摊位").matches} == {"fair", "old"}


def test_the_name_of_a_place_finds_no_measure_in_whose_wording_it_stands() -> None:
    named = measure("fair/3.1", "设立白石仲裁院，受理白石合同纠纷。")
    matcher = Matcher(replace(PACK, measures=(*PACK.measures, named)))
    assert matcher.find("白石转让要报备吗").matches[0].measure.id == "fair/2.1"
    assert matcher.find("白石仲裁院").matches[0].measure.id == "fair/3.1"


@pytest.mark.parametrize("question", ["白石摊位费用和仓单质押", "《白石县展览业促进条例》摊位费用和仓单质押"])
def test_of_two_things_asked_about_none_is_taken_from_another_places_document(question: str) -> None:
    found = Library(replace(shipped(), documents=DOCUMENTS, measures=PACK.measures)).find(question)
    assert {m.measure.document for m in found.matches} == {"fair"}


def test_where_all_documents_are_of_one_place_it_says_nothing() -> None:
    matcher = Matcher(replace(PACK, documents=(OLD,), measures=(PACK.measures[3],)))
    assert [m.measure.id for m in matcher.find("琴湾 试点目标").matches] == ["old/1.1"]


def test_a_document_without_an_overview_is_listed_when_it_is_named() -> None:
    found = Library(PACK).find("白石县展览业促进条例")
    assert [m.measure.id for m in found.matches] == ["fair/1.1", "fair/2.1"]
