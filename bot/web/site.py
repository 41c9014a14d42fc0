"""What all pages share, put into an application: templates, static files, error pages, security headers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from bot.web import texts
from bot.web.assets import Assets
from bot.web.errors import error_pages
from bot.web.render import RENDERER, Renderer
from bot.web.requests import Networks, identified, patient
from bot.web.security import secure


def install(
    app: web.Application,
    public_url: str,
    navigation: Sequence[tuple[str, str]] = texts.NAVIGATION,
    trusted: Networks = (),
    count: Callable[[int], None] = lambda status: None,
) -> None:
    """Call once on the outermost application, before other middlewares are added.

    :param public_url: http(s) address without query that people reach the service at.
    :param navigation: label and path of each entry in the head of every page.
    :param trusted: proxies whose X-Forwarded-* is believed.
    :param count: told the status of every response.
    """
    assets = Assets()
    app[RENDERER] = Renderer(assets, public_url, navigation)
    app.add_routes(assets.routes())
    app.middlewares.extend((identified(trusted), error_pages, patient()))

    async def finish(_: web.Request, response: web.StreamResponse) -> None:
        """Sees every response, raised and streamed ones included."""
        count(response.status)
        secure(response)

    app.on_response_prepare.append(finish)
