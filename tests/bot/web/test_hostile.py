"""What strangers may try on the callback and the pages: whatever it is, no failure of ours and nothing repeated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.compose import MAX_BODY
from bot.web import site
from bot.web.callback import PATH
from bot.web.callback import Callback as Address
from tests.bot.web import conftest
from tests.bot.web.test_callback import ENVELOPE, Bot, Client, envelope, message, post, query, sealed
from tests.bot.wecom.vectors import AGENT_ID, CORP_ID, TEXT

FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
TAGS = st.sampled_from(
    "xml Encrypt ToUserName FromUserName CreateTime MsgType Content MsgId AgentID Event EventKey".split()
)
XMLISH = st.lists(
    TAGS.map("<{}>".format)
    | TAGS.map("</{}>".format)
    | st.sampled_from(
        ["<![CDATA[", "]]>", "&amp;", "&#0;", "&a;", "<?xml?>", "<!--", "-->", "<!DOCTYPE a>", "\0", "\ufeff"]
    )
    | st.text(max_size=8),
    max_size=25,
).map("".join)


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
async def callback(bot: Bot) -> AsyncIterator[Client]:
    """The callback as the service mounts it."""
    app = web.Application(client_max_size=MAX_BODY)
    site.install(app, "http://localhost")
    app.add_routes(Address(ENVELOPE, CORP_ID, AGENT_ID, bot.respond, bot.push).routes())
    async with TestClient(TestServer(app)) as made:
        yield made


@FUZZ
@given(body=st.binary(max_size=200) | XMLISH.map(lambda text: text.encode(errors="surrogatepass")))
async def test_no_outer_layer_makes_us_fail(callback: Client, bot: Bot, body: bytes) -> None:
    response = await callback.post(PATH, params=query(TEXT), data=body)
    assert response.status in (400, 403)
    assert "Traceback" not in await response.text()
    assert bot.heard == []


@FUZZ
@given(plain=XMLISH | st.text(max_size=50).map(lambda text: message(Content=text or "x")))
async def test_no_inner_layer_makes_us_fail(callback: Client, plain: str) -> None:
    parameters, body = sealed(plain.encode(errors="replace").decode())
    response = await callback.post(PATH, params=parameters, data=body)
    assert response.status in (200, 400)


@FUZZ
@given(at=st.integers(0, len(TEXT.encrypted) - 1), to=st.characters(max_codepoint=0x2FFF))
async def test_no_tampered_ciphertext_is_opened(callback: Client, bot: Bot, at: int, to: str) -> None:
    tampered = TEXT.encrypted[:at] + escape(to) + TEXT.encrypted[at + 1 :]
    if tampered == TEXT.encrypted:
        return
    response = await callback.post(PATH, params=query(TEXT), data=envelope(tampered).replace(b"\0", b""))
    assert response.status in (400, 403)
    assert bot.heard == []


@FUZZ
@given(said=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
async def test_what_somebody_typed_comes_back_as_plain_text_or_not_at_all(
    callback: Client, bot: Bot, said: str
) -> None:
    bot.heard.clear()
    parameters, body = sealed(message(Content=escape(said) or "x"))
    response = await callback.post(PATH, params=parameters, data=body)
    assert response.status in (200, 400)
    assert all(incoming.user == "zhangsan" for incoming in bot.heard)


@pytest.mark.parametrize("plain", [
    BOMB + "]><xml><Content>&j;</Content></xml>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Content>&e;</Content></xml>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml/>',
    '<xml xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></xml>',
    "<xml>" + "<a>" * 1000 + "</a>" * 1000 + "</xml>",
    "<xml>" + "<a/>" * 5000 + "</xml>",
])  # fmt: skip
async def test_bombs_and_foreign_entities_are_refused_in_either_layer(callback: Client, bot: Bot, plain: str) -> None:
    assert (await post(callback, plain))[0] == 400
    outer = await callback.post(PATH, params=query(TEXT), data=plain.encode())
    assert outer.status == 400
    assert "root:" not in await outer.text()
    assert bot.heard == []


@pytest.mark.parametrize("parameter", ["msg_signature", "timestamp", "nonce"])
async def test_a_parameter_that_is_missing_empty_or_repeated_is_400(callback: Client, bot: Bot, parameter: str) -> None:
    given_ = list(query(TEXT).items())
    without = [(name, value) for name, value in given_ if name != parameter]
    twice = [*given_, (parameter, query(TEXT)[parameter])]
    for parameters in (without, [*without, (parameter, "")], twice):
        response = await callback.post(PATH, params=parameters, data=envelope(TEXT.encrypted))
        assert response.status == 400
    assert bot.heard == []


@pytest.mark.parametrize("path", [
    "/wecom/callback/", "/wecom/../wecom/callback", "/wecom/callback%00", "/wecom/callback%2f..",
    "/static/../../etc/passwd", "/static/x/..%2f..%2fpages.py", "/measures/%2e%2e/%2e%2e", "/measures/a%00/1.1",
    "/measures?q=%ff%fe", "/measures?page=-1", "/measures?page=99999999999999999999", "/measures?sector=%00",
    "/measures?q=%E2%80%AEabc%0d%0aSet-Cookie:x=1",
])  # fmt: skip
async def test_no_trick_with_a_path_leads_anywhere(client: conftest.Client, path: str) -> None:
    for method in ("GET", "POST", "DELETE", "PROPFIND"):
        response = await client.request(method, path, allow_redirects=False)
        assert response.status < 500
        assert "Set-Cookie" not in response.headers
        assert "root:" not in await response.text()


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "{{7*7}}", "{% x %}"]
)
async def test_what_is_typed_into_a_page_stays_text(client: conftest.Client, typed: str) -> None:
    for path in ("/measures", "/none"):
        html = await (await client.get(path, params={"q": typed, "sector": typed, "document": typed})).text()
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert ">49<" not in html


@pytest.mark.parametrize(("path", "status"), [("/none", 404), ("/measures/x/y", 404), ("/fails", 500)])
async def test_error_pages_speak_chinese_and_carry_the_policy(client: conftest.Client, path: str, status: int) -> None:
    response = await client.get(path)
    html = await response.text()
    assert response.status == status
    assert 'lang="zh' in html
    assert "hunter2" not in html
    assert "unsafe-inline" not in response.headers["Content-Security-Policy"]
    assert "<script>" not in html
    assert " style=" not in html
    assert (await client.post("/measures")).status == 405
