"""Puts a platform on a web application."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.demo import texts
from bot.demo.api import api_app
from bot.demo.control import TimeControl
from bot.demo.oauth import oauth_app
from bot.demo.platform import Platform
from bot.demo.sandbox import sandbox_app

# What takes the place of the platform's own addresses, below the application's.
API_BASE = ""  # of https://qyapi.weixin.qq.com
OAUTH_BASE = "/oauth"  # of https://open.weixin.qq.com and https://login.work.weixin.qq.com


def mount(
    app: web.Application,
    platform: Platform,
    examples: Sequence[str] = texts.EXAMPLES,
    control: TimeControl | None = None,
    chorus: str = "",
) -> None:
    """Adds /cgi-bin/…, /oauth/… and /sandbox/ to an application that is not running yet; the others as `sandbox_app`."""
    app.router.add_get("/sandbox", _to_sandbox)
    app.add_subapp("/sandbox/", sandbox_app(platform, examples, control, chorus))
    app.add_subapp("/cgi-bin/", api_app(platform))
    app.add_subapp(f"{OAUTH_BASE}/", oauth_app(platform))


async def _to_sandbox(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/sandbox/")
