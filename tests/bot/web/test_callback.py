"""The callback address over HTTP: what is refused and how, what is answered, what is too late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree import ElementTree

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.compose import MAX_BODY
from bot.web import site
from bot.web.answers import BUSY, Answers
from bot.web.callback import PATH
from bot.web.callback import Callback as Address
from bot.wecom.crypto import Envelope
from handlers import texts
from handlers.model import Incoming, Kind, Reply
from handlers.replies import say
from tests.bot.wecom.vectors import AES_KEY, AGENT_ID, CORP_ID, TEXT, TOKEN, URL_CHECK, Vector

ENVELOPE = Envelope(TOKEN, AES_KEY, CORP_ID)
NOW, NONCE = "1700000000", "n"
Client = TestClient[web.Request, web.Application]


@dataclass
class Bot:
    """What stands behind the callback: answers with its text, after its delay, and remembers."""

    text: str = "好"
    delay: float = 0.0  # s
    error: Exception | None = None
    heard: list[Incoming] = field(default_factory=list)
    pushed: list[tuple[str, str]] = field(default_factory=list)
    push_error: Exception | None = None

    async def respond(self, incoming: Incoming) -> Reply:
        self.heard.append(incoming)
        await asyncio.sleep(self.delay)
        if self.error:
            raise self.error
        return say(self.text) if self.text else Reply()

    async def push(self, incoming: Incoming, text: str) -> None:
        if self.push_error:
            raise self.push_error
        self.pushed.append((incoming.user, text))


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def client(bot: Bot) -> AsyncIterator[Client]:
    address = Address(ENVELOPE, CORP_ID, AGENT_ID, bot.respond, bot.push, patience=0.2)
    app = web.Application(client_max_size=MAX_BODY)
    site.install(app, "http://localhost")
    app.add_routes(address.routes())
    app.on_shutdown.append(lambda _: address.close())
    async with TestClient(TestServer(app)) as client:
        yield client


def query(vector: Vector, **changes: str) -> dict[str, str]:
    return {"msg_signature": vector.signature, "timestamp": vector.timestamp, "nonce": vector.nonce, **changes}


def envelope(encrypted: str) -> bytes:
    return f"<xml><ToUserName>{CORP_ID}</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()


def sealed(plain: str, key: Envelope = ENVELOPE) -> tuple[dict[str, str], bytes]:
    """Query and body of a genuine delivery of any plaintext."""
    made = key.seal(plain.encode(), NOW, NONCE, b"0123456789abcdef")
    return {"msg_signature": made.signature, "timestamp": NOW, "nonce": NONCE}, envelope(made.encrypted)


def message(**fields: str) -> str:
    given = {
        "ToUserName": CORP_ID,
        "FromUserName": "ZhangSan",
        "CreateTime": NOW,
        "MsgType": "text",
        "Content": "你好",
        "MsgId": "1",
        "AgentID": str(AGENT_ID),
    } | fields
    return "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in given.items() if value) + "</xml>"


async def post(client: Client, plain: str) -> tuple[int, str]:
    """Delivers a plaintext; status and the decrypted reply, or the plain body where there is none."""
    parameters, body = sealed(plain)
    response = await client.post(PATH, params=parameters, data=body)
    content = await response.text()
    if response.status != 200 or not content:
        return response.status, content
    outer = ElementTree.fromstring(content)  # noqa: S314  our own
    encrypted = outer.findtext("Encrypt") or ""
    ENVELOPE.verify(
        outer.findtext("MsgSignature") or "",
        outer.findtext("TimeStamp") or "",
        outer.findtext("Nonce") or "",
        encrypted,
    )
    return response.status, ENVELOPE.open(encrypted).decode()


async def test_saving_the_address_gets_the_bare_echo(client: Client) -> None:
    response = await client.get(PATH, params=query(URL_CHECK, echostr=URL_CHECK.encrypted))
    assert (response.status, await response.read()) == (200, URL_CHECK.plain)


async def test_a_plus_that_became_a_space_breaks_the_signature(client: Client) -> None:
    response = await client.get(PATH, params=query(URL_CHECK, echostr=URL_CHECK.encrypted.replace("+", " ")))
    assert response.status == 403


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce", "echostr"])
async def test_every_parameter_must_be_there_exactly_once(client: Client, name: str) -> None:
    given = query(URL_CHECK, echostr=URL_CHECK.encrypted)
    for parameters in (
        [(k, v) for k, v in given.items() if k != name],
        [*given.items(), (name, given[name])],
        [*((k, v) for k, v in given.items() if k != name), (name, "")],
    ):
        response = await client.get(PATH, params=parameters)
        assert (response.status, await response.text()) == (400, f"the parameter {name} must be there exactly once\n")


async def test_a_message_with_a_known_answer_is_heard(client: Client, bot: Bot) -> None:
    response = await client.post(PATH, params=query(TEXT), data=envelope(TEXT.encrypted))
    assert response.status == 200
    (heard,) = bot.heard
    assert (heard.user, heard.kind, heard.text) == ("zhangsan", Kind.TEXT, "你好, pilot")


async def test_the_reply_is_sealed_for_the_sender(client: Client, bot: Bot) -> None:
    bot.text = "一 ]]> 二"
    status, plain = await post(client, message())
    inner = ElementTree.fromstring(plain)  # noqa: S314  our own
    assert status == 200
    assert [inner.findtext(name) for name in ("ToUserName", "FromUserName", "MsgType", "Content")] == [
        "ZhangSan",
        CORP_ID,
        "text",
        "一 ]]> 二",
    ]


async def test_no_reply_is_an_empty_200(client: Client, bot: Bot) -> None:
    bot.text = ""
    assert await post(client, message()) == (200, "")


async def test_a_failure_of_ours_is_told_politely_and_logged_without_the_message(
    client: Client, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.error = RuntimeError("disk on fire")
    status, plain = await post(client, message(Content="秘密"))
    assert status == 200
    assert "抱歉" in plain
    assert "disk on fire" in caplog.text
    assert "秘密" not in caplog.text


async def test_what_takes_too_long_gets_an_empty_200_and_its_answer_by_push(client: Client, bot: Bot) -> None:
    bot.delay = 0.4
    assert await post(client, message()) == (200, "")
    assert bot.pushed == []
    await asyncio.sleep(0.4)
    assert bot.pushed == [("zhangsan", "好")]


async def test_a_push_that_fails_is_one_line_in_the_log(
    client: Client, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    bot.delay, bot.push_error = 0.3, RuntimeError("no route")
    await post(client, message())
    await asyncio.sleep(0.3)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == [
        f"the late answer to {AGENT_ID}:zhangsan:1 was not sent: no route"
    ]


async def test_closing_waits_for_late_answers(bot: Bot) -> None:
    address = Address(ENVELOPE, CORP_ID, AGENT_ID, bot.respond, bot.push, patience=0.01)
    bot.delay = 0.2
    app = web.Application()
    app.add_routes(address.routes())
    app.on_shutdown.append(lambda _: address.close())
    async with TestClient(TestServer(app)) as client:
        await post(client, message())
    assert bot.pushed == [("zhangsan", "好")]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("nothing", b""),
        ("no XML", b"hello"),
        ("cut off", b"<xml><Encrypt>abc"),
        ("another root", b"<html><Encrypt>abc</Encrypt></html>"),
        ("nothing encrypted", b"<xml><ToUserName>a</ToUserName></xml>"),
        ("two ciphertexts", b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>"),
        ("entities", b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'),
        ("no UTF-8", b"<xml><Encrypt>\xff</Encrypt></xml>"),
        ("deep nesting", b"<a>" * 5000 + b"</a>" * 5000),
    ],
)
async def test_a_broken_envelope_is_400_with_one_line(client: Client, bot: Bot, what: str, body: bytes) -> None:
    response = await client.post(PATH, params=query(TEXT), data=body)
    text = await response.text()
    assert (what, response.status, text.count("\n")) == (what, 400, 1)
    assert bot.heard == []


async def test_a_wrong_signature_is_403(client: Client, bot: Bot) -> None:
    for signature in ("0" * 40, TEXT.signature.upper(), "x", "é" * 40):
        response = await client.post(PATH, params=query(TEXT, msg_signature=signature), data=envelope(TEXT.encrypted))
        assert response.status == 403
    assert bot.heard == []


@pytest.mark.parametrize(
    "plain",
    [
        "no xml",
        "<xml></xml>",
        message(MsgType=""),
        message(FromUserName=""),
        message(CreateTime="soon"),
        message(MsgId="x"),
        message(MsgType="event", Event="", MsgId=""),
    ],
)
async def test_a_genuine_delivery_of_nonsense_is_400(client: Client, bot: Bot, plain: str) -> None:
    status, text = await post(client, plain)
    assert (status, text.count("\n"), bot.heard) == (400, 1, [])


async def test_what_is_meant_for_somebody_else_is_400(client: Client) -> None:
    foreign = Envelope(TOKEN, AES_KEY, "ww0123456789abcdeF")
    parameters, body = sealed(message(), foreign)
    assert (await client.post(PATH, params=parameters, data=body)).status == 400
    assert (await post(client, message(AgentID="7")))[0] == 400


async def test_more_than_a_mebibyte_is_413(client: Client, bot: Bot) -> None:
    response = await client.post(PATH, params=query(TEXT), data=BytesIO(b" " * (MAX_BODY + 1)))
    assert response.status == 413
    assert bot.heard == []


@pytest.mark.parametrize("method", ["put", "delete", "head"])
async def test_other_methods_are_405(client: Client, method: str) -> None:
    ask: Callable[..., Awaitable[object]] = getattr(client, method)
    response = await ask(PATH)
    assert getattr(response, "status", None) == 405


async def test_an_unknown_event_is_acknowledged(client: Client, bot: Bot) -> None:
    bot.text = ""
    assert await post(client, message(MsgType="event", Event="open_approval_change", MsgId="", Content="")) == (200, "")
    assert [incoming.kind for incoming in bot.heard] == [Kind.OTHER]


async def test_one_line_of_log_for_each_message_without_its_text(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pilotbot.callback")
    await post(client, message(Content="我的工资"))
    (line,) = (r.getMessage() for r in caplog.records if r.name == "pilotbot.callback")
    assert line.startswith("text reply in ")
    assert "工资" not in line


async def test_what_people_say_is_in_the_log_only_where_debugging_is_on(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pilotbot.callback")
    await post(client, message(Content="我的工资"))
    assert [r.levelno for r in caplog.records if "我的工资" in r.getMessage()] == [logging.DEBUG]


@pytest.fixture
def flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    """More is asked than can even wait."""

    async def full(*_: object) -> tuple[None, Reply]:
        return None, BUSY

    monkeypatch.setattr(Answers, "in_time", full)


@pytest.mark.usefixtures("flooded")
async def test_who_is_asked_to_come_back_is_told_so_unread(client: Client, bot: Bot) -> None:
    status, reply = await post(client, message())
    assert (status, bot.heard) == (200, [])
    assert texts.BUSY in reply
    assert "<ToUserName><![CDATA[ZhangSan]]>" in reply
    assert (await post(client, "<xml><Content>wer bin ich</Content></xml>"))[0] == 400


@pytest.mark.usefixtures("flooded")
async def test_an_event_has_its_effect_however_much_is_asked(client: Client, bot: Bot) -> None:
    left = message(MsgType="event", Event="unsubscribe", MsgId="", Content="")
    status, reply = await post(client, left)
    assert (status, [incoming.kind for incoming in bot.heard]) == (200, [Kind.LEAVE])
    assert texts.BUSY not in reply
