from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web import site
from bot.web.api.context import Context
from bot.web.api.site import PREFIX, application
from bot.web.api.table import operations
from scheduler import calendar_file
from scheduler.model import Pilot
from scheduler.store.planning import World
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import LIBRARY, PUBLIC_URL, TEA, status_note

PILOT = Pilot(TEA.slug, "茶叶试点", date(2028, 3, 1), "document")


@pytest.fixture
def context() -> Context:
    world = World((PILOT,), calendar_file.shipped(), time(9, 10), ZoneInfo("Asia/Shanghai"))
    return Context(
        library=lambda: LIBRARY,
        measure_url=lambda measure_id: f"{PUBLIC_URL}/measures/{measure_id}",
        status_note=status_note,
        world=lambda: world,
        now=lambda: datetime(2028, 4, 1, tzinfo=UTC),
    )


@pytest.fixture
async def api(context: Context) -> AsyncIterator[Client]:
    """The API over a small knowledge base, inside the service's own frame."""
    app = web.Application()
    site.install(app, PUBLIC_URL)
    app.add_subapp(PREFIX, application(operations(context), {"anna": "secret"}))
    async with TestClient(TestServer(app)) as client:
        yield client
