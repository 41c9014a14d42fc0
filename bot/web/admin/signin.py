"""Signing in by token, or inside WeChat Work; and out."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from bot.settings import Settings, secret
from bot.web.admin import texts
from bot.web.admin.access import FORM, SESSION, SIGN_IN, VISITOR, Access, led, page, see, text
from bot.web.admin.attempts import Attempts
from bot.web.admin.session import BY_TOKEN, BY_WECOM, Seal, Session
from bot.web.errors import error_page
from bot.web.render import root
from bot.wecom.errors import ApiError

STATE = "pilotbot_state"  # cookie that ties the platform's answer to the browser that asked
INSIDE = "wxwork"  # in the user agent of the platform's own browser

log = logging.getLogger("pilotbot.admin")


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs from outside."""

    user_of: Callable[[str], Awaitable[str | None]]  # OAuth code -> user id; raises ApiError
    log: Callable[[str, str], Awaitable[None]]  # who, what: for the audit log
    now: Callable[[], datetime]
    random: Callable[[], str]  # letters and digits, too many to be guessed
    inside: str = "https://open.weixin.qq.com"  # where the platform's own browser signs in
    outside: str = "https://login.work.weixin.qq.com"  # ... any other browser, by QR code


class SignIn:
    def __init__(self, settings: Settings, seal: Seal, access: Access, door: Door) -> None:
        self._settings = settings
        self._seal = seal
        self._access = access
        self._door = door
        self._attempts = Attempts(door.now)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sign-in", self.form),
            web.post("/sign-in", self.by_token),
            web.get("/wecom", self.to_platform),
            web.get("/oauth", self.from_platform),
            web.post("/sign-out", self.out),
        ]

    async def form(self, request: web.Request) -> web.Response:
        """Nobody can type a token where there is none; inside WeChat Work one is not needed."""
        if SESSION in request:
            raise see(request, _next(request.query.get("next", "")))
        if not self._settings.tokens and not self._settings.admin_users:
            return error_page(request, HTTPStatus.FORBIDDEN, texts.NOBODY_MAY)
        return self._form(request, HTTPStatus.OK if self._settings.tokens else HTTPStatus.FORBIDDEN)

    def _form(self, request: web.Request, status: int, problem: str = "") -> web.Response:
        nonce = request.cookies.get(VISITOR) or self._door.random()
        response = page(
            request,
            "sign-in.html",
            status,
            problem=problem,
            next=_next(request.query.get("next", "")),
            token=self._seal.form_token(nonce),
            by_token=bool(self._settings.tokens),
            by_wecom=bool(self._settings.admin_users and self._settings.wecom_corp_id),
        )
        self._access.remember(request, response, VISITOR, nonce)
        return response

    async def by_token(self, request: web.Request) -> web.StreamResponse:
        address = request.remote or ""
        if not self._settings.tokens:
            return self._form(request, HTTPStatus.FORBIDDEN)
        if not self._attempts.is_open(address):
            return self._form(request, HTTPStatus.TOO_MANY_REQUESTS, texts.TOO_MANY)
        given = text(request[FORM], "token")
        name = self._name_of(given)
        if name is None:
            self._attempts.failed(address)
            log.warning("a sign-in with a wrong token from %s", address)
            return self._form(request, HTTPStatus.FORBIDDEN, texts.REFUSED)
        self._attempts.succeeded(address)
        session = Session(name, BY_TOKEN, 0, self._door.random(), self._seal.fingerprint(given))
        await self._door.log(name, "sign-in")
        response = led(root(request) + _next(text(request[FORM], "next")))
        self._access.let_in(request, response, session)
        return response

    def _name_of(self, given: str) -> str | None:
        """Compares with every token, so that the time tells nothing."""
        names = [n for n, t in self._settings.tokens.items() if hmac.compare_digest(secret(t).encode(), given.encode())]
        return names[0] if names else None

    async def to_platform(self, request: web.Request) -> web.StreamResponse:
        """On to the platform, which asks who is there and sends the browser back with a code."""
        if not self._settings.admin_users or not self._settings.wecom_corp_id:
            return error_page(request, HTTPStatus.FORBIDDEN, texts.NOBODY_MAY)
        nonce = self._door.random()
        response = led(str(self._address(INSIDE in request.headers.get("User-Agent", ""), nonce)))
        state = self._seal.close("state", {"nonce": nonce, "next": _next(request.query.get("next", ""))})
        self._access.remember(request, response, STATE, state, lax=True)
        return response

    def _address(self, inside: bool, state: str) -> URL:
        """https://developer.work.weixin.qq.com/document/path/91022 inside the client, .../98152 in a browser."""
        settings = self._settings
        common = {"appid": settings.wecom_corp_id or "", "redirect_uri": f"{settings.links_from}/admin/oauth"}
        common |= {"state": state, "agentid": str(settings.wecom_agent_id)}
        if inside:
            asked = {**common, "response_type": "code", "scope": "snsapi_base"}
            return (
                URL(f"{self._door.inside}/connect/oauth2/authorize").with_query(asked).with_fragment("wechat_redirect")
            )
        return URL(f"{self._door.outside}/wwlogin/sso/login").with_query({**common, "login_type": "CorpApp"})

    async def from_platform(self, request: web.Request) -> web.StreamResponse:
        state = self._seal.open("state", request.cookies.get(STATE, ""))
        code = request.query.get("code", "")
        if not state or not code or not hmac.compare_digest(state["nonce"], request.query.get("state", "")):
            return error_page(request, HTTPStatus.FORBIDDEN, texts.SIGN_IN_EXPIRED)
        try:
            user = await self._door.user_of(code)
        except ApiError as error:
            log.warning("a sign-in by WeChat Work failed: %s", error)
            return error_page(request, HTTPStatus.FORBIDDEN, texts.SIGN_IN_EXPIRED)
        if user not in self._settings.admin_users:
            return error_page(request, HTTPStatus.FORBIDDEN, texts.NO_ADMIN)
        await self._door.log(user, "sign-in")
        # A page rather than a redirect: with a redirect the browser would keep a strict cookie back, since the
        # journey began on the platform's site.
        response = page(request, "signed-in.html", next=root(request) + state["next"])
        self._access.let_in(request, response, Session(user, BY_WECOM, 0, self._door.random()))
        return response

    async def out(self, request: web.Request) -> web.StreamResponse:
        await self._door.log(request[SESSION].name, "sign-out")
        response = led(root(request) + SIGN_IN)
        self._access.let_out(request, response)
        return response


def _next(wanted: str) -> str:
    """Where to go after signing in: one of the admin pages, never another site."""
    return wanted if wanted.startswith("/admin/") and "\\" not in wanted and "\n" not in wanted else "/admin/"
