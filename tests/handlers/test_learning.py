from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.learning import Unanswered, grouped

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def asked(text: str, minute: int, user: str | None = "li") -> Unanswered:
    return Unanswered(f"{user}:{minute}", user, text, NOON + timedelta(minutes=minute), "none", useless=False)


def test_like_questions_are_one_group_and_others_are_not() -> None:
    groups = grouped([asked("茶叶怎么出口", 1), asked("茶叶怎么出口啊？", 2, "wang"), asked("猫能坐地铁吗", 3)])
    assert [(g.text, len(g.questions), g.askers) for g in groups] == [("猫能坐地铁吗", 1, 1), ("茶叶怎么出口", 2, 2)]


def test_width_and_case_make_no_difference() -> None:
    assert len(grouped([asked("ＱＦＬＰ额度", 1), asked("qflp额度", 2)])) == 1


def test_a_group_is_named_by_what_was_asked_most_often() -> None:
    (group,) = grouped([asked("茶叶怎么出口", 1), asked("茶叶怎样出口", 2), asked("茶叶怎样出口", 3, None)])
    assert group.text == "茶叶怎样出口"
    assert group.wordings == ("茶叶怎样出口", "茶叶怎么出口")
    assert group.latest == NOON + timedelta(minutes=3)
    assert group.askers == 1
