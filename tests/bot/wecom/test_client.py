from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from bot.wecom.client import HOLD, REFRESH_AHEAD, Agent, SendResult, WecomClient, network_failure
from bot.wecom.errors import (
    ApiError,
    ConfigurationError,
    NobodyReached,
    NoDepartment,
    PermanentError,
    RetryLater,
    SignInExpired,
    UnknownOutcome,
    Unreachable,
)

CORP_ID, SECRET, AGENT_ID = "ww0123456789abcdef", "s3cret-of-the-app", 1000002
MESSAGE = b'{"touser":"zhangsan", "msgtype":"text"}'

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answers(errcode: int = 0, errmsg: str = "ok", **fields: object) -> Behaviour:
    return says(json.dumps({"errcode": errcode, "errmsg": errmsg, **fields}))


def says(body: str, status: int = 200, **headers: str) -> Behaviour:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=body, status=status, headers=headers)

    return answer


async def hangs_up(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.abort()
    return web.Response()


@dataclass
class Platform:
    """A stand-in that gives out tokens, knows the good ones, and answers each path as it is told."""

    script: dict[str, deque[Behaviour]] = field(default_factory=dict)  # path -> what it does next
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    issued: int = 0
    lasts: int = 7200  # seconds
    good: set[str] = field(default_factory=set)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)  # somebody waits for an answer
    pause: asyncio.Event = field(default_factory=asyncio.Event)  # set at the end, so that nobody waits for ever

    def next(self, path: str, *behaviours: Behaviour) -> None:
        self.script.setdefault(path, deque()).extend(behaviours)

    def calls(self, path: str) -> list[tuple[dict[str, str], bytes]]:
        return [(query, body) for called, query, body in self.requests if called == path]

    async def stalls(self, _: web.Request) -> web.Response:
        self.stalled.set()
        await self.pause.wait()
        return web.Response()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/cgi-bin/")
        self.requests.append((path, dict(request.query), await request.read()))
        if queue := self.script.get(path):
            return await queue.popleft()(request)
        return await (self.gettoken(request) if path == "gettoken" else self.other(request))

    async def gettoken(self, request: web.Request) -> web.StreamResponse:
        if request.query["corpsecret"] != SECRET:
            return await answers(40001, f"invalid secret {request.query['corpsecret']}")(request)
        self.issued += 1
        token = f"token-{self.issued}"
        self.good.add(token)
        return await answers(access_token=token, expires_in=self.lasts)(request)

    async def other(self, request: web.Request) -> web.StreamResponse:
        token = request.query["access_token"]
        return await (answers() if token in self.good else answers(40014, f"invalid {token}"))(request)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Scene:
    platform: Platform
    clock: Clock
    client: WecomClient
    url: str
    session: aiohttp.ClientSession

    def other_client(self, secret: str = SECRET, timeout: float = 5, **options: Any) -> WecomClient:
        url = options.pop("url", self.url)
        return WecomClient(self.session, url, CORP_ID, secret, AGENT_ID, timeout=timeout, clock=self.clock, **options)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    platform, clock = Platform(), Clock()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/"))
        client = WecomClient(session, url, CORP_ID, SECRET, AGENT_ID, timeout=5, clock=clock)
        yield Scene(platform, clock, client, url, session)
        platform.pause.set()


@contextmanager
def raises_clean(kind: type[ApiError], errcode: int | None = None) -> Iterator[None]:
    """Expects exactly this error, with nothing in or behind it that could show a token or a secret."""
    with pytest.raises(kind) as caught:
        yield
    assert type(caught.value) is kind
    assert caught.value.errcode == errcode
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert "token-" not in str(caught.value)
    assert SECRET not in str(caught.value)


# --- the calls


async def test_a_message_goes_out_byte_for_byte_with_the_token(scene: Scene) -> None:
    answer = answers(invaliduser="LiSi|wangwu", unlicenseduser="Zhao", msgid="m1", response_code="r1")
    scene.platform.next("message/send", answer)
    assert await scene.client.send(MESSAGE) == SendResult(("lisi", "wangwu"), "m1", "r1", ("zhao",))
    assert scene.platform.calls("message/send") == [({"access_token": "token-1"}, MESSAGE)]
    assert scene.platform.calls("gettoken") == [({"corpid": CORP_ID, "corpsecret": SECRET}, b"")]


