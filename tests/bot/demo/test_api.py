"""The stand-in as the platform's API: tokens, sending with its limits, menu, files, sign-in, and troubles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientConnectionError, FormData
from yarl import URL

from bot.demo.faults import Effect, Fault
from bot.demo.sandbox import VOICE
from tests.bot.demo.echo import ACCOUNT, BOB, Stage, staged

MENU = {"button": [{"type": "click", "name": "帮助", "key": "help"}]}
CARD = {
    "card_type": "button_interaction",
    "main_title": {"title": "去不去"},
    "button_list": [{"text": "去", "key": "go"}],
    "task_id": "trip-1",
}


async def test_a_token_is_the_same_until_it_expires(stage: Stage) -> None:
    first = await stage.token()
    stage.clock.pass_(seconds=7199)
    assert await stage.token() == first
    stage.clock.pass_(seconds=1)
    assert await stage.token() != first
    stale = await stage.call("agent/get", access_token=first, agentid=str(ACCOUNT.agent_id))
    assert stale["errcode"] == 42001


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({"corpsecret": ACCOUNT.secret}, 41002),
        ({"corpid": ACCOUNT.corp_id}, 41004),
        ({"corpid": "wwother", "corpsecret": ACCOUNT.secret}, 40013),
        ({"corpid": ACCOUNT.corp_id, "corpsecret": "guess"}, 40001),
    ],
)
async def test_wrong_credentials_are_refused(stage: Stage, query: dict[str, str], errcode: int) -> None:
    assert (await stage.call("gettoken", **query))["errcode"] == errcode


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("guess", 40014)])
async def test_a_call_needs_a_token(stage: Stage, token: str, errcode: int) -> None:
    assert (await stage.call("message/send", {"touser": "Ann"}, access_token=token))["errcode"] == errcode


async def test_a_message_is_delivered_and_shown_as_pushed(stage: Stage) -> None:
    answer = await stage.send("开会了")
    assert (answer["errcode"], answer["invaliduser"]) == (0, "")
    assert [delivery.user for delivery in stage.platform.deliveries] == ["Ann"]
    assert stage.platform.replies("Ann") == ["开会了"]
    assert stage.platform.chat("Ann")[0].pushed


async def test_who_cannot_be_reached_is_listed_in_lower_case(stage: Stage) -> None:
    await stage.platform.leave("eve")
    answer = await stage.send("开会了", to="Ann|bob|eve|NoBody")
    assert (answer["errcode"], answer["invaliduser"], answer["unlicenseduser"]) == (0, "eve|nobody", "bob")
    assert [delivery.user for delivery in stage.platform.deliveries] == ["Ann"]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": ""}, 82001),
        ({"touser": "nobody"}, 81013),
        ({"touser": "|".join(map(str, range(1001)))}, 40032),
        ({"agentid": 7}, 40056),
        ({"msgtype": "smoke"}, 40008),
        ({"text": {"content": " "}}, 44004),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "textcard", "textcard": {"title": "题", "description": "述", "url": "x.example"}}, 45034),
        ({"msgtype": "markdown", "markdown": {"content": "早" * 700}}, 45002),
    ],
)
async def test_a_message_that_the_platform_refuses_reaches_nobody(
    stage: Stage, change: dict[str, Any], errcode: int
) -> None:
    assert (await stage.send("开会了", **change))["errcode"] == errcode
    assert stage.platform.deliveries == []


async def test_a_long_text_is_cut_without_a_word(stage: Stage) -> None:
    assert (await stage.send("早" * 700))["errcode"] == 0
    assert stage.platform.replies("Ann") == ["早" * 682]


async def test_the_same_request_within_the_interval_is_delivered_once(stage: Stage) -> None:
    once: dict[str, Any] = {"enable_duplicate_check": 1, "duplicate_check_interval": 3600}
    first = await stage.send("开会了", **once)
    stage.clock.pass_(seconds=3599)
    assert (await stage.send("开会了", **once))["msgid"] == first["msgid"]
    assert len(stage.platform.deliveries) == 1
    await stage.send("改期了", **once)
    stage.clock.pass_(seconds=2)
    await stage.send("开会了", **once)
    assert stage.platform.replies("Ann") == ["开会了", "改期了", "开会了"]


async def test_no_interval_is_longer_than_four_hours(stage: Stage) -> None:
    once: dict[str, Any] = {"enable_duplicate_check": 1, "duplicate_check_interval": 999999}
    await stage.send("开会了", **once)
    stage.clock.pass_(hours=4)
    await stage.send("开会了", **once)
    assert len(stage.platform.deliveries) == 2


async def test_without_the_check_the_same_message_comes_twice(stage: Stage) -> None:
    await stage.send("开会了")
    await stage.send("开会了")
    assert len(stage.platform.deliveries) == 2


async def test_the_thirty_first_message_in_a_minute_is_dropped_in_silence(stage: Stage) -> None:
    answers = [(await stage.send(f"第{n}条"))["errcode"] for n in range(31)]
    assert set(answers) == {0}
    assert (len(stage.platform.deliveries), len(stage.platform.dropped)) == (30, 1)
    stage.clock.pass_(seconds=60)
    await stage.send("一分钟后")
    assert stage.platform.replies("Ann")[-1] == "一分钟后"


async def test_the_app_has_a_quota_for_the_day() -> None:
    async with staged(accounts=1) as stage:
        for hour in range(10):
            for n in range(20):
                assert (await stage.send(f"{hour}-{n}"))["errcode"] == 0
            stage.clock.pass_(minutes=2)
        assert (await stage.send("太多了"))["errcode"] == 45009
        stage.clock.pass_(hours=12)  # it is tomorrow in China
        assert (await stage.send("早"))["errcode"] == 0


async def test_a_recalled_message_is_marked(stage: Stage) -> None:
    msgid = (await stage.send("开会了"))["msgid"]
    assert (await stage.call("message/recall", {"msgid": msgid}, access_token=await stage.token()))["errcode"] == 0
    assert stage.platform.chat("Ann")[0].recalled


async def test_a_card_is_pressed_once_told_and_updated_with_its_code(stage: Stage) -> None:
    sent = await stage.send("", msgtype="template_card", template_card=CARD)
    assert sent["errcode"] == 0
    assert sent["response_code"]
    await stage.platform.press(stage.platform.chat("Ann")[0].id, "go")
    heard = stage.echo.heard[0]
    assert (heard["Event"], heard["EventKey"], heard["TaskId"]) == ("template_card_event", "go", "trip-1")
    update = {
        "userids": ["Ann"],
        "agentid": ACCOUNT.agent_id,
        "response_code": heard["ResponseCode"],
        "button": {"replace_name": "已报名"},
    }
    token = await stage.token()
    assert (await stage.call("message/update_template_card", update, access_token=token))["errcode"] == 0
    assert stage.platform.chat("Ann")[0].replaced == "已报名"
    assert (await stage.call("message/update_template_card", update, access_token=token))["errcode"] == 40058
    again = await stage.send("", msgtype="template_card", template_card=CARD)
    assert again["errcode"] == 42014  # the task id is used


async def test_a_menu_is_kept_shown_and_deleted(stage: Stage) -> None:
    query = {"access_token": await stage.token(), "agentid": str(ACCOUNT.agent_id)}
    assert (await stage.call("menu/get", **query))["errcode"] == 46003
    assert (await stage.call("menu/create", MENU, **query))["errcode"] == 0
    assert (await stage.call("menu/get", **query))["button"] == MENU["button"]
    await stage.platform.click("Ann", "help")
    assert stage.echo.heard[0]["EventKey"] == "help"
    assert stage.platform.chat("Ann")[0].message["note"]["content"] == "点击菜单「帮助」"
    assert (await stage.call("menu/delete", **query))["errcode"] == 0
    assert (await stage.call("menu/get", **query))["errcode"] == 46003


@pytest.mark.parametrize(
    ("button", "errcode"),
    [
        ([MENU["button"][0]] * 4, 40016),
        ([{"type": "click", "name": "这个名字实在太长", "key": "k"}], 40018),
        ([{"type": "dance", "name": "舞"}], 40017),
        ([{"name": "多", "sub_button": [MENU["button"][0]] * 6}], 40023),
    ],
)
async def test_a_menu_that_breaks_the_rules_is_refused(stage: Stage, button: list[Any], errcode: int) -> None:
    query = {"access_token": await stage.token(), "agentid": str(ACCOUNT.agent_id)}
    assert (await stage.call("menu/create", {"button": button}, **query))["errcode"] == errcode


async def signed_in(stage: Stage, **query: str) -> URL | int:
    """Where the browser is sent back to, or the status of a refusal."""
    ask = {"appid": ACCOUNT.corp_id, "redirect_uri": "http://app.example/in?a=1", "state": "s1", "user": "Ann"} | query
    url = f"{stage.address}/oauth/connect/oauth2/authorize"
    async with stage.session.get(url, params=ask, allow_redirects=False) as response:
        return URL(response.headers["Location"]) if response.status == 302 else response.status


async def test_a_sign_in_code_tells_who_it_was_once_and_for_five_minutes(stage: Stage) -> None:
    back = await signed_in(stage)
    assert isinstance(back, URL)
    assert (back.host, back.query["a"], back.query["state"]) == ("app.example", "1", "s1")
    token = await stage.token()
    who = {"access_token": token, "code": back.query["code"]}
    assert (await stage.call("auth/getuserinfo", **who))["userid"] == "Ann"
    assert (await stage.call("auth/getuserinfo", **who))["errcode"] == 42022
    late = await signed_in(stage)
    assert isinstance(late, URL)
    stage.clock.pass_(minutes=5)
    assert (await stage.call("auth/getuserinfo", access_token=token, code=late.query["code"]))["errcode"] == 40029


@pytest.mark.parametrize(
    "wrong",
    [{"appid": "wwother"}, {"redirect_uri": "http://app.example.evil/in"}, {"state": "a b"}, {"redirect_uri": "x"}],
)
async def test_a_sign_in_that_leads_elsewhere_is_refused(stage: Stage, wrong: dict[str, str]) -> None:
    assert await signed_in(stage, **wrong) == 400


async def test_a_file_is_kept_for_three_days(stage: Stage) -> None:
    token = await stage.token()
    form = FormData()
    form.add_field("media", VOICE.data, filename="声音.amr", content_type=VOICE.content_type)
    url = f"{stage.address}/cgi-bin/media/upload"
    async with stage.session.post(url, params={"access_token": token, "type": "voice"}, data=form) as response:
        media_id = (await response.json())["media_id"]
    get = f"{stage.address}/cgi-bin/media/get"
    async with stage.session.get(get, params={"access_token": token, "media_id": media_id}) as response:
        assert await response.read() == VOICE.data
    stage.clock.pass_(days=3)
    gone = await stage.call("media/get", access_token=await stage.token(), media_id=media_id)
    assert gone["errcode"] == 40007


async def test_an_error_strikes_as_often_as_it_is_told(stage: Stage) -> None:
    stage.platform.faults.add(Fault(Effect.ERRCODE, "message/send", times=2, errcode=-1))
    assert [(await stage.send("开会了"))["errcode"] for _ in range(3)] == [-1, -1, 0]
    assert len(stage.platform.deliveries) == 1


async def test_a_connection_can_break_after_the_message_was_delivered(stage: Stage) -> None:
    stage.platform.faults.add(Fault(Effect.RESET, "message/send", acts=True))
    with pytest.raises(ClientConnectionError):
        await stage.send("开会了")
    assert len(stage.platform.deliveries) == 1


async def test_the_record_of_calls_holds_no_secret(stage: Stage) -> None:
    await stage.send("开会了")
    shown = " ".join(call.request + call.answer for call in stage.platform.calls)
    assert ACCOUNT.secret not in shown
    assert await stage.token() not in shown
    assert [call.path for call in stage.platform.calls][:2] == ["gettoken", "message/send"]


async def test_a_department_lists_those_who_see_the_app(stage: Stage) -> None:
    sales = replace(BOB, department=2)
    stage.platform.corp.hire(sales)
    token = await stage.token()

    async def listed(**query: str) -> list[dict[str, Any]]:
        answer = await stage.call("user/simplelist", access_token=token, **query)
        return list(answer.get("userlist", [answer]))

    everybody = await listed(department_id="1", fetch_child="1")
    assert {p["userid"] for p in everybody} == {p.user for p in stage.platform.people}
    assert sales.user not in {p["userid"] for p in await listed(department_id="1")}
    (only,) = await listed(department_id="2", fetch_child="1")
    assert (only["userid"], only["department"]) == (sales.user, [2])
    stage.platform.corp.show_app(sales, False)
    assert await listed(department_id="2") == []
    assert [(await listed(department_id=odd))[0]["errcode"] for odd in ("99", "x")] == [60003, 40058]
