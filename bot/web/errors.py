"""Error pages in Chinese instead of aiohttp's plain lines; no traceback reaches anybody."""

from __future__ import annotations

import logging
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.web import texts
from bot.web.render import render
from knowledge.errors import Unavailable

logger = logging.getLogger("pilotbot.web")

# Addresses that programs call: their errors stay short and plain.
FOR_PROGRAMS = ("/api/", "/wecom/", "/cgi-bin/", "/healthz", "/readyz", "/metrics", "/calendar.ics")


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into a page; redirects pass."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST or _is_for_programs(request):
            raise
        response = error_page(request, error.status, texts.error_text(error.status))
        if hdrs.ALLOW in error.headers:
            response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
        return response
    except Unavailable as error:
        logger.warning("%s %s is refused: %s", request.method, request.rel_url.raw_path, error)
        return _failed(request, HTTPStatus.SERVICE_UNAVAILABLE)
    except Exception:
        # The path alone: a query may hold what somebody asked, or a key.
        logger.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return _failed(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _failed(request: web.Request, status: HTTPStatus) -> web.Response:
    happened = texts.error_text(status)
    if _is_for_programs(request):
        return web.Response(status=status, text="".join(happened))
    return error_page(request, status, happened)


def error_page(request: web.Request, status: int, text: tuple[str, str]) -> web.Response:
    """:param text: what happened, and what the person can do about it."""
    title, advice = text
    return render(request, "error.html", status, title=title, advice=advice, searchable=status == HTTPStatus.NOT_FOUND)


def _is_for_programs(request: web.Request) -> bool:
    return request.path.startswith(FOR_PROGRAMS)