async def test_a_message_accepted_for_all_has_nobody_invalid(scene: Scene) -> None:
    scene.platform.next("message/send", answers(invaliduser="", msgid="m2"))
    assert await scene.client.send(MESSAGE) == SendResult((), "m2", "")


async def test_a_mapping_is_sent_as_it_is_encoded_from_this_app_unless_it_names_another(scene: Scene) -> None:
    message = {"touser": "zhangsan", "text": {"content": "你好"}}
    await scene.client.send(message)
    await scene.client.send({**message, "agentid": 7})
    (_, first), (_, second) = scene.platform.calls("message/send")
    assert first == scene.client.encode(message)
    assert first.decode() == '{"agentid":1000002,"touser":"zhangsan","text":{"content":"你好"}}'
    assert json.loads(second)["agentid"] == 7


async def test_updating_a_card_tells_who_kept_the_old_one(scene: Scene) -> None:
    scene.platform.next("message/update_template_card", answers(invaliduser=["LiSi"]))
    assert await scene.client.update_card({"response_code": "r1"}) == ("lisi",)
    ((_, body),) = scene.platform.calls("message/update_template_card")
    assert json.loads(body) == {"agentid": AGENT_ID, "response_code": "r1"}


async def test_a_sign_in_code_gives_the_member_or_nobody(scene: Scene) -> None:
    scene.platform.next("auth/getuserinfo", answers(userid="ZhangSan"), answers(openid="o1"))
    assert await scene.client.user_of("c&d=1") == "zhangsan"
    assert await scene.client.user_of("c2") is None
    assert scene.platform.calls("auth/getuserinfo")[0][0]["code"] == "c&d=1"


@pytest.mark.parametrize("errcode", [40029, 42022])
async def test_a_used_sign_in_code_asks_for_another_sign_in(scene: Scene, errcode: int) -> None:
    scene.platform.next("auth/getuserinfo", answers(errcode))
    with raises_clean(SignInExpired, errcode):
        await scene.client.user_of("used")


async def test_the_menu_is_put_in_place_for_this_app(scene: Scene) -> None:
    menu = {"button": [{"type": "click", "name": "板块", "key": "板块"}]}
    await scene.client.create_menu(menu)
    ((query, body),) = scene.platform.calls("menu/create")
    assert query["agentid"] == str(AGENT_ID)
    assert json.loads(body) == menu


async def test_the_app_describes_itself(scene: Scene) -> None:
    scene.platform.next("agent/get", answers(name="试点通", close=0, redirect_domain="a.example", isreportenter=1))
    assert await scene.client.agent() == Agent("试点通", True, "a.example", "", True)


async def test_the_addresses_of_the_platform_are_listed(scene: Scene) -> None:
    scene.platform.next("getcallbackip", answers(ip_list=["192.0.2.1", "192.0.2.0/24"]), answers())
    assert await scene.client.callback_ips() == ("192.0.2.1", "192.0.2.0/24")
    assert await scene.client.callback_ips() == ()


async def test_the_members_of_a_department_are_listed_once_in_lower_case(scene: Scene) -> None:
    people = [{"userid": "ZhangSan", "name": "张三"}, {"userid": "lisi"}, {"userid": "zhangsan"}, {"name": "?"}, 7]
    scene.platform.next("user/simplelist", answers(userlist=people), answers())
    assert await scene.client.members(7) == ("zhangsan", "lisi")
    assert await scene.client.members(7) == ()
    query, _ = scene.platform.calls("user/simplelist")[0]
    assert (query["department_id"], query["fetch_child"]) == ("7", "1")


@pytest.mark.parametrize(
    ("errcode", "kind"), [(60003, NoDepartment), (60123, NoDepartment), (60011, ConfigurationError)]
)
async def test_a_department_that_cannot_be_listed_says_why(scene: Scene, errcode: int, kind: type[ApiError]) -> None:
    scene.platform.next("user/simplelist", answers(errcode))
    with pytest.raises(kind):
        await scene.client.members(7)


