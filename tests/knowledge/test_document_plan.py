"""What importing a document, the first time and again, makes of the measures that are known."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.document_plan import plan_document, slug_for
from knowledge.import_plan import Act, Draft, Plan
from knowledge.model import Document, Measure, Pack, Sector, Status
from knowledge.proposals import proposed
from knowledge.readers import Text, Unit, plain_text
from knowledge.segment import segment

SECTORS = (Sector("finance", "金融"), Sector("tea", "茶业"))
EMPTY = Pack(sectors=SECTORS)
GREEN = "支持茶企在夜间销售绿茶。"
BLACK = "对出口红茶不再逐批检验。"
LOANS = "鼓励银行向茶企发放信用贷款。"


def document(*sentences: str) -> str:
    return "茶业方案\n茶发〔2025〕1号\n一、茶业金融。" + "".join(sentences) + "\n二、其他事项。取消两项证明。\n"


def plan(text: str, pack: Pack, slug: str = "tea-1") -> Plan:
    draft = Draft.of(pack)
    plan_document(draft, pack, segment(plain_text("茶.txt", text), pack.sectors), slug)
    return draft.finish()


def imported(text: str, pack: Pack = EMPTY) -> Pack:
    made = plan(text, pack)
    assert made.faults == ()
    return made.result(pack)


def curated(pack: Pack, place: str, **fields: object) -> Pack:
    """The pack as an admin leaves it who edits one measure."""
    edited = (
        replace(m, **fields) if m.id == f"tea-1/{place}" else m  # type: ignore[arg-type]
        for m in pack.measures
    )
    return replace(pack, measures=tuple(edited))


def by_place(pack: Pack) -> dict[str, Measure]:
    return {measure.id.removeprefix("tea-1/"): measure for measure in pack.measures}


def test_a_new_document_gets_an_entry_and_drafted_measures() -> None:
    pack = imported(document(GREEN, BLACK))
    assert pack.documents == (Document("tea-1", "茶业方案", "茶发〔2025〕1号", items={1: "茶业金融", 2: "其他事项"}),)
    first = by_place(pack)["1.1"]
    assert (first.title, first.summary, first.text) == ("支持茶企在夜间销售绿茶", GREEN, GREEN)
    assert plan(document(GREEN, BLACK), Pack(sectors=SECTORS)).counts["added"] == 3


def test_a_known_document_keeps_its_headings_and_learns_new_ones() -> None:
    pack = imported(document(GREEN))
    pack = replace(pack, documents=(replace(pack.documents[0], title="改过的名字", items={1: "改过的标题"}),))
    made = imported(document(GREEN) + "三、新的事项。新增一项。\n", pack).documents[0]
    assert (made.title, made.items) == ("改过的名字", {1: "改过的标题", 2: "其他事项", 3: "新的事项"})


def test_the_same_document_again_changes_nothing() -> None:
    pack = imported(document(GREEN, BLACK))
    again = plan(document(GREEN, BLACK), pack)
    assert again.changes == []
    assert again.counts == {"added": 0, "changed": 0, "unchanged": 3, "retired": 0}


def test_curated_fields_survive_a_reworded_sentence() -> None:
    pack = curated(imported(document(GREEN)), "1.1", title="夜市绿茶", asked_as=("晚上能买茶吗",))
    made = by_place(imported(document("支持茶企和茶馆在夜间销售绿茶。"), pack))["1.1"]
    assert (made.title, made.asked_as) == ("夜市绿茶", ("晚上能买茶吗",))
    assert made.text == "支持茶企和茶馆在夜间销售绿茶。"


def test_the_wording_is_attached_to_measures_that_have_none_by_their_place() -> None:
    pack = curated(imported(document(GREEN)), "1.1", text=None, title="夜市绿茶")
    made = by_place(imported(document(GREEN), pack))["1.1"]
    assert (made.title, made.text) == ("夜市绿茶", GREEN)


def test_curated_fields_move_with_a_sentence_that_moves_and_so_do_references_to_it() -> None:
    pack = curated(imported(document(GREEN, BLACK)), "1.2", title="红茶免检", asked_as=("红茶要检验吗",))
    pack = curated(pack, "2.1", also_in=("tea-1/1.2",))
    made = by_place(imported(document(GREEN, LOANS, BLACK), pack))
    assert (made["1.3"].title, made["1.3"].asked_as, made["1.3"].text) == ("红茶免检", ("红茶要检验吗",), BLACK)
    assert (made["1.2"].text, made["1.2"].asked_as) == (LOANS, ())
    assert made["2.1"].also_in == ("tea-1/1.3",)


def test_a_sentence_that_is_gone_is_retired_and_names_what_is_most_like_it() -> None:
    pack = imported(document(GREEN, BLACK, "对出口红茶不再逐批检验重量。"))
    made = plan(document(GREEN, BLACK), pack)
    assert made.counts["retired"] == 1
    gone = by_place(made.result(pack))["1.3"]
    assert (gone.status, gone.replaced_by) == (Status.RETIRED, "tea-1/1.2")


def test_overview_entries_are_never_retired() -> None:
    pack = imported(document(GREEN))
    aims = Measure("tea-1/0.1", "tea-1", 0, 1, (), "方案的目标", "振兴茶业。")
    made = imported(document(GREEN), replace(pack, measures=(aims, *pack.measures)))
    assert by_place(made)["0.1"] == aims


def test_what_an_admin_retired_stays_retired_with_a_warning() -> None:
    pack = curated(imported(document(GREEN)), "1.1", status=Status.RETIRED)
    made = plan(document(GREEN), pack)
    assert made.changes == []
    assert any("已停用" in str(warning) for warning in made.warnings)


def test_measures_of_other_documents_are_left_alone() -> None:
    other = Measure("old-1/1.1", "old-1", 1, 1, (), "旧措施", "旧摘要")
    pack = replace(imported(document(GREEN)), measures=(other,), documents=(Document("old-1", "旧方案"),))
    assert [p.key for p in plan(document(GREEN), pack).planned if p.act is not Act.ADDED] == []


def test_a_document_is_known_again_by_its_number_or_title() -> None:
    pack = imported(document(GREEN))
    assert slug_for(segment(plain_text("x.txt", document(BLACK)), SECTORS), pack.documents) == "tea-1"
    assert slug_for(segment(plain_text("x.txt", "别的方案\n一、甲事项。乙。\n"), SECTORS), pack.documents) is None


sentences = st.lists(
    st.text("甲乙丙丁戊己庚辛壬癸", min_size=6, max_size=14).map(lambda text: f"支持{text}。"),
    min_size=1,
    max_size=6,
    unique=True,
)


@settings(max_examples=50, deadline=None)
@given(sentences, sentences)
def test_importing_is_idempotent_and_states_exactly_what_the_document_says(first: list[str], then: list[str]) -> None:
    pack = imported(document(*then), imported(document(*first)))
    active = [m.text for m in pack.measures if m.status is Status.ACTIVE and m.item == 1]
    stated = {f"tea-1/1.{n}": text for n, text in enumerate(then, start=1)}
    assert {m.id: m.text for m in pack.measures if m.id in stated} == stated
    assert sorted(filter(None, active)) == sorted(then)
    assert plan(document(*then), pack).changes == []


def test_sentences_that_are_neither_measures_nor_told_by_an_overview_are_counted() -> None:
    framed = document(GREEN) + "三、保障措施。市茶业局牵头推进。重大事项及时报告。\n"
    pack = imported(framed)
    assert [str(sentence) for sentence in plan(framed, pack).left_out] == [
        "茶.txt：第5行：市茶业局牵头推进。",
        "茶.txt：第5行：重大事项及时报告。",
    ]
    overview = Measure("tea-1/0.1", "tea-1", 0, 1, (), "谁来推进", "市茶业局牵头推进。")
    known = replace(pack, measures=(*pack.measures, overview))
    assert [sentence.message for sentence in plan(framed, known).left_out] == ["重大事项及时报告。"]


def test_a_wording_tells_the_sector_where_no_heading_does() -> None:
    text = "茶业方案\n一、其他事项。支持茶业企业用电。简化登记。\n"
    made = by_place(imported(text))
    assert (made["1.1"].sectors, made["1.2"].sectors) == (("tea",), ())


def test_measures_without_a_sector_are_one_warning() -> None:
    warnings = [
        w.message for w in plan("茶业方案\n一、其他事项。支持茶业企业用电。简化登记。取消证明。\n", EMPTY).warnings
    ]
    assert warnings[0] == "2条没有识别出板块，请补上：1.2、1.3"
    assert not any("板块" in warning for warning in warnings[1:])


def test_a_note_names_the_offices_once_however_they_were_printed() -> None:
    text = "茶业方案\n一、其他事项。简化登记。（责任单位：市茶业局）\n二、别的事项。取消证明。（市商务局负责）\n"
    made = by_place(imported(text))
    assert (made["1.1"].note, made["2.1"].note) == ("责任单位：市茶业局", "责任单位：市商务局负责")


def test_warnings_name_the_page_or_paragraph_of_a_document_that_has_no_lines() -> None:
    lines = plain_text("茶.txt", "茶业方案\n一、其他事项。简化登记的\n").lines
    told = {}
    for unit in Unit:
        draft = Draft.of(EMPTY)
        plan_document(draft, EMPTY, segment(Text("茶", unit, lines), SECTORS), "tea-1")
        told[unit] = next(str(warning) for warning in draft.warnings if warning.line)
    assert [told[unit].split("：")[1] for unit in (Unit.LINE, Unit.PARAGRAPH, Unit.PAGE)] == ["第2行", "第2段", "第2页"]


def test_a_term_outside_the_measures_is_an_overview_entry_of_a_new_document_and_proposed() -> None:
    head = "茶业方案\n茶山市茶业局\n2031年3月1日\n一、总体要求\n（一）期限。"
    text = head + "试点自2031年4月1日启动，为期两年。广泛宣传。\n二、主要任务\n（一）开放茶市。简化登记。\n"
    made = plan(text, EMPTY)
    found = [(str(p.date), p.measure, p.title) for p in made.proposals]
    assert found == [
        ("2031-04-01", "tea-1/0.1", "试点自2031年4月1日启动，为期两年（自2031年4月1日启动）"),
        ("2033-03-31", "tea-1/0.1", "试点自2031年4月1日启动，为期两年（为期两年）"),
    ]
    pack = made.result(EMPTY)
    assert [p.id for p in proposed(pack.documents[0], pack.measures)] == [p.id for p in made.proposals]
    assert [sentence.message for sentence in made.left_out] == ["广泛宣传。"]
    assert plan(text, pack).changes == []
