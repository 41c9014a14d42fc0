"""Alive and ready, for load balancers and supervisors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from knowledge.errors import Unavailable


def routes(ready: Callable[[], Awaitable[None]]) -> list[web.RouteDef]:
    """:param ready: raises Unavailable, in plain words, while the service cannot answer."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def is_ready(_: web.Request) -> web.Response:
        try:
            await ready()
        except Unavailable as error:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=f"{error}\n")
        return web.Response(text="ok\n")

    return [web.get("/healthz", alive), web.get("/readyz", is_ready)]