async def test_calls_go_through_the_outbound_proxy(scene: Scene) -> None:
    elsewhere = scene.other_client(url="http://platform.invalid", proxy=scene.url)
    await elsewhere.authenticate()
    assert scene.platform.issued == 1


# --- the token


async def test_one_token_serves_all_calls(scene: Scene) -> None:
    for _ in range(3):
        await scene.client.send(MESSAGE)
    assert scene.platform.issued == 1


async def test_callers_at_the_same_time_share_one_refresh(scene: Scene) -> None:
    await asyncio.gather(*(scene.client.send(MESSAGE) for _ in range(20)))
    assert scene.platform.issued == 1


async def test_a_token_is_replaced_shortly_before_its_end(scene: Scene) -> None:
    await scene.client.authenticate()
    scene.clock.now += 7200 - REFRESH_AHEAD - 1
    await scene.client.authenticate()
    assert scene.platform.issued == 1
    scene.clock.now += 1
    await scene.client.authenticate()
    assert scene.platform.issued == 2


async def test_a_token_that_lasts_only_briefly_is_still_used(scene: Scene) -> None:
    scene.platform.lasts = 60
    await scene.client.authenticate()
    scene.clock.now += 50
    await scene.client.authenticate()
    assert scene.platform.issued == 1


@pytest.mark.parametrize("errcode", [40001, 40014, 40091, 42001])
async def test_a_refused_token_is_replaced_and_the_same_bytes_sent_once_more(scene: Scene, errcode: int) -> None:
    scene.platform.next("message/send", answers(errcode))
    await scene.client.send(MESSAGE)
    sent = scene.platform.calls("message/send")
    assert [(query["access_token"], body) for query, body in sent] == [("token-1", MESSAGE), ("token-2", MESSAGE)]


async def test_callers_refused_at_the_same_time_share_one_refresh(scene: Scene) -> None:
    await scene.client.authenticate()
    scene.platform.good.clear()
    await asyncio.gather(*(scene.client.send(MESSAGE) for _ in range(20)))
    assert scene.platform.issued == 2


async def test_a_refusal_that_arrives_late_does_not_drop_the_new_token(scene: Scene) -> None:
    async def late(request: web.Request) -> web.StreamResponse:
        await scene.platform.stalls(request)
        return await answers(42001)(request)

    scene.platform.next("message/send", late, answers(42001))
    slow = asyncio.create_task(scene.client.send(MESSAGE))
    await scene.platform.stalled.wait()
    await scene.client.send(MESSAGE)
    scene.platform.pause.set()
    await slow
    assert scene.platform.issued == 2


@pytest.mark.parametrize(("errcode", "kind"), [(40014, RetryLater), (42001, RetryLater), (40001, ConfigurationError)])
async def test_a_token_refused_twice_is_an_error(scene: Scene, errcode: int, kind: type[ApiError]) -> None:
    scene.platform.next("message/send", answers(errcode), answers(errcode), answers())
    with raises_clean(kind, errcode):
        await scene.client.send(MESSAGE)
    assert len(scene.platform.calls("message/send")) == 2


async def test_a_wrong_secret_is_not_tried_again_at_once(scene: Scene) -> None:
    client = scene.other_client(secret="wrong-" + SECRET)
    for _ in range(5):
        with raises_clean(ConfigurationError, 40001):
            await client.send(MESSAGE)
    assert len(scene.platform.calls("gettoken")) == 1
    scene.clock.now += HOLD
    with raises_clean(ConfigurationError, 40001):
        await client.send(MESSAGE)
    assert len(scene.platform.calls("gettoken")) == 2
    assert scene.platform.calls("message/send") == []


async def test_all_who_wait_for_a_token_share_its_failure(scene: Scene) -> None:
    scene.platform.next("gettoken", answers(-1))
    failures = await asyncio.gather(*(scene.client.send(MESSAGE) for _ in range(20)), return_exceptions=True)
    assert {type(failure) for failure in failures} == {RetryLater}
    assert len(scene.platform.calls("gettoken")) == 1
    scene.clock.now += 1
    assert await scene.client.send(MESSAGE)


