from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.database import Database
from bot.live import LiveLibrary
from bot.notes import note_of
from bot.web import site
from bot.web.api.context import Context
from bot.web.api.site import PREFIX, application
from bot.web.api.table import operations
from handlers.editing import Editor
from handlers.entries import Entries
from handlers.history import History
from handlers.importing import Importer
from knowledge.changes import ChangeKind, pack_changes
from knowledge.model import Pack
from knowledge.store import versions
from scheduler import calendar_file
from scheduler.model import Pilot
from scheduler.store.planning import World
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import LIBRARY, PACK, PUBLIC_URL, TEA, status_note

PILOT = Pilot(TEA.slug, "茶叶试点", date(2028, 3, 1), "document")
WORLD = World((PILOT,), calendar_file.shipped(), time(9, 10), ZoneInfo("Asia/Shanghai"))
TOKENS = {"anna": "anna-secret", "bert": "bert-secret"}


def now() -> datetime:
    return datetime(2028, 4, 1, tzinfo=UTC)


async def nothing() -> None:
    return


@pytest.fixture
def context(database: Database) -> Context:
    """Over a library whose answers are written down; writes go to an empty database."""
    editor = Editor(database, lambda: WORLD, now)
    return Context(
        library=lambda: LIBRARY,
        measure_url=lambda measure_id: f"{PUBLIC_URL}/measures/{measure_id}",
        status_note=lambda measure: note_of(measure, status_note, now().date()),
        world=lambda: WORLD,
        now=now,
        entries=Entries(database, editor),
        storage=database,
        importer=Importer(database, editor),
        history=History(database, editor),
        refresh=nothing,
        written=nothing,
        api=PREFIX,
    )


@pytest.fixture
async def live(database: Database) -> LiveLibrary:
    """The same knowledge in the database, as the service follows it."""
    async with database.transaction() as session:
        changes = pack_changes(Pack(), replace(PACK, pilots=(PILOT.fact,), synonyms=(("茶", "茗"),)))
        await versions.apply(session, changes, "pilotbot", ChangeKind.SEED, "", now())
    library = LiveLibrary(database, now)
    await library.open()
    return library


@pytest.fixture
async def api(context: Context) -> AsyncIterator[Client]:
    """The API over a small knowledge base, inside the service's own frame."""
    async with TestClient(TestServer(service(context))) as client:
        yield client


@pytest.fixture
async def desk(context: Context, live: LiveLibrary) -> AsyncIterator[Client]:
    """The API of somebody with a token, over knowledge that can change."""
    anna = {"Authorization": f"Bearer {TOKENS['anna']}"}
    app = service(replace(context, library=live, refresh=live.catch_up))
    async with TestClient(TestServer(app), headers=anna) as client:
        yield client


def service(context: Context) -> web.Application:
    app = web.Application()
    site.install(app, PUBLIC_URL)
    app.add_subapp(PREFIX, application(operations(context), TOKENS))
    return app
