"""Alive and ready, for load balancers and supervisors; figures for Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import hdrs, web

from knowledge.errors import Unavailable

METRICS_TYPE = (
    "text/plain; version=0.0.4; charset=utf-8"  # https://prometheus.io/docs/instrumenting/exposition_formats/
)


def routes(ready: Callable[[], Awaitable[None]], metrics: Callable[[], Awaitable[bytes]]) -> list[web.RouteDef]:
    """
    :param ready: raises Unavailable, in plain words, while the service cannot answer.
    :param metrics: the figures as of now, in the exposition format.
    """

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def is_ready(_: web.Request) -> web.Response:
        try:
            await ready()
        except Unavailable as error:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text=f"{error}\n")
        return web.Response(text="ok\n")

    async def expose(_: web.Request) -> web.Response:
        return web.Response(body=await metrics(), headers={hdrs.CONTENT_TYPE: METRICS_TYPE})

    return [web.get("/healthz", alive), web.get("/readyz", is_ready), web.get("/metrics", expose)]