async def test_a_caller_that_gives_up_leaves_the_refresh_to_the_next(scene: Scene) -> None:
    scene.platform.next("gettoken", scene.platform.stalls)
    impatient = asyncio.create_task(scene.client.authenticate())
    patient = asyncio.create_task(scene.client.authenticate())
    await scene.platform.stalled.wait()
    impatient.cancel()
    await patient
    assert scene.platform.issued == 1


@pytest.mark.parametrize("answer", [answers(), answers(access_token="", expires_in=7200), answers(access_token="t")])
async def test_an_answer_without_a_token_is_an_error(scene: Scene, answer: Behaviour) -> None:
    scene.platform.next("gettoken", answer)
    with raises_clean(RetryLater):
        await scene.client.authenticate()


# --- refusals


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (-1, RetryLater),
        (45009, RetryLater),
        (45033, RetryLater),
        (60020, ConfigurationError),
        (301002, ConfigurationError),
        (50003, ConfigurationError),
        (40003, PermanentError),
        (40008, PermanentError),
        (45002, PermanentError),
        (81013, NobodyReached),
        (99999999, PermanentError),
    ],
)
async def test_a_refusal_says_who_must_act_and_is_not_repeated(
    scene: Scene, errcode: int, kind: type[ApiError]
) -> None:
    scene.platform.next("message/send", answers(errcode, "words\nof token-1"))
    with raises_clean(kind, errcode):
        await scene.client.send(MESSAGE)
    assert len(scene.platform.calls("message/send")) == 1


async def test_a_rate_limit_says_how_long_to_wait(scene: Scene) -> None:
    scene.platform.next("message/send", answers(45009))
    with pytest.raises(RetryLater) as caught:
        await scene.client.send(MESSAGE)
    assert caught.value.after >= 60


async def test_an_untrusted_address_is_named_in_the_platforms_words(scene: Scene) -> None:
    scene.platform.next("message/send", answers(60020, "not allow to access\nfrom your ip: 192.0.2.7"))
    with pytest.raises(ConfigurationError, match=r"trusted IPs \(not allow to access from your ip: 192\.0\.2\.7\)"):
        await scene.client.send(MESSAGE)


# --- the network


@pytest.mark.parametrize(
    "body",
    ["", "ok", "<html>", "[]", "null", "{}", '{"errcode":"0"}', '{"errcode":true}', '{"errcode":null}', "[" * 100_000],
)
async def test_an_answer_that_is_not_the_platforms_json_is_an_error(scene: Scene, body: str) -> None:
    scene.platform.next("message/send", says(body))
    scene.platform.next("agent/get", says(body))
    with raises_clean(UnknownOutcome):
        await scene.client.send(MESSAGE)
    with raises_clean(RetryLater):
        await scene.client.agent()


@pytest.mark.parametrize("status", [201, 204, 408, 500, 502, 503, 504])
async def test_a_server_error_leaves_open_whether_a_message_went_out(scene: Scene, status: int) -> None:
    scene.platform.next("message/send", says("", status))
    scene.platform.next("agent/get", says("", status))
    with raises_clean(UnknownOutcome):
        await scene.client.send(MESSAGE)
    with raises_clean(RetryLater):
        await scene.client.agent()


async def test_too_many_requests_are_to_be_repeated_later(scene: Scene) -> None:
    scene.platform.next("message/send", says("", 429))
    with raises_clean(RetryLater):
        await scene.client.send(MESSAGE)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407])
async def test_an_address_that_is_not_the_api_is_a_matter_of_configuration(scene: Scene, status: int) -> None:
    scene.platform.next("message/send", says("no such page", status))
    with raises_clean(ConfigurationError):
        await scene.client.send(MESSAGE)


async def test_a_token_is_not_carried_along_a_redirect(scene: Scene) -> None:
    scene.platform.next("message/send", says("", 302, Location="/elsewhere"))
    with raises_clean(ConfigurationError):
        await scene.client.send(MESSAGE)
    assert scene.platform.calls("/elsewhere") == scene.platform.calls("elsewhere") == []


async def test_a_send_that_times_out_has_an_unknown_outcome_and_is_not_repeated(scene: Scene) -> None:
    client = scene.other_client(timeout=0.2)
    await client.authenticate()
    scene.platform.next("message/send", scene.platform.stalls)
    with raises_clean(UnknownOutcome):
        await client.send(MESSAGE)
    assert len(scene.platform.calls("message/send")) == 1


