"""What a person says and gets, message by message, over the real journal."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from sqlmodel import select

from bot.database import Database
from handlers import texts
from handlers.model import Kind
from handlers.tables import FeedbackRow, QuestionRow
from knowledge.library import Library
from knowledge.model import Outcome, OutOfScope, Pack
from tests.bot.web.shelf import BLACK, ENDED, EXPORT, GREEN, MUGS, PACK, SECTORS, ScriptedLibrary, finding
from tests.handlers.talk import Talk, address

MUG_LIST = "7号文第2条"  # a list of 42


@pytest.fixture
async def talk(database: Database) -> AsyncIterator[Talk]:
    talk = Talk(database)
    yield talk
    await talk.journal.close()


async def rows(talk: Talk, table: type[Any]) -> list[Any]:
    await talk.journal.close()
    async with talk.database.session() as session:
        return list((await session.scalars(select(table))).all())


# Questions


async def test_an_answer_has_title_summary_document_clause_link_and_caveats(talk: Talk) -> None:
    assert (await talk.say("绿茶")).split("\n") == [
        f"【{GREEN.title}】",
        GREEN.summary,
        f'依据：茶发2028年第5号 第1条第1项 <a href="{address(GREEN.id)}">查看详情</a>',
        f'另见：杯发〔2029〕7号 第1条第1项 <a href="{address(EXPORT.id)}">查看详情</a>',
        "采摘日期以茶园登记为准。",
        f"5号文{ENDED}",
    ]


async def test_a_message_about_two_things_gets_both(talk: Talk) -> None:
    reply = await talk.say("绿茶和红茶")
    assert reply.startswith("您问了两件事：")
    assert all(address(measure.id) in reply for measure in (GREEN, BLACK))


async def test_an_uncertain_question_gets_choices(talk: Talk) -> None:
    reply = await talk.say("茶")
    assert reply.startswith("您想问的可能是下面哪一项？")
    assert f'2. <a href="{address(BLACK.id)}">' in reply
    assert f"【{BLACK.title}】" in await talk.say("2")


async def test_what_is_not_there_is_said_and_a_missing_part_is_said_otherwise(talk: Talk) -> None:
    assert await talk.say("咖啡") == texts.UNREADABLE
    assert await talk.say("7号文第3条") == "7号文手头的文本到第1条为止，第3条没有收录。"


async def test_angle_brackets_of_the_knowledge_cannot_become_links(talk: Talk) -> None:
    await talk.say("茶")
    assert "＜备案＞" in await talk.say("2")


# Lists


async def test_a_list_is_numbered_over_its_pages(talk: Talk) -> None:
    first = await talk.say(MUG_LIST)
    assert first.startswith(f"{MUG_LIST}，共42项，第1—8项")
    assert first.endswith("还有34项，发“更多”继续看。")
    assert re.findall(r"^(\d+)\.", await talk.say("更多"), re.M) == [str(n) for n in range(9, 17)]
    last = await talk.say("more", "MORE", "更多", "更多")
    assert re.findall(r"^(\d+)\.", last, re.M) == ["41", "42"]
    assert await talk.say("下一页") == texts.LIST_END


async def test_a_list_is_paged_back(talk: Talk) -> None:
    pages = [await talk.say(text) for text in (MUG_LIST, "更多", "更多")]
    assert await talk.say("上一页") == pages[1]
    assert await talk.say("上页") == pages[0]
    assert await talk.say("上一页") == texts.LIST_BEGIN
    assert await talk.say("更多") == pages[1]


@pytest.mark.parametrize("number", ["9", "１６", "3"])
async def test_a_number_chooses_from_the_whole_list_after_paging(talk: Talk, number: str) -> None:
    assert f"【{MUGS[int(number) - 1].title}】" in await talk.say(MUG_LIST, "更多", number)


@pytest.mark.parametrize("number", ["43", "63", "0", "999", "1000"])
async def test_a_number_beyond_the_list_is_a_question(talk: Talk, number: str) -> None:
    assert await talk.say(MUG_LIST, number) == texts.UNREADABLE
    assert number in [row.text for row in await rows(talk, QuestionRow)]


async def test_a_list_from_the_document_of_an_ended_pilot_says_so(talk: Talk) -> None:
    assert (await talk.say("茶")).endswith(f"\n5号文{ENDED}")
    assert ENDED not in await talk.say(MUG_LIST)


async def test_a_choice_keeps_the_list(talk: Talk) -> None:
    assert f"【{MUGS[4].title}】" in await talk.say(MUG_LIST, "2", "5")


@pytest.mark.parametrize("typed", ["2.", "2。", "第2个", "第二个", "第二個！"])
async def test_a_number_is_understood_as_people_type_it(talk: Talk, typed: str) -> None:
    assert f"【{MUGS[1].title}】" in await talk.say(MUG_LIST, typed)


@pytest.mark.parametrize("typed", ["第2条", "2.1", "第个", "两个"])
async def test_what_is_more_than_a_number_is_a_question(talk: Talk, typed: str) -> None:
    await talk.say(MUG_LIST, typed)
    assert typed in [row.text for row in await rows(talk, QuestionRow)]


async def test_thanks_leave_the_list_and_the_answer_as_they_were(talk: Talk) -> None:
    thanks = OutOfScope("谢谢", "chitchat", ("谢谢", "多谢啦"))
    talk.library = Library(replace(PACK, out_of_scope=(thanks,)))
    assert await talk.say(MUG_LIST, "谢谢") == texts.CHITCHAT
    assert f"【{MUGS[1].title}】" in await talk.say("2")
    assert MUGS[1].title in await talk.say("谢谢", "详情")


async def test_a_number_without_a_list_asks_to_ask_again(talk: Talk) -> None:
    assert await talk.say("2") == texts.ASK_AGAIN
    assert await talk.say("63") == texts.UNREADABLE  # may be a document
    assert await talk.say("绿茶", "第二个") == texts.NO_CHOICE


async def test_paging_without_a_list_says_what_to_do(talk: Talk) -> None:
    assert await talk.say("更多") == await talk.say("上一页") == texts.NO_LIST


async def test_everybody_has_a_list_of_their_own(talk: Talk) -> None:
    await talk.say(MUG_LIST)
    assert await talk.say("2", user="bob") == texts.ASK_AGAIN
    assert f"【{MUGS[1].title}】" in await talk.say("2")


async def test_a_measure_that_went_since_the_list_was_made_is_not_replaced_by_another(talk: Talk) -> None:
    await talk.say(MUG_LIST)
    talk.library = Library(Pack(PACK.documents, PACK.sectors, (GREEN,)))
    assert await talk.say("2") == texts.ASK_AGAIN


# Sectors


async def test_the_sectors_are_counted_and_chosen_by_number(talk: Talk) -> None:
    overview = await talk.say("板块")
    assert overview.split("\n")[1:] == ["1. 茶园（2项）", "2. 茶店（43项）"]  # the empty one is left out
    assert (await talk.say("2")).startswith(f"{SECTORS[1].name}，共43项")
    assert f"【{MUGS[0].title}】" in await talk.say("2")


@pytest.mark.parametrize("asked", ["退订", "我的订阅"])
async def test_how_to_unsubscribe_is_told_with_what_is_followed(talk: Talk, asked: str) -> None:
    assert "退订发“退订 茶店”" in await talk.say("订阅 茶店", asked)


async def test_a_menu_click_acts_like_the_word(talk: Talk) -> None:
    typed = await talk.say("板块")
    assert await talk.say("板块", kind=Kind.MENU) == typed
    assert await talk.say("SECTORS") == typed


# Details and feedback


async def test_the_details_show_the_official_wording_or_say_that_it_is_not_loaded(talk: Talk) -> None:
    full = await talk.say("绿茶", "详情")
    assert f"原文：{GREEN.text}" in full
    assert "文件：某市茶叶服务试点方案（茶发2028年第5号，某市茶叶局，2028-03-01）" in full
    assert "板块：茶园、茶店" in full
    assert texts.DETAIL_NO_TEXT in await talk.say("茶", "2", "detail")


async def test_details_of_nothing_say_what_to_do(talk: Talk) -> None:
    assert await talk.say("详情") == texts.NO_DETAIL
    assert await talk.say("绿茶", "咖啡", "详情") == texts.NO_DETAIL
    assert await talk.say("茶", "详情") == texts.CHOOSE_FIRST


@pytest.mark.parametrize("said", ["原文", "出处？", "哪个文件", "链接发我", "详细一点"])
async def test_what_is_asked_about_the_last_answer_is_no_new_question(talk: Talk, said: str) -> None:
    assert await talk.say("绿茶", said) == await talk.say("绿茶", "详情")
    assert [row.text for row in await rows(talk, QuestionRow)] == ["绿茶", "绿茶"]


async def test_who_wants_to_follow_the_last_answer_is_told_its_sector(talk: Talk) -> None:
    assert await talk.say("订阅这个") == texts.HOW_TO_FOLLOW
    told = texts.HOW_TO_FOLLOW_THIS.format(title=GREEN.title, name="茶园")
    assert await talk.say("绿茶", "订阅这个") == told
    assert (await talk.say("订阅 茶园")).startswith("已订阅：茶园")


async def test_feedback_is_kept_with_the_question_it_is_about(talk: Talk) -> None:
    assert await talk.say("有用") == texts.NOTHING_TO_RATE
    assert await talk.say("绿茶", "没用") == texts.THANKS_USELESS
    assert await talk.say("茶", "2", "useful") == texts.THANKS_USEFUL
    kept = [(row.user, row.question, row.measures, row.useful) for row in await rows(talk, FeedbackRow)]
    assert kept == [("ann", "绿茶", [GREEN.id], False), ("ann", "茶", [BLACK.id], True)]


async def test_every_question_is_kept_with_what_was_found(talk: Talk) -> None:
    await talk.say("绿茶", "帮助", "咖啡")
    kept = [(row.text, row.outcome, row.top) for row in await rows(talk, QuestionRow)]
    assert kept == [("绿茶", "answer", GREEN.id), ("咖啡", "none", BLACK.id)]


# Help, greeting, other messages


@pytest.mark.parametrize("word", ["帮助", "help", "HELP", "ｈｅｌｐ", " ? ", "？"])
async def test_help_by_any_of_its_names(talk: Talk, word: str) -> None:
    assert await talk.say(word) == texts.HELP


@pytest.mark.parametrize("text", ["帮助我看看绿茶", "更多绿茶", "详情页在哪", "板块轮动", "有用吗", "help me"])
async def test_a_command_inside_a_sentence_is_a_question(talk: Talk, text: str) -> None:
    assert await talk.say(text) == texts.UNREADABLE


async def test_the_welcome_comes_once_a_day_and_the_first_says_that_questions_are_recorded(talk: Talk) -> None:
    first = await talk.say("", kind=Kind.ENTER)
    assert first == f"{texts.WELCOME}\n{texts.RECORDED}"
    assert await talk.say("", kind=Kind.ENTER) == ""
    talk.clock.pass_(hours=24)
    assert await talk.say("", kind=Kind.ENTER) == texts.WELCOME


async def test_the_welcomes_day_is_the_local_one(talk: Talk) -> None:
    talk.clock.now = talk.clock.now.replace(hour=23, minute=50)
    await talk.say("", kind=Kind.ENTER)
    talk.clock.pass_(minutes=11)
    assert await talk.say("", kind=Kind.ENTER) == texts.WELCOME


@pytest.mark.parametrize(
    ("kind", "word"), [("image", "图片"), ("voice", "语音"), ("location", "位置"), ("new", "这类消息")]
)
async def test_what_is_no_text_gets_a_word_about_text(talk: Talk, kind: str, word: str) -> None:
    assert await talk.say(kind, kind=Kind.MEDIA) == f"{word}我看不懂，请把问题打成文字发给我。"


@pytest.mark.parametrize("kind", [Kind.JOIN, Kind.LEAVE, Kind.OTHER])
async def test_other_events_are_acknowledged_in_silence(talk: Talk, kind: Kind) -> None:
    assert await talk.say("", kind=kind) == ""


# The limit of a reply


@cache
def wordy_library() -> Library:
    """The same knowledge with official wordings of 5,000 characters and titles as long as may be."""
    long = {
        measure.id: replace(measure, title="茶" * 24, summary="茶" * 119 + "。", text="允许卖茶。" * 1000)
        for measure in PACK.measures
    }
    return ScriptedLibrary(
        {
            "一项": finding(Outcome.ANSWER, (long[GREEN.id], 0.9)),
            "两项": finding(Outcome.ANSWER, (long[GREEN.id], 0.9), (long[BLACK.id], 0.8), answers=2),
            MUG_LIST: finding(Outcome.CHOICES, *((long[m.id], 1.0) for m in MUGS), heading=MUG_LIST),
        },
        replace(PACK, measures=tuple(long.values())),
    )


@pytest.fixture
async def wordy(talk: Talk) -> Talk:
    talk.library = wordy_library()
    return talk


@pytest.mark.parametrize(
    "said", [("一项",), ("两项",), (MUG_LIST,), ("一项", "详情"), ("两项", "详情"), ("板块",), ("帮助",)]
)
async def test_no_reply_is_longer_than_the_platform_shows(wordy: Talk, said: tuple[str, ...]) -> None:
    assert 0 < len((await wordy.say(*said)).encode()) <= 2048


async def test_a_long_wording_is_cut_at_a_sentence_with_its_citation_whole(wordy: Talk) -> None:
    reply = await wordy.say("一项", "详情")
    wording, *rest = reply.split("原文：")[1].split("\n")
    assert wording.endswith("允许卖茶。")
    assert f'条款：第1条第1项 <a href="{address(GREEN.id)}">查看详情</a>' in rest
    assert reply.endswith(texts.MORE_BY_LINK)


async def test_a_list_of_long_titles_loses_no_item_between_its_pages(wordy: Talk) -> None:
    pages = [await wordy.say(text) for text in (MUG_LIST, *["更多"] * 15)]
    numbers = [int(n) for page in pages for n in re.findall(r"^(\d+)\.", page, re.M)]
    assert numbers == list(range(1, 43))
