"""The reminders of the two known pilots, checked by hand against the official holiday notices."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler.calendar_file import shipped
from scheduler.due import reminders
from scheduler.milestones import milestones
from scheduler.model import Pilot, Reminder
from scheduler.wording import reminder_text
from tests.scheduler.examples import REMIND_AT, SERVICES, SHANGHAI, TRADE

# milestone, its date, leads, the day it is sent, what the message counts
SERVICES_TABLE = """
start         2021-04-21  0    2021-04-21 Wed  今天
year-1        2022-04-21  30   2022-03-22 Tue  还有30天
year-1        2022-04-21  7    2022-04-14 Thu  还有7天
year-1        2022-04-21  1    2022-04-20 Wed  还有1天
year-1        2022-04-21  0    2022-04-21 Thu  今天
mid-term      2022-10-21  30   2022-09-21 Wed  还有30天
mid-term      2022-10-21  7    2022-10-14 Fri  还有7天
mid-term      2022-10-21  1    2022-10-20 Thu  还有1天
mid-term      2022-10-21  0    2022-10-21 Fri  今天
year-2        2023-04-21  30   2023-03-22 Wed  还有30天
year-2        2023-04-21  7    2023-04-14 Fri  还有7天
year-2        2023-04-21  1    2023-04-20 Thu  还有1天
year-2        2023-04-21  0    2023-04-21 Fri  今天
final-review  2024-01-21  30   2023-12-22 Fri  还有30天
final-review  2024-01-21  7    2024-01-12 Fri  还有9天   # from Sunday 01-14
final-review  2024-01-21  1,0  2024-01-19 Fri  还有2天   # from Saturday and Sunday
end           2024-04-21  30   2024-03-22 Fri  还有30天
end           2024-04-21  7    2024-04-12 Fri  还有9天   # from Sunday 04-14
end           2024-04-21  1,0  2024-04-19 Fri  还有2天   # from Saturday and Sunday
"""
TRADE_TABLE = """
start         2020-11-05  0    2020-11-05 Thu  今天
year-1        2021-11-05  30   2021-09-30 Thu  还有36天  # from 10-06, National Day week
year-1        2021-11-05  7    2021-10-29 Fri  还有7天
year-1        2021-11-05  1    2021-11-04 Thu  还有1天
year-1        2021-11-05  0    2021-11-05 Fri  今天
mid-term      2022-05-05  30   2022-04-02 Sat  还有33天  # from 04-05, Qingming; the Saturday is worked
mid-term      2022-05-05  7    2022-04-28 Thu  还有7天
mid-term      2022-05-05  1    2022-04-29 Fri  还有6天   # from 05-04, Labour Day week
mid-term      2022-05-05  0    2022-05-05 Thu  今天
year-2        2022-11-05  30   2022-09-30 Fri  还有36天  # from 10-06, National Day week
year-2        2022-11-05  7    2022-10-28 Fri  还有8天   # from Saturday 10-29
year-2        2022-11-05  1,0  2022-11-04 Fri  还有1天   # the date is a Saturday
final-review  2023-08-05  30   2023-07-06 Thu  还有30天
final-review  2023-08-05  7    2023-07-28 Fri  还有8天   # from Saturday 07-29
final-review  2023-08-05  1,0  2023-08-04 Fri  还有1天   # the date is a Saturday
end           2023-11-05  30   2023-09-28 Thu  还有38天  # from 10-06, Mid-Autumn and National Day
end           2023-11-05  7    2023-10-27 Fri  还有9天   # from Sunday 10-29
end           2023-11-05  1,0  2023-11-03 Fri  还有2天   # from Saturday and Sunday
"""


def rows(table: str) -> list[list[str]]:
    return [line.split("#")[0].split() for line in table.strip().splitlines()]


def row(reminder: Reminder) -> list[str]:
    sent_on: date = reminder.at.date()
    leads = ",".join(str(lead) for lead in reminder.leads)
    count = reminder_text(reminder, sent_on).rpartition("，")[2]
    milestone = reminder.milestone
    return [milestone.kind, str(milestone.date), leads, str(sent_on), f"{sent_on:%a}", count]


def planned(pilot: Pilot) -> list[Reminder]:
    return [r for m in milestones(pilot) for r in reminders(m, shipped(), REMIND_AT, SHANGHAI)]


@pytest.mark.parametrize(("pilot", "table"), [(SERVICES, SERVICES_TABLE), (TRADE, TRADE_TABLE)])
def test_the_reminders_of_a_known_pilot_are_those_of_the_table(pilot: Pilot, table: str) -> None:
    assert [row(r) for r in planned(pilot)] == rows(table)


def test_there_are_37_of_them_all_at_the_time_set_and_none_provisional() -> None:
    found = planned(SERVICES) + planned(TRADE)
    assert len(found) == 37
    assert {f"{r.at:%H:%M%z}" for r in found} == {"09:10+0800"}
    assert not any(r.provisional for r in found)
    assert len({key for r in found for key in r.keys}) == 42
