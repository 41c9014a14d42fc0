"""What is a command and what a question; what the argument of a command names."""

from __future__ import annotations

import pytest

from handlers import router, spoken
from handlers.topics import Reading, Topics
from knowledge import pack
from knowledge.library import Library
from knowledge.normalise import fold

LIBRARY = Library(pack.shipped())


def read(argument: str) -> Reading:
    return Topics(LIBRARY).read(fold(argument))


@pytest.mark.parametrize(
    ("argument", "topics"),
    [
        ("金融", ["sector:finance"]),
        ("金融和医疗", ["sector:finance", "sector:health"]),
        (" 金融 旅游", ["sector:finance", "sector:tourism"]),
        ("金融，旅游、教育", ["sector:finance", "sector:tourism", "sector:education"]),
        ("金融旅游", ["sector:finance", "sector:tourism"]),
        ("金融板块的更新政策", ["sector:finance"]),
        ("知识产权与数据", ["sector:ip-and-data"]),
        ("金融风险防控和金融", ["sector:financial-risk", "sector:finance"]),
        (" finance and health care", ["sector:finance", "sector:health"]),
        ("ＦＩＮＡＮＣＥ", ["sector:finance"]),
        ("63号文", ["document:mofcom-2021-63"]),
        ("沪府规〔2020〕24号、里程碑", ["document:shanghai-2020-24", "milestones"]),
        ("全部", ["all"]),
        ("金融和金融业", ["sector:finance"]),
    ],
)
def test_names_are_read_however_they_are_strung_together(argument: str, topics: list[str]) -> None:
    assert read(argument) == Reading(tuple(topics), ())


def test_what_is_no_name_is_kept_as_it_was_typed() -> None:
    assert read("金融和汽车") == Reading(("sector:finance",), ("汽车",))
    assert read("financeable").topics == ()  # a Latin name counts as a whole word only


@pytest.mark.parametrize(("typed", "meant"), [("金容", "金融"), ("虹桥商务", "虹桥商务区"), ("finanse", "金融")])
def test_a_slip_is_offered_the_name_that_was_meant_first(typed: str, meant: str) -> None:
    assert Topics(LIBRARY).nearest(typed)[0] == meant


@pytest.mark.parametrize(
    "text",
    [
        "订阅", "订阅金融", "订阅 金融 旅游", "订阅金融和医疗", "订阅：金融", "订阅 里程碑", "退订 全部", "取消订阅旅游", "订阅金容",
        "订阅 汽车", "subscribe finance", "Subscribe to finance", "unsubscribe", "unsubscribe all", "my subscriptions",
        "频率 每日", "频率每周", "cadence daily", "我的提醒", "暂停", "恢复", "里程碑", "进度", "timeline", "Ｔｉｍｅｌｉｎｅ", "帮助",
        "帮助。", "详情！", "更多～", "more.", "原文", "出处？", "哪个文件", "链接发我", "详细一点吧", "还有吗？", "我订阅了啥", "有哪些板块？",
        "每周", "订阅这个", "不对", "你能干嘛", "我想订阅金融", "帮我退订金融", "关注一下金融", "订一下金融", "退了金融吧", "取关金融",
        "订阅金融 谢谢", "please subscribe to finance", "我要暂停", "给我更多", "别再发了", "提醒", "发我原文", "原文在哪看", "出处在哪",
        "依据是啥", "发个链接", "频率改成每天", "改成每周推送", "每周汇总吧", "每天发一次", "能发我原文吗", "有依据吗", "有什么领域", "where is the source?",
    ],
)  # fmt: skip
def test_these_are_commands(text: str) -> None:
    assert router.command(fold(text), LIBRARY) is not None


@pytest.mark.parametrize(
    "text",
    [
        "订阅号怎么认证", "订阅 号怎么认证", "订阅金融政策怎么收费", "订阅金融吗", "退订号码", "频率太高了", "subscribers of finance",
        "暂停营业要审批吗", "恢复营业", "里程碑是什么", "进度款", "订阅 " + "很长" * 20, "我想订阅号认证", "要暂停营业吗",
        "关注重点行业怎么办", "来源地证明", "有依据的处罚", "提醒函怎么写", "要求开放金融", "改成公司要审批吗", "每天发多少", "改每天的航班",
        "原文书", "每周航班", "这条链接怎么打不开", "依据哪个文件审批", "还有吗啡",
    ],
)  # fmt: skip
def test_these_are_questions(text: str) -> None:
    assert router.command(fold(text), LIBRARY) is None


@pytest.mark.timeout(5)
@pytest.mark.parametrize("word", ["看", "下", "发给我", "有", "想要", "原文"])
def test_a_long_row_of_filling_words_is_soon_read(word: str) -> None:
    assert router.command(word * 600 + "茶", LIBRARY) is None


def test_what_is_said_in_place_of_a_command_stands_for_one_that_is_there() -> None:
    assert set(spoken.COMMANDS.values()) <= set(router.COMMANDS)
    assert not set(spoken.COMMANDS) & set(router.COMMANDS)
