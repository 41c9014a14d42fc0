"""The sign-in addresses of the platform: ask who is there, then send the browser back with a code.

Inside the client: https://developer.work.weixin.qq.com/document/path/91022, in a browser: .../98152
"""

from __future__ import annotations

import re

from aiohttp import web
from yarl import URL

from bot.demo import texts
from bot.demo.model import ApiError
from bot.demo.pages import STATIC, add_headers, page
from bot.demo.platform import Platform

PATHS = ("/connect/oauth2/authorize", "/wwlogin/sso/login")
STATE = re.compile(r"[0-9A-Za-z]{0,128}")


def oauth_app(platform: Platform) -> web.Application:
    """The sub-application that stands for open.weixin.qq.com and login.work.weixin.qq.com.

    Beside the platform's parameters it takes `user`, which answers the question who is there.
    """

    async def authorize(request: web.Request) -> web.StreamResponse:
        query = request.query
        try:
            platform.access.check_redirect(query.get("appid", ""), query.get("redirect_uri", ""))
        except ApiError as refused:
            return page("oauth.html", 400, problem=f"{refused.code} {refused.message}", people=())
        if not STATE.fullmatch(query.get("state", "")):
            return page("oauth.html", 400, problem=texts.BAD_STATE, people=())
        person = platform.corp.person(query.get("user", ""))
        if person is None:
            choices = [(p, str(request.rel_url.update_query(user=p.user))) for p in platform.people]
            return page("oauth.html", people=choices, app=platform.account.name)
        back = URL(query["redirect_uri"]).update_query(
            code=platform.access.sign_in(person), state=query.get("state", "")
        )
        raise web.HTTPFound(back)

    app = web.Application()
    for path in PATHS:
        app.router.add_get(path, authorize)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(add_headers)
    return app
