"""The stand-in as the platform that delivers: sealed, patient, suspicious. Its app is opened and sealed by wechatpy."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from bot.demo import callbacks
from bot.demo.callbacks import Fields
from bot.demo.model import Outcome, Side, Timing
from tests.bot.demo.echo import ACCOUNT, TEXT, Stage


def test_its_patience_is_the_platforms() -> None:
    assert Timing() == Timing(answer=5.0, verify=1.0, retries=3)


async def test_a_good_callback_passes_the_url_check(stage: Stage) -> None:
    exchange = await stage.platform.verify_url()
    assert exchange.problems == ()
    assert exchange.outcome is Outcome.REPLY


@pytest.mark.parametrize("suffix", ["\n", " ", '"'])
async def test_an_echo_with_anything_around_it_fails_the_url_check(stage: Stage, suffix: str) -> None:
    stage.echo.echo_suffix = suffix
    assert (await stage.platform.verify_url()).outcome is Outcome.INVALID


async def test_what_a_person_says_arrives_and_the_reply_is_shown(stage: Stage) -> None:
    exchange = await stage.platform.say("ann", "早上好 <b>&]]>")  # ids compare without case
    assert exchange.problems == ()
    assert stage.echo.heard[0]["Content"] == "早上好 <b>&]]>"
    assert stage.echo.heard[0]["FromUserName"] == "Ann"
    assert stage.echo.heard[0]["AgentID"] == str(ACCOUNT.agent_id)
    assert [entry.side for entry in stage.platform.chat("ANN")] == [Side.PERSON, Side.APP]


async def test_a_retry_has_the_same_id_and_text_and_a_new_signature(stage: Stage) -> None:
    stage.echo.answers("later", status=500)
    exchange = await stage.platform.say("Ann", "早")
    assert [attempt.outcome for attempt in exchange.attempts] == [Outcome.STATUS, Outcome.REPLY]
    first, second = stage.echo.heard
    assert first == second
    assert stage.echo.nonces[0] != stage.echo.nonces[1]
    assert stage.platform.replies("Ann") == ["早"]


async def test_who_answers_too_late_is_asked_again_and_given_up_after_three_retries(stage: Stage) -> None:
    async def late(_: dict[str, str]) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody waits that long")

    stage.echo.plans = [late] * 4
    exchange = await stage.platform.say("Ann", "早")
    assert [attempt.outcome for attempt in exchange.attempts] == [Outcome.TIMEOUT] * 4
    assert stage.platform.replies("Ann") == []


async def test_a_lost_answer_takes_effect_and_is_asked_again(stage: Stage) -> None:
    stage.platform.faults.silent_attempts = 1
    exchange = await stage.platform.say("Ann", "早")
    assert [attempt.simulated for attempt in exchange.attempts] == [True, False]
    assert len(stage.echo.heard) == 2
    assert stage.platform.replies("Ann") == ["早"]


async def test_an_empty_answer_is_accepted_and_shows_nothing(stage: Stage) -> None:
    stage.echo.answers("")
    assert (await stage.platform.say("Ann", "早")).outcome is Outcome.EMPTY
    assert stage.platform.replies("Ann") == []


BAD = {
    "not sealed": "<xml></xml>",
    "not XML": "你好",
    "JSON": '{"Encrypt": "x"}',
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD.keys())
async def test_an_answer_that_is_no_reply_is_found_out(stage: Stage, answer: str) -> None:
    stage.echo.answers(answer)
    exchange = await stage.platform.say("Ann", "早")
    assert exchange.outcome is Outcome.INVALID
    assert exchange.problems


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("<MsgType><![CDATA[text]]>", "<MsgType><![CDATA[markdown]]>", "不支持 markdown"),
        ("<ToUserName><![CDATA[Ann]]>", "<ToUserName><![CDATA[eve]]>", "ToUserName 应为 Ann"),
        ("<CreateTime>1<", "<CreateTime>now<", "CreateTime 不是整数"),
        ("</Content>", "</Content><MsgType>text</MsgType>", "MsgType 应恰好出现一次"),
        ("<Content><![CDATA[早]]>", "<Content><![CDATA[]]>", "正文为空"),
        ("早", "早" * 700, "超过 2048 字节"),
    ],
)
async def test_what_the_platform_would_not_show_is_said(stage: Stage, right: str, wrong: str, complaint: str) -> None:
    plain = TEXT.format(to="Ann", sender=ACCOUNT.corp_id, content="早")
    stage.echo.answers(stage.echo.sealed(plain.replace(right, wrong)).text or "")
    exchange = await stage.platform.say("Ann", "早")
    assert complaint in " ".join(exchange.problems)


async def test_a_long_reply_is_cut_where_the_platform_cuts_it(stage: Stage) -> None:
    await stage.platform.say("Ann", "a早" * 600)
    assert len(stage.platform.replies("Ann")[0].encode()) == 2048


@pytest.mark.parametrize("part", ["<MsgSignature>", "<Encrypt>"])
async def test_a_reply_that_was_changed_on_its_way_is_found_out(stage: Stage, part: str) -> None:
    sealed = stage.echo.sealed(TEXT.format(to="Ann", sender=ACCOUNT.corp_id, content="早")).text or ""
    tag = part if f"{part}<![CDATA[" not in sealed else f"{part}<![CDATA["
    at = sealed.index(tag) + len(tag)
    stage.echo.answers(sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :])
    exchange = await stage.platform.say("Ann", "早")
    assert exchange.outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("fields", "kind", "holds"),
    [
        (callbacks.image("m1", "http://x.example/1.jpg"), "image", {"MediaId": "m1"}),
        (callbacks.voice("m2"), "voice", {"Format": "amr"}),
        (callbacks.video("m3", "m4"), "video", {"ThumbMediaId": "m4"}),
        (callbacks.location(31.2, 121.5, "上海"), "location", {"Label": "上海", "Location_X": "31.2"}),
        (callbacks.link("题", "述", "http://x.example"), "link", {"Title": "题"}),
        (callbacks.event("click", "帮助"), "event", {"Event": "click", "EventKey": "帮助"}),
        (callbacks.event("LOCATION", Latitude=31.2), "event", {"Event": "LOCATION", "Latitude": "31.2"}),
    ],
)
async def test_every_kind_of_message_and_event_arrives(
    stage: Stage, fields: Fields, kind: str, holds: dict[str, str]
) -> None:
    exchange = await stage.platform.tell("Ann", fields)
    assert exchange.problems == ()
    heard = stage.echo.heard[0]
    assert heard["MsgType"] == kind
    assert holds.items() <= heard.items()
    assert ("MsgId" in heard) == (kind != "event")


async def test_who_left_the_visible_range_is_told_of_and_cannot_speak(stage: Stage) -> None:
    await stage.platform.leave("Ann")
    assert stage.echo.heard[0]["Event"] == "unsubscribe"
    with pytest.raises(LookupError):
        await stage.platform.say("Ann", "早")
    await stage.platform.join("Ann")
    assert (await stage.platform.say("Ann", "早")).outcome is Outcome.REPLY
