"""An admin's browser, as far as links and forms go, over the real service beside the stand-in platform."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, FormData

from bot import demo_service
from bot.demo.platform import Platform
from bot.settings import Settings

TOKEN = "correct horse battery"
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
FORM = re.compile(r'name="form_token" value="([0-9a-f]*)"')


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    path: str  # after redirects
    html: str
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """What a person reads, spaces folded."""
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", self.html)).split())

    def value(self, name: str) -> str:
        """The value of an input, or a text area's text."""
        found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', self.html)
        found = found or re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n?([^<]*)</textarea>', self.html)
        assert found, name
        return html.unescape(found[1])

    def form(self) -> dict[str, str]:
        """The fields of a measure's form as they stand."""
        inputs = re.findall(r'<input id="(\w+)" name="\w+" type="\w+" value="([^"]*)"', self.html)
        areas = re.findall(r'<textarea id="(\w+)"[^>]*>\n?([^<]*)</textarea>', self.html)
        selects = re.findall(r'<select id="(\w+)".*?>(.*?)</select>', self.html, re.DOTALL)
        chosen = [(name, found[1]) for name, o in selects if (found := re.search(r'value="([^"]*)" selected', o))]
        return {name: html.unescape(value) for name, value in (*inputs, *areas, *chosen)} | {
            "form_token": self.token,
            "revision": self.value("revision") if 'name="revision"' in self.html else "",
        }

    @property
    def token(self) -> str:
        found = FORM.search(self.html)
        return found[1] if found else ""


class Browser:
    """Keeps cookies, and sends forms with the token of the page that holds them."""

    def __init__(self, base: str, session: ClientSession) -> None:
        self.base = base
        self.session = session

    async def open(self, path: str, **more: Any) -> Page:
        async with self.session.get(self.base + path, **more) as answer:
            return Page(answer.status, answer.url.path, await answer.text(), dict(answer.headers))

    async def send(self, path: str, fields: Mapping[str, str] | FormData, **more: Any) -> Page:
        async with self.session.post(self.base + path, data=fields, **more) as answer:
            return Page(answer.status, answer.url.path, await answer.text(), dict(answer.headers))

    async def fill(self, path: str, fields: Mapping[str, str], where: str | None = None) -> Page:
        """Sends a form that stands on the page `where`, or on `path` itself."""
        page = await self.open(where or path)
        return await self.send(path, {"form_token": page.token} | dict(fields))

    async def settled(self, page: Page) -> Page:
        """The page of an import once its work is done."""
        while "<progress" in page.html:
            page = await self.open(page.path)
        return page

    async def sign_in(self, token: str = TOKEN) -> Page:
        return await self.fill("/admin/sign-in", {"token": token})


@dataclass(frozen=True, slots=True)
class Service:
    base: str
    platform: Platform

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Browser]:
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            yield Browser(self.base, session)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Browser]:
        async with self.stranger() as browser:
            assert (await browser.sign_in()).status == 200
            yield browser

    async def ask(self, user: str, *messages: str) -> str:
        """What the chat answers to the last of them."""
        for message in messages:
            await self.platform.say(user, message)
        return self.platform.replies(user)[-1]


@asynccontextmanager
async def running(folder: Path, **configured: Any) -> AsyncIterator[Service]:
    values: dict[str, Any] = {"admin_tokens": f"li:{TOKEN}", "admin_users": "wangfang"} | configured
    settings = Settings(port=0, data_dir=folder, clock=NOW, log_level="warning", **values)
    async with demo_service.running(settings) as (base, platform):
        yield Service(base, platform)
