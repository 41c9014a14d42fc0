"""A small app of another make behind the stand-in platform: it repeats what it hears. Opened and sealed by wechatpy."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from xml.etree import ElementTree

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.demo.model import Account, Person, Timing
from bot.demo.platform import Platform
from bot.demo.site import mount

ACCOUNT = Account("ww0123456789abcdef", 1000002, "s3cret", "t0ken", "a" * 42 + "A", "回声")
ANN, BOB = Person("Ann", "安", "员工"), Person("bob", "鲍", "员工", licensed=False)
EVE = Person("eve", "叶", "员工")
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
QUICK = Timing(answer=0.5, verify=0.5)  # seconds

TEXT = (
    "<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
    "<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content></xml>"
)

Answer = Callable[[dict[str, str]], Awaitable[web.Response]]


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **period: float) -> None:
        self.now += timedelta(**period)


@dataclass
class Echo:
    """What the app heard, and how it answers next; without a plan it repeats the text."""

    crypto: WeChatCrypto = field(default_factory=lambda: WeChatCrypto(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.corp_id))
    heard: list[dict[str, str]] = field(default_factory=list)  # the fields of each delivery, decrypted
    nonces: list[str] = field(default_factory=list)
    plans: list[Answer] = field(default_factory=list)
    echo_suffix: str = ""  # what the URL check gets too much

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/callback", self.verify)
        app.router.add_post("/callback", self.receive)
        return app

    async def verify(self, request: web.Request) -> web.Response:
        query = request.query
        echo = self.crypto.check_signature(query["msg_signature"], query["timestamp"], query["nonce"], query["echostr"])
        return web.Response(text=f"{echo}{self.echo_suffix}")

    async def receive(self, request: web.Request) -> web.Response:
        query = request.query
        plain = self.crypto.decrypt_message(
            await request.text(), query["msg_signature"], query["timestamp"], query["nonce"]
        )
        heard = {child.tag: child.text or "" for child in ElementTree.fromstring(plain)}  # noqa: S314  our own stand-in's
        self.heard.append(heard)
        self.nonces.append(query["nonce"])
        return await (self.plans.pop(0) if self.plans else self.repeat)(heard)

    async def repeat(self, heard: dict[str, str]) -> web.Response:
        if heard["MsgType"] != "text":
            return web.Response()
        content = heard["Content"].replace("]]>", "]]]]><![CDATA[>")
        return self.sealed(TEXT.format(to=heard["FromUserName"], sender=ACCOUNT.corp_id, content=content))

    def sealed(self, plain: str) -> web.Response:
        return web.Response(text=self.crypto.encrypt_message(plain, "nonce", "1"))

    def answers(self, text: str, status: int = 200) -> None:
        """The next delivery is answered so."""

        async def answer(_: dict[str, str]) -> web.Response:
            return web.Response(text=text, status=status)

        self.plans.append(answer)


@dataclass(frozen=True)
class Stage:
    """The app, the platform around it, and the platform's API over HTTP."""

    echo: Echo
    platform: Platform
    clock: Clock
    session: ClientSession
    address: str

    async def call(self, path: str, body: dict[str, Any] | None = None, /, **query: str) -> dict[str, Any]:
        """One call of the API as an app makes it: a POST with a body, else a GET."""
        method, url = ("GET" if body is None else "POST"), f"{self.address}/cgi-bin/{path}"
        async with self.session.request(method, url, params=query, json=body) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def token(self) -> str:
        answer = await self.call("gettoken", corpid=ACCOUNT.corp_id, corpsecret=ACCOUNT.secret)
        return str(answer["access_token"])

    async def send(self, content: str, to: str = "Ann", **more: object) -> dict[str, Any]:
        """message/send of a text."""
        message = {"touser": to, "msgtype": "text", "agentid": ACCOUNT.agent_id, "text": {"content": content}, **more}
        return await self.call("message/send", message, access_token=await self.token())


@asynccontextmanager
async def staged(timing: Timing = QUICK, accounts: int = 200) -> AsyncIterator[Stage]:
    echo, clock = Echo(), Clock()
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        callback = await stack.enter_async_context(TestServer(echo.app()))
        platform = Platform(
            ACCOUNT,
            str(callback.make_url("/callback")),
            session,
            clock,
            people=(ANN, BOB, EVE),
            timing=timing,
            accounts=accounts,
            trusted_domain="app.example",
            random=Random(7),
        )
        around = web.Application()
        mount(around, platform)
        server = await stack.enter_async_context(TestServer(around))
        yield Stage(echo, platform, clock, session, str(server.make_url("")).rstrip("/"))
