"""Spreadsheets: what they state, and what is wrong with them, by row and column."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from knowledge.changes import entries
from knowledge.import_plan import Draft, Plan
from knowledge.model import Document, Measure, Pack, Sector, Status, WorkdayYear
from knowledge.readers import ReadError
from knowledge.readers.sheets import shielded, unshielded
from knowledge.spreadsheet import joined, listed, read_spreadsheet
from knowledge.stated import SORTS
from knowledge.workbook import exported_workbook, failed_rows, template

KNOWN = Pack(
    documents=(Document("plan-1", "甲方案"),),
    sectors=(Sector("finance", "金融"), Sector("health", "健康医疗")),
    measures=(
        Measure("plan-1/1.1", "plan-1", 1, 1, ("finance",), "旧标题", "旧摘要", asked_as=("怎么办",), text="原文。"),
    ),
)


def workbook(*rows: Sequence[object], title: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def plan(name: str, data: bytes, pack: Pack = KNOWN) -> Plan:
    found = read_spreadsheet(name, data)
    draft = Draft.of(pack)
    order = list(SORTS)
    for stated in sorted(found.stated, key=lambda entry: order.index(entry.kind)):
        draft.state(stated)
    draft.faults += found.faults
    return draft.finish()


def said(made: Plan) -> list[str]:
    return [str(fault) for fault in made.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("head", ["编号,摘要", "id,summary", " 措施编号 , Summary "])
def test_a_csv_changes_what_it_mentions_whatever_its_encoding_and_headers(encoding: str, head: str) -> None:
    made = plan("改.csv", f"{head}\nplan-1/1.1,新的摘要\n".encode(encoding))
    assert said(made) == []
    (planned,) = made.planned
    assert planned.fields == ("summary",)
    measure = made.result(KNOWN).measures[0]
    assert (measure.title, measure.summary, measure.text) == ("旧标题", "新的摘要", "原文。")


def test_empty_cells_keep_and_marked_ones_clear() -> None:
    data = workbook(["编号", "标题", "常见问法", "官方原文"], ["plan-1/1.1", None, "（空）", None])
    measure = plan("改.xlsx", data).result(KNOWN).measures[0]
    assert (measure.title, measure.asked_as, measure.text) == ("旧标题", (), "原文。")


def test_sectors_are_given_by_code_or_name_and_lists_by_line_or_semicolon() -> None:
    data = workbook(
        ["编号", "标题", "摘要", "板块", "别名"], ["plan-1/1.2", "新", "新的一条", "健康医疗；finance", "甲\n乙；丙"]
    )
    measure = plan("新.xlsx", data).result(KNOWN).measures[1]
    assert (measure.sectors, measure.aliases) == (("health", "finance"), ("甲", "乙；丙"))
    assert (measure.document, measure.item, measure.ordinal) == ("plan-1", 1, 2)


def test_the_header_may_stand_below_a_title() -> None:
    data = workbook(["措施修改表"], [], ["编号", "标题"], ["plan-1/1.1", "改好的标题"])
    assert plan("表.xlsx", data).result(KNOWN).measures[0].title == "改好的标题"


def test_every_fault_is_one_line_with_row_and_column_all_at_once() -> None:
    data = workbook(
        ["编号", "标题", "摘要", "板块", "失效日期", "状态"],
        ["plan-1/1", "甲", "乙", "", "", ""],
        ["plan-1/1.1", "甲", "长" * 121, "", "2024-02-30", "有效"],
        ["plan-2/1.1", "甲", "乙", "金融", "", ""],
        ["plan-1/1.3", "甲", "", "海洋", "", "丢了"],
        ["", "甲", "乙", "", "", ""],
        ["plan-1/1.1", "甲", "乙", "", "", ""],
    )
    made = plan("坏.xlsx", data)
    assert made.changes == []
    assert made.counts == {"added": 0, "changed": 0, "unchanged": 0, "retired": 0}
    places = [(fault.line, fault.column) for fault in made.faults]
    assert places == [(2, 1), (3, 3), (3, 5), (4, 1), (5, 6), (6, 1)]
    for line in said(made):
        assert line.startswith("坏.xlsx：第")
        assert "\n" not in line


def test_the_same_entry_twice_names_both_rows() -> None:
    made = plan("两次.csv", "编号,标题\nplan-1/1.1,甲\nplan-1/1.1,乙\n".encode())
    assert said(made) == ["两次.csv：第3行：措施“plan-1/1.1”重复了，第一次在两次.csv第2行"]


def test_an_unknown_sector_and_a_missing_field_of_a_new_entry_are_named() -> None:
    made = plan("新.csv", "编号,标题,板块\nplan-1/1.1,甲,海洋\nplan-1/9.9,乙,金融\n".encode())
    assert said(made) == [
        "新.csv：第2行第3列：没有板块“海洋”，可用：金融、健康医疗",
        "新.csv：第3行：措施“plan-1/9.9”是新增的，还缺少“摘要”，请补上",
    ]


def test_a_new_measure_needs_a_sector_and_a_new_overview_entry_needs_none() -> None:
    made = plan("新.csv", "编号,标题,摘要\nplan-1/9.9,甲,甲摘要\nplan-1/0.1,乙,乙摘要\n".encode())
    assert said(made) == ["新.csv：第2行：措施“plan-1/9.9”是新增的，还缺少“板块”，请补上"]
    made = plan("新.csv", "编号,标题,摘要\nplan-1/0.1,乙,乙摘要\n".encode())
    assert made.counts["added"] == 1


def test_an_unknown_column_is_named_rather_than_lost() -> None:
    (line,) = said(plan("列.csv", "编号,标提\nplan-1/1.1,甲\n".encode()))
    assert line.startswith("列.csv：第1行第2列：不认识列“标提”")


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", "随便,写写\n".encode()])
def test_a_table_without_our_header_says_so(data: bytes) -> None:
    (line,) = said(plan("别的.csv", data))
    assert "没有找到表头" in line


def test_a_csv_with_a_torn_quotation_names_its_line() -> None:
    with pytest.raises(ReadError) as error:
        read_spreadsheet("引号.csv", '编号,标题\nplan-1/1.1,"没有结束\n'.encode())
    assert error.value.line == 2


def test_rows_in_quotes_over_several_lines_keep_the_line_numbers_of_the_file() -> None:
    text = '编号,标题,常见问法\nplan-1/1.1,甲,"问一\n问二"\nplan-1/x,乙,\n'
    (line,) = said(plan("行.csv", text.encode()))
    assert line.startswith("行.csv：第4行第1列：编号“plan-1/x”不对")


def test_failed_rows_come_back_with_the_reason_and_are_imported_once_mended() -> None:
    data = workbook(["编号", "标题"], ["plan-1/1.1", "好的"], ["plan-1/1", "坏的"], title="措施")
    failed = failed_rows("表.xlsx", data, plan("表.xlsx", data).faults)
    book = openpyxl.load_workbook(io.BytesIO(failed))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("编号", "标题", "错误原因")
    assert [row[:2] for row in rows[1:]] == [("plan-1/1", "坏的")]
    book.worksheets[0]["A2"] = "plan-1/1.1"
    mended = io.BytesIO()
    book.save(mended)
    assert plan("改好.xlsx", mended.getvalue()).result(KNOWN).measures[0].title == "坏的"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_who_waits_is_told_how_much_of_the_file_is_read(suffix: str) -> None:
    rows = [("编号", "摘要"), *((f"plan-1/1.{n}", f"第{n}号") for n in range(1, 4000))]
    data = workbook(*rows) if suffix == "xlsx" else "\n".join(map(",".join, rows)).encode()
    told: list[tuple[int, float]] = []
    read_spreadsheet(f"长.{suffix}", data, lambda row, share: told.append((row, share)))
    assert [row for row, _ in told] == [1000, 2000, 3000, 4000]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] < 0.7
    assert 0.9 < shares[-1] <= 1


def test_the_template_has_headers_that_are_understood_and_no_rows() -> None:
    made = plan("模板.xlsx", template())
    assert (made.faults, made.planned) == ((), ())


def test_no_exported_cell_can_be_taken_for_a_formula() -> None:
    risky = ("=1+1", "+1", "-1", "@x", "'=1", "=cmd|' /C calc'!A0")
    pack = Pack(sectors=tuple(Sector(f"s{n}", text) for n, text in enumerate(risky)))
    data = exported_workbook(pack)
    for row in openpyxl.load_workbook(io.BytesIO(data))["板块"].iter_rows():
        for cell in row:
            assert cell.data_type != "f"
            assert not str(cell.value or "").startswith(("=", "+", "-", "@"))
    assert plan("导出.xlsx", data, Pack()).result(Pack()) == pack


@given(st.text(max_size=20))
def test_what_shields_a_cell_comes_off_again(text: str) -> None:
    assert unshielded(shielded(text)) == text
    assert not shielded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.text("甲乙；;| a", min_size=1).map(str.strip).filter(bool), min_size=1, unique=True))
def test_a_cell_gives_back_the_list_that_it_was_made_of(items: list[str]) -> None:
    assert [text for text in listed(joined(items)) if text] == items


words = (
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
lists = st.lists(words, max_size=3, unique=True).map(tuple)


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    sectors = tuple(Sector(code, draw(words), draw(lists)) for code in ("finance", "health"))
    numbers = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=4, unique=True))
    measures = tuple(
        Measure(
            f"plan-1/{item}.{ordinal}", "plan-1", item, ordinal, draw(st.sampled_from([(), ("health", "finance")])),
            draw(words), draw(words), draw(lists), draw(lists), draw(lists), draw(st.none() | words),
            note=draw(st.none() | words), status=draw(st.sampled_from(Status)), valid_to=draw(st.none() | st.dates()),
        )
        for item, ordinal in numbers
    )  # fmt: skip
    document = Document("plan-1", draw(words), draw(words), "", draw(st.none() | st.dates()), items={1: draw(words)})
    synonyms = tuple(dict.fromkeys(draw(st.lists(st.lists(words, min_size=1, max_size=3, unique=True).map(tuple)))))
    firsts = {group[0]: group for group in synonyms}
    year = draw(st.none() | st.integers(2000, 2100))
    workdays = (WorkdayYear(year, tuple(sorted(draw(st.sets(st.dates(), min_size=1, max_size=4))))),) if year else ()
    return Pack((document,), sectors, measures, tuple(firsts.values()), workdays=workdays)


@settings(max_examples=12, deadline=None, phases=[Phase.generate])  # shrinking would take minutes
@given(packs())
def test_an_exported_workbook_is_read_back_without_loss(pack: Pack) -> None:
    made = plan("全部.xlsx", exported_workbook(pack), Pack())
    assert said(made) == []
    assert made.result(Pack()) == pack
    assert plan("全部.xlsx", exported_workbook(pack), pack).counts["unchanged"] == len(entries(pack))
