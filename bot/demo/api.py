"""The platform's API, to be mounted at /cgi-bin/: the part of it that a self-built app needs.

HTTP status is 200 whatever happens, as on the platform; `errcode` tells. Faults strike here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import BodyPartReader, web

from bot.demo.bodies import BAD_PARAMETER
from bot.demo.corporation import Media
from bot.demo.faults import Effect, Fault
from bot.demo.media import FIELD_NAME, MAX_BYTES, check_media
from bot.demo.menus import check_menu
from bot.demo.model import ApiError, Call
from bot.demo.outgoing import BAD_AGENT, BAD_MEDIA
from bot.demo.platform import Platform

BAD_JSON = 40035
NO_MENU = 46003
NO_DEPARTMENT = 60003
SECRETS = ("access_token", "corpsecret", "response_code")
SHOWN_OF_SECRET = 4  # characters

Answer = dict[str, Any] | web.Response


@dataclass(frozen=True, slots=True)
class Request:
    """One call as the endpoints see it."""

    call_id: str
    query: Mapping[str, str]
    body: dict[str, Any]  # the JSON object, or {} without one
    http: web.Request


Endpoint = Callable[[Request], Awaitable[Answer]]


def api_app(platform: Platform) -> web.Application:
    """The sub-application for /cgi-bin/."""
    app = web.Application()
    Api(platform).add_to(app)

    async def let_go(_: web.Application) -> None:
        platform.close()

    app.on_shutdown.append(let_go)
    return app


class Api:
    """The endpoints over one platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._corp = platform.corp
        self._sending = platform.sending

    def add_to(self, app: web.Application) -> None:
        gets = {
            "gettoken": self._get_token,
            "menu/get": self._menu_get,
            "menu/delete": self._menu_delete,
            "agent/get": self._agent_get,
            "auth/getuserinfo": self._user_info,
            "user/simplelist": self._members,
            "getcallbackip": self._callback_ips,
            "media/get": self._media_get,
        }
        posts = {
            "message/send": self._send,
            "message/recall": self._recall,
            "message/update_template_card": self._update_card,
            "menu/create": self._menu_create,
            "media/upload": self._media_upload,
        }
        for path, endpoint in gets.items():
            app.router.add_get(f"/{path}", partial(self._handle, path, endpoint))
        for path, endpoint in posts.items():
            app.router.add_post(f"/{path}", partial(self._handle, path, endpoint))

    # The endpoints

    async def _get_token(self, request: Request) -> Answer:
        query = request.query
        token, seconds = self._platform.access.token(query.get("corpid", ""), query.get("corpsecret", ""))
        return {"access_token": token, "expires_in": seconds}

    async def _send(self, request: Request) -> Answer:
        return self._sending.send(request.body, request.call_id)

    async def _recall(self, request: Request) -> Answer:
        return self._sending.recall(request.body)

    async def _update_card(self, request: Request) -> Answer:
        return self._sending.update_card(request.body)

    async def _menu_create(self, request: Request) -> Answer:
        self._check_agent(request)
        check_menu(request.body)
        self._corp.set_menu(request.body)
        return {}

    async def _menu_get(self, request: Request) -> Answer:
        self._check_agent(request)
        if not self._corp.menu:
            raise ApiError(NO_MENU, "no menu")
        return dict(self._corp.menu)

    async def _menu_delete(self, request: Request) -> Answer:
        self._check_agent(request)
        self._corp.set_menu({})
        return {}

    async def _agent_get(self, request: Request) -> Answer:
        self._check_agent(request)
        visible = [{"userid": p.user} for p in self._corp.people if self._corp.sees_app(p)]
        return {
            "agentid": self._platform.account.agent_id,
            "name": self._platform.account.name,
            "description": "",
            "square_logo_url": "",
            "allow_userinfos": {"user": visible},
            "allow_partys": {"partyid": []},
            "allow_tags": {"tagid": []},
            "close": 0,
            "redirect_domain": "",
            "report_location_flag": 0,
            "isreportenter": 1,
            "home_url": "",
        }

    async def _user_info(self, request: Request) -> Answer:
        return {"userid": self._platform.access.who(request.query.get("code", "")).user}

    async def _members(self, request: Request) -> Answer:
        number = request.query.get("department_id", "")
        if not number.isdecimal():
            raise ApiError(BAD_PARAMETER, "department_id is no number")
        found = self._corp.members(int(number), below=request.query.get("fetch_child") == "1")
        if found is None:
            raise ApiError(NO_DEPARTMENT, "no such department")
        return {"userlist": [{"userid": p.user, "name": p.name, "department": [p.department]} for p in found]}

    async def _callback_ips(self, request: Request) -> Answer:
        return {"ip_list": ["127.0.0.1", "::1"]}

    async def _media_upload(self, request: Request) -> Answer:
        media = await _read_upload(request)
        check_media(media)
        created = str(int(self._corp.now().timestamp()))
        return {"type": media.kind, "media_id": self._platform.upload(media), "created_at": created}

    async def _media_get(self, request: Request) -> Answer:
        media = self._corp.find_media(request.query.get("media_id", ""))
        if media is None:
            raise ApiError(BAD_MEDIA, "invalid media_id")
        return media_response(media)

    def _check_agent(self, request: Request) -> None:
        if request.query.get("agentid") != str(self._platform.account.agent_id):
            raise ApiError(BAD_AGENT, "invalid agentid")

    # What surrounds each call

    async def _handle(self, path: str, endpoint: Endpoint, http: web.Request) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        started, at = loop.time(), self._corp.now()
        request = await _read(http, self._corp.new_id())
        fault = self._platform.faults.take(path)
        response = await self._answer(path, endpoint, request) if fault is None or fault.acts else None
        if fault is not None:
            response = _struck(fault, http)
        ms = round((loop.time() - started) * 1000)
        answer, code = _answer_text(response)
        name = fault.effect.value if fault else ""
        call = Call(request.call_id, at, http.method, path, _request_text(request), answer, code, ms, name)
        self._platform.record_call(call)
        if fault is not None and response is None:
            await self._leave_alone(fault, http)
        return response or web.Response()

    async def _answer(self, path: str, endpoint: Endpoint, request: Request) -> web.Response:
        try:
            if path != "gettoken":
                self._platform.access.check_token(request.query.get("access_token", ""))
            if request.http.method == "POST" and path != "media/upload" and not request.body:
                raise ApiError(BAD_JSON, "invalid json. Warning: wrong json format.")
            answer = await endpoint(request)
        except ApiError as refused:
            return web.json_response({"errcode": refused.code, "errmsg": refused.message})
        if isinstance(answer, web.Response):
            return answer
        return web.json_response({"errcode": 0, "errmsg": "ok", **answer})

    async def _leave_alone(self, fault: Fault, http: web.Request) -> None:
        """The caller gets no answer: cut off, or left waiting until the platform shuts down."""
        if fault.effect is Effect.HANG:
            await self._corp.feed.wait_closed()
        if http.transport is not None:
            http.transport.abort()


