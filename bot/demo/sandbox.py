"""The chat page: a WeChat Work client in the browser, with the wire laid open beside it.

The page holds no state of its own: a stream of server-sent events carries every entry, exchange and API call, and
what people do goes to POST act. Bodies of requests are JSON, which no foreign page can send without asking.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from yarl import URL

from bot.demo import callbacks, texts
from bot.demo.api import media_response
from bot.demo.control import FIRST, LAST, TimeControl
from bot.demo.corporation import Media
from bot.demo.faults import Effect, Fault
from bot.demo.feed import Change
from bot.demo.media import check_media
from bot.demo.model import CHINA, ApiError
from bot.demo.pages import STATIC, add_headers, page
from bot.demo.platform import Platform

HEARTBEAT = 15.0  # seconds between signs of life on a silent stream
RECONNECT = 1000  # milliseconds after which the browser comes back

# What stands in for a recording and for a place.
VOICE = Media("voice", b"#!AMR\n" + bytes(64), "voice.amr", "audio/amr")
PLACE = (31.230416, 121.473701)  # latitude, longitude

# What the page can switch on, by label.
FAULTS = {
    fault.label: fault
    for fault in (
        Fault(Effect.ERRCODE, "message/send", times=3, errcode=-1, label="busy"),
        Fault(Effect.ERRCODE, spares="gettoken", times=None, errcode=60020, label="ip"),  # tokens go to any address
        Fault(Effect.RESET, "message/send", acts=True, label="reset"),
        Fault(Effect.HANG, "message/send", acts=True, label="hang"),
    )
}

Asked = dict[str, Any]
Action = Callable[[Asked], Coroutine[Any, Any, object]]

log = logging.getLogger("pilotbot.demo")


def sandbox_app(
    platform: Platform,
    examples: Sequence[str] = texts.EXAMPLES,
    control: TimeControl | None = None,
    chorus: str = "",
) -> web.Application:
    """The sub-application for /sandbox/.

    :param examples: questions for newcomers, one tap each.
    :param control: moves the time of platform and app; None: the page has no controls for it.
    :param chorus: what everybody can be made to say with one tap.
    """
    return Sandbox(platform, examples, control, chorus).app()


class Sandbox:
    """The page over one platform."""

    def __init__(self, platform: Platform, examples: Sequence[str], control: TimeControl | None, chorus: str) -> None:
        self._platform = platform
        self._examples = examples
        self._control = control
        self._chorus = chorus
        self._run_id = platform.corp.new_id()[:8]  # tells a page that the platform was restarted
        self._tasks: set[asyncio.Task[object]] = set()
        self._actions = self._talk()
        if control:
            self._actions |= self._travel(control)
            control.watch(lambda state: platform.corp.feed.put("time", "", state))
        platform.publish_settings()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/events", self._events)
        app.router.add_post("/act", self._act)
        app.router.add_post("/image", self._image)
        app.router.add_get("/media/{id}", self._media)
        app.router.add_static("/static", STATIC)
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self._stop)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        return page(
            "sandbox.html",
            app=self._platform.account,
            people=self._platform.people,
            examples=self._examples,
            has_time=self._control is not None,
            first=FIRST,
            last=LAST,
            chorus=self._chorus,
        )

    async def _media(self, request: web.Request) -> web.Response:
        media = self._platform.corp.find_media(request.match_info["id"])
        if media is None:
            raise web.HTTPNotFound
        return media_response(media)

    # The stream

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """What the page does not know yet, then `ready`, then whatever happens."""
        feed = self._platform.corp.feed
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        revision = self._known_revision(request)
        if self._control:
            await self._control.publish()  # what was told last is as old as the last change
        changes = feed.since(revision)
        start = f"retry: {RECONNECT}\n\n" + ("" if revision else _event("reset"))
        text = start + self._events_of(changes) + _event("ready")
        while not feed.closed:
            try:
                await response.write(text.encode())
            except ConnectionError:
                break
            revision = changes[-1].revision if changes else revision
            changes = await feed.wait(revision, HEARTBEAT)
            text = self._events_of(changes) or ":\n\n"
        return response

    def _known_revision(self, request: web.Request) -> int:
        """What a returning page has seen, 0 for a new page or one that knew another run of the platform."""
        run_id, _, revision = request.headers.get("Last-Event-ID", "").partition("-")
        return int(revision) if run_id == self._run_id and revision.isdecimal() else 0

    def _events_of(self, changes: Sequence[Change]) -> str:
        return "".join(
            f"id: {self._run_id}-{change.revision}\n" + _event(change.kind, as_json(change.value)) for change in changes
        )

    # What people do on the page

    async def _act(self, request: web.Request) -> web.Response:
        """Starts one action; what comes of it arrives on the stream."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            asked = json.loads(await request.text())
            work = self._actions[asked["do"]](asked)
        except (ValueError, KeyError, TypeError):
            raise web.HTTPBadRequest from None
        self._start(work)
        return web.json_response({}, status=202)

    async def _image(self, request: web.Request) -> web.Response:
        """Sends the picture in the body in the name of `user`."""
        if not request.content_type.startswith("image/"):
            raise web.HTTPUnsupportedMediaType
        media = Media("image", await request.read(), "image", request.content_type)
        try:
            check_media(media)
        except ApiError as refused:
            raise web.HTTPBadRequest(text=refused.message) from None
        media_id = self._platform.upload(media)
        url = str(request.url.join(URL(f"media/{media_id}")))
        self._start(self._platform.tell(request.query.get("user", ""), callbacks.image(media_id, url)))
        return web.json_response({}, status=202)

    def _talk(self) -> dict[str, Action]:
        platform = self._platform
        return {
            "text": lambda asked: platform.say(asked["user"], asked["text"]),
            "enter": lambda asked: platform.open_app(asked["user"]),
            "click": lambda asked: platform.click(asked["user"], asked["key"]),
            "view": lambda asked: platform.view(asked["user"], asked["url"]),
            "press": lambda asked: platform.press(asked["entry"], asked["key"], asked.get("chosen")),
            "voice": lambda asked: platform.tell(asked["user"], callbacks.voice(platform.upload(VOICE))),
            "place": lambda asked: platform.tell(asked["user"], callbacks.location(*PLACE, texts.PLACE)),
            "join": lambda asked: platform.join(asked["user"]),
            "leave": lambda asked: platform.leave(asked["user"]),
            "verify": lambda _: platform.verify_url(),
            "silence": lambda asked: self._silence(int(asked["attempts"])),
            "fault": lambda asked: self._trouble(str(asked["label"])),
            "expire": lambda asked: self._expire(),
        }

    def _travel(self, control: TimeControl) -> dict[str, Action]:
        return {
            "jump": lambda asked: control.jump(datetime.fromisoformat(asked["to"]).replace(tzinfo=CHINA)),
            "next": lambda asked: control.next(),
            "speed": lambda asked: control.run_at(float(asked["rate"])),
            "chorus": lambda asked: self._sing(),
        }

    async def _sing(self) -> None:
        """Everybody who sees the app says the same, one after the other."""
        for person in self._platform.people:
            if self._platform.corp.sees_app(person):
                await self._platform.say(person.user, self._chorus)

    async def _silence(self, attempts: int) -> None:
        self._platform.faults.silent_attempts = attempts
        self._platform.publish_settings()

    async def _trouble(self, label: str) -> None:
        """Switches one fault on, or with an unknown label all off."""
        faults = self._platform.faults
        faults.clear_calls()
        if label in FAULTS:
            faults.add(FAULTS[label])
        self._platform.publish_settings()

    async def _expire(self) -> None:
        self._platform.expire_tokens()

    def _start(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(self._finish(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except (LookupError, AttributeError, TypeError) as error:
            log.warning("the page asked for something impossible: %s", error)

    async def _stop(self, _: web.Application) -> None:
        self._platform.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _event(kind: str, data: str = "{}") -> str:
    return f"event: {kind}\ndata: {data}\n\n"


def as_json(value: Any) -> str:
    """A value of the feed for the page; times are those of China."""
    fields = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    return json.dumps(fields, ensure_ascii=False, default=_china_time)


def _china_time(value: datetime) -> str:
    return value.astimezone(CHINA).isoformat(timespec="seconds")
