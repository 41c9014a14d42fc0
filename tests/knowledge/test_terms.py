"""From when and how long a document is in force, by a sentence of it."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.deadlines import terms

ISSUED = date(2031, 2, 28)


@pytest.mark.parametrize(
    ("sentence", "days"),
    [
        ("试点期自2031年3月1日起至2034年2月28日止。", ["2031-03-01", "2034-02-28"]),
        ("自2031年3月1日至2034年2月28日试点。", ["2031-03-01", "2034-02-28"]),
        ("本办法自2031年7月1日起施行，有效期至2034年6月30日。", ["2031-07-01", "2034-06-30"]),
        ("本办法自2031年7月1日起施行，有效期3年。", ["2031-07-01", "2034-06-30"]),
        ("本办法自印发之日起施行，有效期五年。", ["2036-02-27"]),
        ("2029年7月1日公布的《茶业管理办法》同时废止。", []),
        ("用3年时间，建成茶叶交易中心。", []),
        ("到2034年，茶园面积达到三万亩。", []),
        ("自2031年13月1日起施行。", []),
    ],
)
def test_a_sentence_tells_the_first_and_the_last_day_of_a_term(sentence: str, days: list[str]) -> None:
    assert [str(found.date) for found in terms(sentence, ISSUED)] == days
