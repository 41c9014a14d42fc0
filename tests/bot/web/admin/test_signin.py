"""The door: who comes in, how, and for how long."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from bot import compose, demo_service
from bot.demo.model import Account
from bot.settings import Settings
from bot.web.admin.attempts import LIMIT, Attempts
from bot.web.admin.session import Seal, Session
from tests.bot.web.admin.desk import Browser, Service, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_no_page_opens_without_signing_in(stranger: Browser) -> None:
    for path in ("/admin", "/admin/", "/admin/measures", "/admin/audit", "/admin/explain", "/admin/measures/new"):
        page = await stranger.open(path)
        assert (page.status, page.path) == (200, "/admin/sign-in")


async def test_a_token_opens_the_door_and_leads_to_the_page_that_was_wanted(stranger: Browser) -> None:
    wanted = await stranger.open("/admin/audit")
    page = await stranger.send(
        "/admin/sign-in",
        {"form_token": wanted.token, "token": "correct horse battery", "next": wanted.value("next")},
    )
    assert page.path == "/admin/audit"
    assert "li" in page.text
    assert "登录" in page.text  # on record


async def test_a_sign_in_never_leads_to_another_site(stranger: Browser) -> None:
    for next_ in ("https://evil.invalid/", "//evil.invalid/", "/admin/../\\evil.invalid"):
        token = (await stranger.open("/admin/sign-in")).token
        page = await stranger.send(
            "/admin/sign-in",
            {"form_token": token, "token": "correct horse battery", "next": next_},
            allow_redirects=False,
        )
        assert page.headers["Location"] == "/admin/"


async def test_the_cookie_is_strict_and_out_of_the_reach_of_scripts(stranger: Browser) -> None:
    token = (await stranger.open("/admin/sign-in")).token
    page = await stranger.send(
        "/admin/sign-in", {"form_token": token, "token": "correct horse battery"}, allow_redirects=False
    )
    cookie = page.headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/admin", "Max-Age=43200"):
        assert attribute in cookie
    assert "Secure" not in cookie  # the service speaks http here


async def test_on_https_the_cookie_is_secure(tmp_path: Path) -> None:
    async with running(tmp_path, public_url="https://pilot.example") as service, service.stranger() as browser:
        page = await browser.open("/admin/sign-in")
        assert "Secure" in page.headers["Set-Cookie"]


async def test_a_wrong_token_is_refused_and_the_sixth_try_is_not_even_looked_at(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.stranger() as browser:
        for _ in range(LIMIT):
            page = await browser.sign_in("wrong")
            assert page.status == 403
            assert "口令不对" in page.text
        page = await browser.sign_in()
        assert page.status == 429
        assert "五分钟后" in page.text


async def test_without_tokens_the_form_is_403_in_a_plain_sentence(tmp_path: Path) -> None:
    async with running(tmp_path, admin_tokens="") as service, service.stranger() as browser:
        page = await browser.open("/admin/")
        assert page.status == 403
        assert "没有设置管理口令" in page.text
        assert "用企业微信登录" in page.text


async def test_without_tokens_and_admins_nobody_signs_in(tmp_path: Path) -> None:
    async with running(tmp_path, admin_tokens="", admin_users="") as service, service.stranger() as browser:
        page = await browser.open("/admin/sign-in")
        assert page.status == 403
        assert "还没有开通" in page.text
        assert (await browser.open("/admin/wecom")).status == 403


async def test_in_the_demo_one_of_its_people_is_an_admin_without_any_configuration(tmp_path: Path) -> None:
    settings = Settings(port=0, data_dir=tmp_path, log_level="warning")
    async with demo_service.running(settings) as (base, platform), Service(base, platform).stranger() as browser:
        assert "用企业微信登录" in (await browser.open("/admin/")).text
        people = await browser.open("/admin/wecom")
        wang = re.search(r'href="([^"]+user=wangfang)"', people.html)
        assert wang
        assert "进入管理页面" in (await browser.open(html.unescape(wang[1]))).text
        assert (await browser.open("/admin/")).path == "/admin/measures"


async def test_an_admin_signs_in_inside_wechat_work(service: Service, stranger: Browser) -> None:
    asked = await stranger.open("/admin/wecom", allow_redirects=False, headers={"User-Agent": "wxwork/4.1"})
    assert "/connect/oauth2/authorize?" in asked.headers["Location"]
    async with stranger.session.get(
        f"{asked.headers['Location']}&user=wangfang".replace("#wechat_redirect", "")
    ) as page:
        assert page.status == 200
        assert "进入管理页面" in await page.text()
    inside = await stranger.open("/admin/")
    assert inside.path == "/admin/measures"
    assert "wangfang" in inside.text


async def test_behind_a_relay_of_the_api_people_still_sign_in_at_the_platform(tmp_path: Path) -> None:
    account = replace(Account.made_up("App"), corp_id="ww0123456789abcdef")
    settings = demo_service.connected(Settings(data_dir=tmp_path), account, "https://relay.invalid")
    async with (
        compose.opened(settings, compose.clock_of(settings)) as core,
        ClientSession() as session,
        TestServer(compose.web_app(core, compose.wecom_for(core, session))) as server,
    ):
        ask = partial(session.get, server.make_url("/admin/wecom"), allow_redirects=False)
        async with ask(headers={"User-Agent": "wxwork/4.1"}) as inside, ask() as outside:
            assert inside.headers["Location"].startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
            assert outside.headers["Location"].startswith("https://login.work.weixin.qq.com/wwlogin/sso/login?")


async def test_others_do_not_get_in_through_wechat_work(service: Service, stranger: Browser) -> None:
    other = next(p.user for p in service.platform.people if p.user.lower() != "wangfang")
    asked = await stranger.open("/admin/wecom", allow_redirects=False)
    assert "/wwlogin/sso/login?" in asked.headers["Location"]
    async with stranger.session.get(f"{asked.headers['Location']}&user={other}") as page:
        assert page.status == 403
        assert "不在管理员名单里" in await page.text()
    assert (await stranger.open("/admin/")).path == "/admin/sign-in"


async def test_an_answer_of_the_platform_counts_only_in_the_browser_that_asked(stranger: Browser) -> None:
    assert (await stranger.open("/admin/oauth?code=abc&state=def")).status == 403


async def test_a_form_without_its_token_changes_nothing(admin: Browser) -> None:
    page = await admin.send("/admin/sign-out", {})
    assert page.status == 403
    assert "页面已过期" in page.text
    assert (await admin.open("/admin/")).path == "/admin/measures"


async def test_signing_out_closes_the_door(admin: Browser) -> None:
    await admin.fill("/admin/sign-out", {}, where="/admin/measures")
    assert (await admin.open("/admin/measures")).path == "/admin/sign-in"


async def test_a_session_ends_with_its_time_and_cannot_be_made_up() -> None:
    seal, now = Seal(b"k" * 32), datetime(2026, 1, 1, tzinfo=UTC)
    cookie = seal.session(Session("li", "token", now.timestamp() + 60, "n"))
    assert seal.opened(cookie, now) == Session("li", "token", now.timestamp() + 60, "n")
    assert seal.opened(cookie, now + timedelta(seconds=60)) is None
    assert Seal(b"other" * 8).opened(cookie, now) is None
    for forged in ("", ".", "e30=.", cookie[:-1], "x" + cookie, cookie.replace(".", "é.")):
        assert seal.opened(forged, now) is None


async def test_another_token_of_the_same_name_ends_the_sessions(tmp_path: Path) -> None:
    async with running(tmp_path) as service, service.admin() as browser:
        cookies = {c.key: c.value for c in browser.session.cookie_jar}
    async with running(tmp_path, admin_tokens="li:another") as service, service.stranger() as browser:
        page = await browser.open("/admin/measures", cookies={"pilotbot_admin": cookies["pilotbot_admin"]})
        assert page.path == "/admin/sign-in"


async def test_failures_are_forgotten_after_the_window() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    attempts = Attempts(lambda: now[0], limit=2, window=timedelta(minutes=5))
    attempts.failed("a")
    attempts.failed("a")
    assert not attempts.is_open("a")
    assert attempts.is_open("b")
    now[0] += timedelta(minutes=5)
    assert attempts.is_open("a")
