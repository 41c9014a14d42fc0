"""The admin pages put together, as an application of their own below /admin/."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.admin import texts
from bot.web.admin.access import LOCAL, Access, see
from bot.web.admin.deliveries import Deliveries
from bot.web.admin.imports import Imports
from bot.web.admin.knowledge import Knowledge
from bot.web.admin.learning import Learning
from bot.web.admin.measures import Measures
from bot.web.admin.parts import Parts
from bot.web.admin.people import People
from bot.web.admin.proposals import Proposals
from bot.web.admin.records import Records
from bot.web.admin.session import Seal
from bot.web.admin.signin import Door, SignIn
from bot.web.errors import error_page
from knowledge.store.versions import Dangling

HOME = "/admin/measures"


class Pages(Protocol):
    """One group of pages."""

    def routes(self) -> list[web.RouteDef]:
        """Below /admin."""


def admin_app(parts: Parts, door: Door, key: bytes) -> web.Application:
    """:param key: secret, shared by all replicas: what sessions are sealed with."""
    seal = Seal(key)
    access = Access(parts.settings, seal, parts.now)
    app = web.Application(middlewares=[access.guard, _whole])
    app[LOCAL] = lambda moment: moment.astimezone(parts.settings.zone)
    app.add_routes([web.get("/", _home)])
    imports = Imports(parts)
    app.on_shutdown.append(imports.close)
    pages: Sequence[Pages] = (
        SignIn(parts.settings, seal, access, door),
        Learning(parts),
        Measures(parts),
        imports,
        Knowledge(parts),
        Proposals(parts),
        People(parts),
        Deliveries(parts),
        Records(parts),
    )
    for group in pages:
        app.add_routes(group.routes())
    return app


def mount(app: web.Application, admin: web.Application) -> None:
    """Puts the pages below /admin/."""
    app.router.add_get("/admin", _home)
    app.add_subapp("/admin/", admin)


@web.middleware
async def _whole(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Says why a change is refused that would leave an entry without what it refers to."""
    try:
        return await handler(request)
    except Dangling as error:
        return error_page(request, HTTPStatus.CONFLICT, texts.dangling(error.user, error.target))


async def _home(request: web.Request) -> web.StreamResponse:
    raise see(request, HOME)
