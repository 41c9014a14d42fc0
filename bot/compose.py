"""The composition root: the one place that knows every concrete part. `serve`, `demo`, commands and tests call it."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from aiohttp import ClientSession, web

from bot import clock as clocks
from bot.bell import Bell
from bot.clock import Clock
from bot.database import Database, default_url
from bot.demo.model import CORP_ID as STAND_IN
from bot.embeddings import Embeddings, Semantics
from bot.ending import ended
from bot.forever import forever
from bot.index_files import IndexFiles
from bot.late import LateAnswers
from bot.live import LiveLibrary
from bot.metrics import Metrics
from bot.notes import StatusNotes, note_of
from bot.sending import WecomSender
from bot.settings import Settings, secret
from bot.shared_token import SharedToken
from bot.watch import Watch
from bot.web import health, site
from bot.web.admin.parts import Examine, Parts
from bot.web.admin.signin import Door
from bot.web.admin.site import admin_app, mount
from bot.web.api import site as api
from bot.web.api.context import Context
from bot.web.api.table import operations
from bot.web.callback import Callback
from bot.web.downloads import Downloads
from bot.web.milestone_pages import PAGE as MILESTONES_PAGE
from bot.web.milestone_pages import MilestonePages
from bot.web.pages import Pages
from bot.wecom.client import TokenShelf, WecomClient
from bot.wecom.crypto import Envelope
from handlers.admin import Desk
from handlers.conversation import Conversation
from handlers.editing import Editor
from handlers.entries import Entries
from handlers.feeds import FeedKeys
from handlers.history import History
from handlers.importing import Importer
from handlers.replies import Speaker
from handlers.request import Schedule
from handlers.store import keys, people
from handlers.store.journal import Journal
from handlers.teaching import Teacher
from knowledge.model import Measure, Pack
from knowledge.validity import validity_note
from scheduler import calendar_file
from scheduler.engine import Engine, ticking
from scheduler.messages import Links
from scheduler.model import Pilot
from scheduler.store import followers
from scheduler.store.followers import Follower
from scheduler.store.outbox import Outbox
from scheduler.store.planning import Planner, World
from scheduler.store.quota import PER_ACCOUNT
from scheduler.workdays import Calendar

MAX_BODY = 1024 * 1024  # bytes of a callback
PRUNE_EVERY = timedelta(hours=1)

log = logging.getLogger("pilotbot.service")


@dataclass(frozen=True, slots=True)
class Core:
    """The parts that live with or without HTTP."""

    settings: Settings
    clock: Clock
    database: Database
    library: LiveLibrary
    journal: Journal
    conversation: Conversation
    teacher: Teacher  # what admins teach
    metrics: Metrics
    cookie_key: bytes  # secret: seals what browsers of admins hold
    calendars: FeedKeys  # sign the addresses of people's calendars
    status_note: StatusNotes  # the line that answers of a document carry after its pilot's end
    semantics: Semantics | None  # the optional semantic stage

    def validity_note(self, measure: Measure) -> str | None:
        """The line that a measure carries which is not in force today."""
        return validity_note(measure, self.clock().date())


def clock_of(settings: Settings) -> Clock:
    """The machine's clock, or the one that PILOTBOT_CLOCK sets for demos and tests."""
    if settings.clock is None:
        return clocks.system(settings.zone)
    return clocks.started_at(settings.clock, settings.clock_rate, settings.zone)


def database_of(settings: Settings) -> Database:
    """Not opened yet.

    :raises DatabaseError: the address is malformed.
    """
    return Database(secret(settings.database_url) or default_url(settings.data_dir))


@asynccontextmanager
async def stored(settings: Settings) -> AsyncIterator[Database]:
    """The migrated database, for commands that need no service.

    :raises Unavailable: the database cannot be used.
    """
    database = database_of(settings)
    try:
        await database.migrate()
        yield database
    finally:
        await database.close()


def milestones_url(settings: Settings) -> str:
    """The address of the timeline's page."""
    return settings.links_from + MILESTONES_PAGE


def measure_url(public_url: str, measure_id: str) -> str:
    """The address of a measure's page."""
    return f"{public_url}/measures/{quote(measure_id)}"