def _struck(fault: Fault, http: web.Request) -> web.Response | None:
    """What the caller gets instead of the answer; None for nothing."""
    if fault.effect is Effect.ERRCODE:
        message = f"simulated, from ip: {http.remote}"
        return web.json_response({"errcode": fault.errcode, "errmsg": message})
    if fault.effect is Effect.STATUS:
        return web.Response(status=fault.status, text="<html>simulated</html>", content_type="text/html")
    return None


async def _read(http: web.Request, call_id: str) -> Request:
    body: Any = None
    if http.method == "POST" and not http.content_type.startswith("multipart/"):
        try:
            body = json.loads(await http.text())
        except (ValueError, LookupError):  # not JSON, or in a charset nobody knows
            body = None
    return Request(call_id, http.query, body if isinstance(body, dict) else {}, http)


async def _read_upload(request: Request) -> Media:
    """:raises ApiError: not a multipart request with the field `media`."""
    if not request.http.content_type.startswith("multipart/"):
        raise ApiError(BAD_PARAMETER, "not a multipart request")
    async for part in await request.http.multipart():
        if isinstance(part, BodyPartReader) and part.name == FIELD_NAME:
            data = await _read_part(part)
            content_type = part.headers.get("Content-Type", "application/octet-stream")
            return Media(request.query.get("type", ""), data, part.filename or "", content_type)
    raise ApiError(BAD_PARAMETER, "no field named media")


async def _read_part(part: BodyPartReader) -> bytes:
    """The part's bytes; one more than any limit is enough to refuse it."""
    data = bytearray()
    while len(data) <= max(MAX_BYTES.values()) and (chunk := await part.read_chunk()):
        data += chunk
    return bytes(data)


def media_response(media: Media) -> web.Response:
    name = urlencode({"": media.filename})[1:]
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return web.Response(body=media.data, content_type=media.content_type.partition(";")[0], headers=headers)


def _request_text(request: Request) -> str:
    """What the caller sent, for people, with secrets masked."""
    shown = _masked(dict(request.query)) | ({"body": _masked(request.body)} if request.body else {})
    return json.dumps(shown, ensure_ascii=False, indent=1)


def _answer_text(response: web.Response | None) -> tuple[str, int | None]:
    """The answer for people, and its errcode where it has one."""
    if response is None:
        return "", None
    if response.content_type != "application/json":
        return f"HTTP {response.status} {response.content_type}", None
    answer = json.loads(response.text or "{}")
    return json.dumps(_masked(answer), ensure_ascii=False, indent=1), answer["errcode"]


def _masked(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: f"{value[:SHOWN_OF_SECRET]}…" if key in SECRETS and isinstance(value, str) else value
        for key, value in fields.items()
    }
