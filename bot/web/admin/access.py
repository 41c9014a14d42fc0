"""The door to the admin pages: every request needs a session, every form its token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from multidict import MultiDictProxy

from bot.settings import Settings, secret
from bot.web.admin import texts
from bot.web.admin.session import BY_TOKEN, LASTS, Seal, Session
from bot.web.errors import error_page
from bot.web.render import render, root

COOKIE = "pilotbot_admin"
VISITOR = "pilotbot_visitor"  # of somebody who is about to sign in
SIGN_IN = "/admin/sign-in"
OPEN = (SIGN_IN, "/admin/wecom", "/admin/oauth")  # pages for those who are not signed in yet
LARGEST_FORM = 40 * 1024 * 1024  # bytes, uploads included

SESSION = web.RequestKey("session", Session)
FORM_TOKEN = web.RequestKey("form_token", str)
Form: TypeAlias = MultiDictProxy[str | bytes | bytearray | web.FileField]
FORM = web.RequestKey("form", Form)


LOCAL: web.AppKey[Callable[[datetime], datetime]] = web.AppKey("local")  # a moment in the service's time zone


class Access:
    """:param now: aware."""

    def __init__(self, settings: Settings, seal: Seal, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._seal = seal
        self._now = now
        self._secure = settings.links_from.startswith("https://")

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Opens the page for a session, or leads to the sign-in; a form without its token is refused."""
        session = self.session(request)
        if session is None and request.path not in OPEN:
            return self._to_sign_in(request)
        nonce = session.nonce if session else request.cookies.get(VISITOR, "")
        if session:
            request[SESSION] = session
        request[FORM_TOKEN] = self._seal.form_token(nonce)
        if request.method == hdrs.METH_POST:
            request[FORM] = await _posted(request, uploads=session is not None)
            if not nonce or not self._seal.is_form_token(nonce, text(request[FORM], "form_token")):
                _close_files(request)
                return error_page(request, HTTPStatus.FORBIDDEN, texts.STALE_FORM)
        try:
            response = await handler(request)
        finally:
            _close_files(request)
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        return response

    def session(self, request: web.Request) -> Session | None:
        """Of somebody who still has the right that they signed in with."""
        session = self._seal.opened(request.cookies.get(COOKIE, ""), self._now())
        if session is None or session.how != BY_TOKEN:
            return session if session and session.name in self._settings.admin_users else None
        token = self._settings.tokens.get(session.name)
        return session if token and session.proof == self._seal.fingerprint(secret(token)) else None

    def let_in(self, request: web.Request, response: web.StreamResponse, session: Session) -> None:
        """Gives the browser its session."""
        until = self._now() + LASTS
        sealed = self._seal.session(replace(session, until=until.timestamp()))
        self._set(request, response, COOKIE, sealed, int(LASTS.total_seconds()))

    def let_out(self, request: web.Request, response: web.StreamResponse) -> None:
        response.del_cookie(COOKIE, path=_path(request))

    def remember(
        self, request: web.Request, response: web.StreamResponse, name: str, value: str, *, lax: bool = False
    ) -> None:
        """A cookie for the ten minutes of a sign-in. Lax ones also come along when another site leads here."""
        self._set(request, response, name, value, 600, samesite="Lax" if lax else "Strict")

    def _set(
        self,
        request: web.Request,
        response: web.StreamResponse,
        name: str,
        value: str,
        age: int,
        samesite: str = "Strict",
    ) -> None:
        response.set_cookie(
            name, value, max_age=age, path=_path(request), httponly=True, secure=self._secure, samesite=samesite
        )

    def _to_sign_in(self, request: web.Request) -> web.StreamResponse:
        if request.method != hdrs.METH_GET:
            return error_page(request, HTTPStatus.UNAUTHORIZED, texts.SIGNED_OUT)
        wanted = "" if request.path in ("/admin/", "/admin") else f"?next={quote(str(request.rel_url), safe='')}"
        raise web.HTTPSeeOther(root(request) + SIGN_IN + wanted)


def page(request: web.Request, template: str, status: int = HTTPStatus.OK, **context: object) -> web.Response:
    """An admin page: knows who is signed in, and the token that its forms carry."""
    session = request.get(SESSION)
    return render(
        request,
        f"admin/{template}",
        status,
        who=session.name if session else None,
        form_token=request[FORM_TOKEN],
        menu=texts.MENU,
        local=request.config_dict[LOCAL],
        done=texts.DONE.get(request.query.get("done", "")),
        **context,
    )


def see(request: web.Request, path: str) -> web.HTTPSeeOther:
    """To raise after a form: the browser goes on to another page, and a reload sends nothing twice."""
    return web.HTTPSeeOther(root(request) + path)


def led(address: str) -> web.Response:
    """Sends the browser on, for answers that also set a cookie; aiohttp wants its own to be raised."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: address})


def text(form: Form, name: str) -> str:
    """A field of a form, without white space around it; '' where it is missing or a file."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def who(request: web.Request) -> str:
    """The name that changes carry."""
    return request[SESSION].name


async def _posted(request: web.Request, *, uploads: bool) -> Form:
    """The form; with files only from somebody who is signed in. Others are read by then, within the usual limit."""
    if uploads and request.content_type.startswith("multipart/"):
        request = request.clone(client_max_size=LARGEST_FORM)
    return await request.post()


def _close_files(request: web.Request) -> None:
    for value in request[FORM].values() if FORM in request else ():
        if isinstance(value, web.FileField):
            value.file.close()


def _path(request: web.Request) -> str:
    return root(request) + "/admin"
