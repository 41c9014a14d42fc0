from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.calendar_file import shipped
from scheduler.due import reminders
from scheduler.milestones import milestones, moved, moves, restarted
from scheduler.model import Milestone, Reminder
from scheduler.texts import countdown, milestone_title
from scheduler.wording import moved_text, reminder_text, start_note
from tests.scheduler.examples import REMIND_AT, SHANGHAI, TRADE, milestone


def last_reminder(m: Milestone) -> Reminder:
    return reminders(m, shipped(), REMIND_AT, SHANGHAI)[-1]


def test_a_reminder_names_pilot_milestone_date_and_days_and_that_it_is_derived() -> None:
    end = milestones(TRADE)[-1]
    assert reminder_text(last_reminder(end), date(2023, 11, 3)) == (
        "【里程碑提醒】服务贸易创新发展试点\n试点期满：2023-11-05（周日，推算），还有2天"
    )


def test_a_reminder_counts_from_the_day_it_is_really_sent() -> None:
    late = reminder_text(last_reminder(milestone(date(2026, 10, 6))), date(2026, 10, 5))
    assert late.endswith("，还有1天")


def test_a_stated_date_does_not_say_derived() -> None:
    text = reminder_text(last_reminder(milestone(date(2026, 7, 8), derived=False)), date(2026, 7, 8))
    assert text == "【里程碑提醒】示范试点\n中期检查：2026-07-08（周三），今天"


@pytest.mark.parametrize(("days", "text"), [(2, "还有2天"), (1, "还有1天"), (0, "今天"), (-3, "已过3天")])
def test_days_are_counted_in_words(days: int, text: str) -> None:
    assert countdown(days) == text


def test_the_notice_of_a_moved_date_names_both_dates() -> None:
    after = moved(TRADE, "mid-term", date(2022, 6, 1))
    assert moved_text(moves(TRADE, after), date(2022, 4, 27)) == (
        "【里程碑改期】服务贸易创新发展试点\n试点中期：原定 2022-05-05（周四，推算），现为 2022-06-01（周三），还有35天"
    )


def test_a_moved_start_makes_one_notice_for_all_its_dates() -> None:
    text = moved_text(moves(TRADE, restarted(TRADE, date(2020, 8, 2))), date(2022, 1, 1))
    assert text.count("【里程碑改期】") == 1
    assert [line.split("：")[0] for line in text.splitlines()[1:]] == [m.title for m in milestones(TRADE)]
    assert "试点满一年：原定 2021-11-05（周五，推算），现为 2021-08-02（周一，推算），已过152天" in text


@pytest.mark.parametrize(
    ("kind", "title"),
    [("year-1", "试点满一年"), ("year-9", "试点满九年"), ("year-12", "year-12"), ("own", "own"), ("end", "试点期满")],
)
def test_usual_milestones_have_titles(kind: str, title: str) -> None:
    assert milestone_title(kind) == title


def test_a_derived_start_says_what_counts_where_it_differs() -> None:
    note = start_note(TRADE)
    assert note is not None
    assert "国务院" in note
    assert start_note(replace(TRADE, start_basis="admin")) is None
