from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from knowledge.model import Measure
from knowledge.validity import validity_note

MEASURE = Measure(
    "plan/1.1", "plan", 1, 1, (), "标题", "摘要", valid_from=date(2025, 1, 1), valid_to=date(2026, 12, 31)
)


@pytest.mark.parametrize("today", [date(2025, 1, 1), date(2026, 6, 1), date(2026, 12, 31)])
def test_a_measure_in_force_needs_no_remark(today: date) -> None:
    assert validity_note(MEASURE, today) is None


def test_a_measure_says_that_it_is_not_in_force_yet_or_any_more() -> None:
    assert validity_note(MEASURE, date(2024, 12, 31)) == "这条措施自 2025-01-01 起才生效"
    assert validity_note(MEASURE, date(2027, 1, 1)) == "这条措施已于 2026-12-31 失效，现行规定请核实"


def test_a_measure_without_dates_is_always_in_force() -> None:
    undated = replace(MEASURE, valid_from=None, valid_to=None)
    assert validity_note(undated, date(1999, 1, 1)) is None