def links_of(settings: Settings) -> Links:
    """The addresses that messages name."""
    base = settings.links_from

    def measures(topic: str) -> str:
        filter_, _, value = topic.partition(":")
        return f"{base}/measures?{urlencode({filter_: value})}" if value else f"{base}/measures"

    return Links(milestones_url(settings), lambda measure_id: measure_url(base, measure_id), measures)


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncIterator[Core]:
    """Everything behind the callback, with a migrated database and the knowledge loaded.

    :raises Unavailable: the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        database = database_of(settings)
        stack.push_async_callback(database.close)
        await database.migrate()
        library = LiveLibrary(database, clock, IndexFiles(settings.data_dir / "index"))
        await library.open()
        cookie_key, feeds = await _keys(database)
        journal = Journal(database, clock)
        stack.push_async_callback(journal.close)
        semantics = await _semantics(settings, database, library, stack)
        notes = StatusNotes(library, clock)
        speaker = _speaker(settings, notes, clock)
        world = partial(_world, settings, library)
        teacher = Teacher(database, Editor(database, world, clock), library, speaker, clock)
        conversation = Conversation(
            journal,
            library,
            speaker,
            clock,
            _schedule(settings, world, feeds),
            desk=_desk(settings, database, teacher, library),
            refine=semantics.refine if semantics else None,
        )
        yield Core(
            settings,
            clock,
            database,
            library,
            journal,
            conversation,
            teacher,
            Metrics(),
            cookie_key,
            feeds,
            notes,
            semantics,
        )


async def _keys(database: Database) -> tuple[bytes, FeedKeys]:
    """What seals the admins' cookies, and what signs the addresses of calendars."""
    async with database.transaction() as session:
        cookie_key = await keys.get_or_create(session, "admin cookies")
        return cookie_key, FeedKeys(await keys.get_or_create(session, "calendar feeds"))


def _speaker(settings: Settings, notes: StatusNotes, clock: Clock) -> Speaker:
    """Words replies, with links to this service's pages."""
    return Speaker(
        measure_url=partial(measure_url, settings.links_from),
        status_note=notes,
        validity_note=lambda measure: validity_note(measure, clock().date()),
    )


def _schedule(settings: Settings, world: Callable[[], World], feeds: FeedKeys) -> Schedule:
    """What conversations know of dates, and where people see them."""
    return Schedule(
        world,
        milestones_url(settings),
        lambda user, serial: f"{settings.links_from}/calendar.ics?person={feeds.token(user, serial)}",
    )


def _desk(settings: Settings, database: Database, teacher: Teacher, library: LiveLibrary) -> Desk:
    """Carries out what admins command in the chat."""
    home = f"{settings.links_from}/admin"
    return Desk(settings.admin_users, database, teacher, library.refresh, home, settings.wecom_account_limit)


async def _semantics(
    settings: Settings, database: Database, library: LiveLibrary, stack: AsyncExitStack
) -> Semantics | None:
    """The optional semantic stage, where an address and a model are set."""
    if not (settings.embeddings_url and settings.embeddings_model):
        return None
    session = await stack.enter_async_context(ClientSession())
    key = secret(settings.embeddings_key)
    return Semantics(Embeddings(session, settings.embeddings_url, settings.embeddings_model, key), database, library)


def editor_of(core: Core) -> Editor:
    """Changes the knowledge of an opened core, and tells its followers."""
    return Editor(core.database, lambda: world_of(core), core.clock)


def web_app(
    core: Core, wecom: WecomClient, engine: Engine | None = None, examine: Examine | None = None
) -> web.Application:
    """The HTTP side of an opened core.

    :param engine: plans and sends; None: one of its own.
    """
    settings = core.settings
    app = web.Application(client_max_size=MAX_BODY)
    metrics = core.metrics
    site.install(app, settings.links_from, trusted=settings.trusted_proxies, count=metrics.responded)
    late = LateAnswers(core.database, core.clock)
    callback = Callback(
        envelope_of(settings),
        settings.wecom_corp_id or "",
        settings.wecom_agent_id or 0,
        core.conversation.respond,
        late.push,
        at_once=core.conversation.at_once,
        turn_away=late.turn_away,
        metrics=metrics,
    )
    app.add_routes(callback.routes())
    app.add_routes(Pages(core.library, core.status_note, core.validity_note).routes())
    app.add_routes(Downloads(core.library, core.status_note, settings.links_from).routes())
    timeline = MilestonePages(lambda: world_of(core), partial(_calendar_owner, core), core.clock, settings.links_from)
    app.add_routes(timeline.routes())
    app.add_subapp(api.PREFIX, api.application(operations(context_of(core)), _tokens(settings)))
    app.add_routes(health.routes(lambda: _ready(core), watch_of(core).text))
    mount(app, admin_of(core, wecom, examine))
    app.cleanup_ctx.append(lambda _: _background(core, engine or engine_of(core, wecom), callback))
    return app


def watch_of(core: Core) -> Watch:
    """What /metrics tells of an opened core."""
    accounts = core.settings.wecom_account_limit
    quota = accounts * PER_ACCOUNT if accounts else None
    return Watch(core.metrics, core.database, core.library, core.journal, quota)


async def _calendar_owner(core: Core, token: str) -> Follower | None:
    """Whose calendar a token opens, unless they renewed its address since."""
    named = core.calendars.read(token)
    if named is None:
        return None
    async with core.database.session() as session:
        person = await followers.follower(session, named[0])
    return person if person.calendar == named[1] else None


