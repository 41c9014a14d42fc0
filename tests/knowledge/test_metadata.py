"""What the head and the signature of a document tell of it."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.metadata import Metadata, metadata
from knowledge.paragraphs import paragraphs
from knowledge.readers import plain_text

BODY = "\n一、主要任务\n（一）开放茶市。取消两项证明。\n"


def about(head: str, tail: str = "") -> Metadata:
    return metadata(paragraphs(plain_text("茶.txt", head + BODY + tail))[0])


def test_brackets_under_the_title_tell_who_adopted_a_regulation_and_when_whatever_the_page_says() -> None:
    head = "发布时间：2031-05-20　来源：茶山人大网\n\n茶山市茶业条例\n\n"
    adopted = "（2031年4月2日茶山市第九届人民代表大会常务委员会第十二次会议通过　自2031年6月1日起施行）\n"
    found = about(head + adopted)
    assert (found.title, found.issued) == ("茶山市茶业条例", date(2031, 4, 2))
    assert found.issuer == "茶山市人民代表大会常务委员会"


def test_number_and_date_may_share_a_line() -> None:
    found = about("# 茶业措施\n\n茶政规〔2031〕3号　2031年5月20日\n")
    assert (found.number, found.issued) == ("茶政规〔2031〕3号", date(2031, 5, 20))


def test_the_date_under_the_signature_wins_over_the_day_of_publication() -> None:
    found = about("发布日期：2031-05-20\n\n茶业方案\n", "\n茶山市茶业局\n2031年4月2日\n")
    assert (found.issuer, found.issued) == ("茶山市茶业局", date(2031, 4, 2))
    assert about("发布日期：2031-05-20\n\n茶业方案\n").issued == date(2031, 5, 20)


@pytest.mark.parametrize(
    "lines",
    [
        ("茶山新区茶叶种植加工与茶园旅游提升三年行动计", "划（2031—2033年）"),
        ("茶山新区茶叶种植加工与茶园旅游提升", "三年行动计划（2031—2033年）"),
    ],
)
def test_a_title_on_two_lines_is_one(lines: tuple[str, str]) -> None:
    assert about("\n".join(lines) + "\n（茶发〔2031〕3号）\n").title == "".join(lines)


def test_an_office_above_a_title_is_no_part_of_it() -> None:
    assert about("茶山新区茶业发展工作领导小组办公室\n茶业振兴方案\n").title == "茶业振兴方案"
