from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.web.requests import Networks, client_of, patient
from bot.web.site import install
from knowledge import trace
from tests.bot.web.conftest import Client

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"))


async def who(request: web.Request) -> web.Response:
    return web.json_response({"remote": request.remote, "scheme": request.scheme, "id": trace.current()})


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


def app(trusted: Networks) -> web.Application:
    made = web.Application()
    install(made, "https://pilot.example", trusted=trusted)
    made.add_routes([web.get("/who", who)])
    return made


@pytest.fixture
async def behind() -> AsyncIterator[Client]:
    async with TestClient(TestServer(app(PROXIES))) as client:
        yield client


@pytest.fixture
async def alone() -> AsyncIterator[Client]:
    async with TestClient(TestServer(app(()))) as client:
        yield client


STATED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Request-Id": "abc-1"}


async def test_a_trusted_proxy_is_believed(behind: Client) -> None:
    response = await behind.get("/who", headers=STATED)
    assert await response.json() == {"remote": "203.0.113.9", "scheme": "https", "id": "abc-1"}
    assert response.headers["X-Request-Id"] == "abc-1"


async def test_anybody_else_is_not(alone: Client) -> None:
    response = await alone.get("/who", headers=STATED)
    told = await response.json()
    assert (told["remote"], told["scheme"]) == ("127.0.0.1", "http")
    assert told["id"] == response.headers["X-Request-Id"] != "abc-1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),  # what is left of it was stated by the client itself
        ("10.9.9.9", "10.9.9.9"),
        ("", "127.0.0.1"),
        ("nonsense", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_client_is_whoever_the_nearest_trusted_proxy_saw(forwarded: str, client: str) -> None:
    headers: Mapping[str, str] = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="127.0.0.1")
    assert client_of(request, PROXIES) == client


@pytest.mark.parametrize("id_", ["a b", "x" * 65, "a\u00e9", ""])
async def test_an_id_that_could_break_a_log_is_not_taken(behind: Client, id_: str) -> None:
    response = await behind.get("/who", headers={"X-Request-Id": id_})
    assert (await response.json())["id"] != id_


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    made = web.Application(middlewares=[patient(0.1)])
    made.add_routes([web.post("/echo", echo)])

    async def slow() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.sleep(0.5)
        yield b"b"

    async with TestClient(TestServer(made)) as client:
        assert (await client.post("/echo", data=slow())).status == 408
        assert await (await client.post("/echo", data=b"ab")).read() == b"ab"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", 'a"><script>'])
async def test_the_host_header_never_comes_back(alone: Client, host: str) -> None:
    for path in ("/none", "/who"):
        response = await alone.get(path, headers={"Host": host, "X-Forwarded-Host": "worse.example"})
        text = await response.text() + str(response.headers)
        assert "evil" not in text
        assert "worse" not in text
        assert "<script" not in text