def context_of(core: Core) -> Context:
    """The service as the API sees it."""
    return Context(
        library=core.library,
        measure_url=partial(measure_url, core.settings.links_from),
        status_note=lambda measure: note_of(measure, core.status_note, core.clock().date()),
        world=lambda: world_of(core),
        now=core.clock,
        entries=Entries(core.database, editor_of(core)),
        storage=core.database,
        importer=Importer(core.database, editor_of(core), core.library),
        history=History(core.database, editor_of(core)),
        refresh=core.library.catch_up,
        written=core.journal.catch_up,
        api=urlsplit(core.settings.links_from).path + api.PREFIX,
    )


def _tokens(settings: Settings) -> Mapping[str, str]:
    return {name: token.get_secret_value() for name, token in settings.tokens.items()}


def admin_of(core: Core, wecom: WecomClient, examine: Examine | None) -> web.Application:
    """The pages for admins."""
    settings = core.settings
    editor = editor_of(core)
    parts = Parts(
        settings,
        core.library,
        core.database,
        editor,
        Entries(core.database, editor),
        Importer(core.database, editor, core.library),
        History(core.database, editor),
        core.teacher,
        lambda: uuid4().hex,
        core.clock,
        wecom.members,
        examine,
    )
    door = Door(wecom.user_of, parts.note, core.clock, lambda: uuid4().hex, *_sign_in_at(settings))
    return admin_app(parts, door, core.cookie_key)


def _sign_in_at(settings: Settings) -> tuple[str, ...]:
    """Where the platform asks who is there: the stand-in has its own place for it, a relay of the API has none."""
    return (f"{settings.wecom_api_base}/oauth",) * 2 if settings.wecom_corp_id == STAND_IN else ()


def planner_of(core: Core) -> Planner:
    """Turns the pilots' milestones into announcements."""
    return Planner(core.database, lambda: world_of(core))


def engine_of(core: Core, wecom: WecomClient, planner: Planner | None = None) -> Engine:
    """Plans and sends for an opened core."""
    settings, sender = core.settings, WecomSender(wecom)
    outbox = Outbox(
        core.database,
        sender.encode,
        links_of(settings),
        settings.zone,
        owner=uuid4().hex,
        new_id=lambda: uuid4().hex,
        random=random.random,
        accounts=settings.wecom_account_limit,
        admins=settings.admin_users,
    )
    return Engine(planner or planner_of(core), outbox, sender.send, core.clock, begins=settings.clock)


def world_of(core: Core) -> World:
    """What reminders are planned from."""
    return _world(core.settings, core.library)


def _world(settings: Settings, library: LiveLibrary) -> World:
    return world_from(settings, library().pack)


def world_from(settings: Settings, pack: Pack) -> World:
    """What reminders are planned from, given the knowledge; the years of the calendar that it holds replace ours."""
    calendar = calendar_file.shipped().updated(Calendar.stated(pack.workdays))
    return World(tuple(map(Pilot.of, pack.pilots)), calendar, settings.remind_at, settings.zone)


def envelope_of(settings: Settings) -> Envelope:
    """What callbacks are sealed with.

    :raises ValueError: one of the app's values cannot be right.
    """
    return Envelope(secret(settings.wecom_token), secret(settings.wecom_aes_key), settings.wecom_corp_id or "")


def wecom_for(core: Core, session: ClientSession) -> WecomClient:
    """The platform's API for an opened core: its replicas share one token, and its calls are counted."""
    settings = core.settings
    app = settings.wecom_api_base, settings.wecom_corp_id or "", secret(settings.wecom_secret)
    return wecom_of(settings, session, core.metrics.called, SharedToken(core.database, *app))


def wecom_of(
    settings: Settings,
    session: ClientSession,
    observe: Callable[[int | None], None] = lambda errcode: None,
    shelf: TokenShelf | None = None,
) -> WecomClient:
    """The platform's API for the configured app.

    :param observe: told how each request ends.
    :param shelf: where the token is shared, if it is.
    """
    return WecomClient(
        session,
        settings.wecom_api_base,
        settings.wecom_corp_id or "",
        secret(settings.wecom_secret),
        settings.wecom_agent_id or 0,
        proxy=settings.wecom_proxy,
        observe=observe,
        shelf=shelf,
    )


async def _ready(core: Core) -> None:
    core.library()
    await core.database.ping()


async def _background(core: Core, engine: Engine, callback: Callback) -> AsyncIterator[None]:
    """What goes on beside the requests: deliveries, following the knowledge, letting go of what is old.

    It ends after the last request: until then there may be one more late answer.
    """
    bell = Bell(core.database)
    prune = forever("what is old stays for now", partial(_prune, core), PRUNE_EVERY.total_seconds())
    work = [bell.listen(), core.library.follow(bell.wait), prune]
    if core.semantics:
        work.append(core.semantics.follow())
    tasks = [asyncio.create_task(each) for each in work]
    async with ticking(engine, fast=core.settings.clock_rate > 1):
        yield
        await callback.close()
    await ended(*tasks)


async def _prune(core: Core) -> None:
    now = core.clock()
    await core.journal.prune(now)
    await people.anonymise(core.database, now - timedelta(days=core.settings.retention_days))
