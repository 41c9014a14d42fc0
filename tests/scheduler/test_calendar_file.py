from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendar_file import CalendarError, Fault, read

GOOD = """
workdays:
  2031:
    holidays:
      - 2030-12-31 .. 2031-01-02 # reaches back
      - 2031-05-01
    worked: [2031-05-04]
"""


def faults(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(CalendarError) as raised:
        read(text)
    return [(fault.line, fault.column, fault.message) for fault in raised.value.faults]


def test_a_file_lists_days_and_ranges_of_a_year() -> None:
    notice = read(GOOD).years[2031]
    assert notice.holidays == {date(2030, 12, 31), date(2031, 1, 1), date(2031, 1, 2), date(2031, 5, 1)}
    assert notice.worked == {date(2031, 5, 4)}


def test_a_year_without_make_up_days_needs_no_such_field() -> None:
    assert read("workdays: {2031: {holidays: [2031-01-01]}}").years[2031].worked == frozenset()


def test_a_quoted_date_is_a_date_too() -> None:
    assert read("workdays: {'2031': {holidays: ['2031-01-01']}}").published(2031)


@pytest.mark.parametrize("text", ["", "[", "workdays: [", "a: b: c", "\x00", "[" * 2000, "workdays: *nowhere"])
def test_what_is_no_calendar_file_is_refused_in_one_sentence(text: str) -> None:
    [(line, _, message)] = faults(text)
    assert line == 1
    assert message in ("文件格式有误，请检查缩进和标点", "“文件”应写成“名称: 内容”的形式")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("soon", "“soon”不是日期，应写成 2026-01-01 或 2026-01-01..2026-01-03"),
        ("2031-02-29", "“2031-02-29”不是日期，应写成 2026-01-01 或 2026-01-01..2026-01-03"),
        ("20310101", "“20310101”不是日期，应写成 2026-01-01 或 2026-01-01..2026-01-03"),
        ("{a: b}", "“…”不是日期，应写成 2026-01-01 或 2026-01-01..2026-01-03"),
        ("2031-01-03..2031-01-01", "“2031-01-03..2031-01-01”的结束日早于开始日"),
        ("2031-12-31..2032-01-01", "2032-01-01 不属于 2031 年的安排"),
        ("2030-11-30", "2030-11-30 不属于 2031 年的安排"),
    ],
)
def test_a_bad_day_is_named_with_its_place(entry: str, message: str) -> None:
    assert faults(f"workdays:\n  2031:\n    holidays:\n      - 2031-01-01\n      - {entry}\n") == [(5, 9, message)]


def test_only_weekends_can_be_made_working_days() -> None:
    assert faults(GOOD.replace("2031-05-04", "2031-05-05")) == [
        (7, 14, "2031-05-05 是周一，只有周六、周日才能调为上班日")
    ]


def test_a_day_cannot_be_free_and_worked() -> None:
    assert faults(GOOD.replace("2031-05-01", "2031-05-04")) == [(7, 14, "2031-05-04 既写成放假又写成上班")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("days: {}", (1, 1, "不认识“days”，这里可以写：workdays")),
        ("{}", (1, 1, "“文件”缺少“workdays”")),
        ("workdays: 2031", (1, 11, "“workdays”应写成“名称: 内容”的形式")),
        ("workdays:\n  next: {}", (2, 3, "“next”不是 2000 至 2199 之间的年份")),
        ("workdays:\n  1999: {}", (2, 3, "“1999”不是 2000 至 2199 之间的年份")),
        ("workdays:\n  ? [2031]\n  : {}", (2, 5, "“workdays”应写成“名称: 内容”的形式")),
        ("workdays: {2031: {worked: []}}", (1, 18, "“2031”缺少“holidays”")),
        ("workdays: {2031: {holidays: []}}", (1, 29, "“holidays”里没有日期")),
        ("workdays: {2031: {holidays: 2031-01-01}}", (1, 29, "“holidays”应是日期列表")),
        ("workdays:\n  2031: {holidays: [2031-01-01]}\n  2031: {}", (3, 3, "“2031”写了两次")),
    ],
)
def test_a_wrong_field_is_named_with_its_place(text: str, fault: tuple[int, int, str]) -> None:
    assert fault in faults(text)


def test_all_faults_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = "workdays:\n  2031:\n    holidays: [x]\n    worked: [y]\n    other: 1\n"
    assert [line for line, _, _ in faults(text)] == [3, 4, 5]
    with pytest.raises(CalendarError, match=r"^第3行：.*；第4行：.*；第5行："):
        read(text)


def test_a_long_wrong_value_is_quoted_in_part() -> None:
    [(_, _, message)] = faults(f"workdays: {{2031: {{holidays: [{'x' * 5000}]}}}}")
    assert len(message) < 120


@given(st.text(alphabet="workdays20311-. :[]{}?*&\n#'\"holi", max_size=80))
def test_any_text_is_read_or_refused_with_places(text: str) -> None:
    found: tuple[Fault, ...] = ()
    try:
        read(text)
    except CalendarError as error:
        found = error.faults or pytest.fail("refused without a reason")
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in found)