async def test_a_question_that_times_out_may_be_asked_later(scene: Scene) -> None:
    client = scene.other_client(timeout=0.2)
    await client.authenticate()
    scene.platform.next("agent/get", scene.platform.stalls)
    with raises_clean(RetryLater):
        await client.agent()


async def test_a_send_cut_off_before_its_answer_has_an_unknown_outcome(scene: Scene) -> None:
    scene.platform.next("message/send", hangs_up)
    with raises_clean(UnknownOutcome):
        await scene.client.send(MESSAGE)
    assert len(scene.platform.calls("message/send")) == 1


async def test_a_question_cut_off_is_asked_once_more(scene: Scene) -> None:
    scene.platform.next("menu/create", hangs_up)
    await scene.client.create_menu({"button": []})
    assert len(scene.platform.calls("menu/create")) == 2
    scene.platform.next("menu/create", hangs_up, hangs_up, answers())
    with raises_clean(Unreachable):
        await scene.client.create_menu({"button": []})


async def test_a_failed_token_request_means_that_nothing_was_sent(scene: Scene) -> None:
    scene.platform.next("gettoken", *([hangs_up] * 5))
    with raises_clean(Unreachable):
        await scene.client.send(MESSAGE)
    assert scene.platform.calls("message/send") == []


async def test_a_platform_that_cannot_be_reached_got_nothing(scene: Scene) -> None:
    nowhere = scene.other_client(url=f"http://127.0.0.1:{unused_port()}")
    with raises_clean(Unreachable):
        await nowhere.send(MESSAGE)
    behind = scene.other_client(proxy=f"http://user:password@127.0.0.1:{unused_port()}")
    with raises_clean(Unreachable):
        await behind.send(MESSAGE)


@pytest.mark.parametrize("url", ["http://", "nonsense", "ftp://platform.invalid", "http://a..b", "http://[::1"])
async def test_an_address_that_is_none_is_a_matter_of_configuration(scene: Scene, url: str) -> None:
    with raises_clean(ConfigurationError):
        await scene.other_client(url=url).send(MESSAGE)
    with raises_clean(ConfigurationError):
        await scene.other_client(proxy="no-address").send(MESSAGE)


def foreign_errors(kind: type[Exception]) -> Iterator[type[Exception]]:
    yield kind
    for below in kind.__subclasses__():
        yield from foreign_errors(below)


FOREIGN: set[type[Exception]] = {TimeoutError, ConnectionResetError, OSError, *foreign_errors(aiohttp.ClientError)}


@pytest.mark.parametrize("kind", sorted(FOREIGN, key=repr))
def test_every_error_of_the_network_has_its_meaning(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    if isinstance(error, aiohttp.ClientResponseError):
        error.status = 502
    nothing_sent = issubclass(kind, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    for once in (True, False):
        failure = network_failure(error, "message/send", once=once)
        assert isinstance(failure, UnknownOutcome | RetryLater | ConfigurationError)
        assert isinstance(failure, Unreachable) or not nothing_sent
        assert once or not isinstance(failure, UnknownOutcome)


@pytest.mark.parametrize(("status", "kind"), [(407, ConfigurationError), (502, Unreachable)])
def test_a_proxy_that_refuses_passes_nothing_on(status: int, kind: type[ApiError]) -> None:
    error = aiohttp.ClientHttpProxyError.__new__(aiohttp.ClientHttpProxyError)
    error.status = status
    assert type(network_failure(error, "message/send", once=True)) is kind


async def test_no_log_line_shows_token_or_secret(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    scene.platform.next("gettoken", answers(-1, f"busy with {SECRET}"))
    scene.platform.next("message/send", answers(42001, "token-1 is over"), answers(-1, "busy with token-2"))
    with pytest.raises(RetryLater):
        await scene.client.send(MESSAGE)
    scene.clock.now += 1
    with pytest.raises(RetryLater):
        await scene.client.send(MESSAGE)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("pilotbot")]
    assert len(ours) >= 3
    assert not [line for line in ours if SECRET in line or "token-" in line]
