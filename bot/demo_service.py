"""`pilotbot demo`: the real service and a stand-in for WeChat Work in one process, on loopback."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from datetime import datetime
from functools import partial
from pathlib import Path
from socket import socket

from aiohttp import ClientSession
from pydantic import SecretStr

from bot import check, compose, logs
from bot.clock import Movable
from bot.demo.control import Mark
from bot.demo.model import Account, Timing
from bot.demo.platform import Platform
from bot.demo.site import API_BASE, mount
from bot.menu import MENU
from bot.process import CannotListen, bound, listening, port_of, until_signalled
from bot.settings import Settings
from bot.time_machine import TimeMachine
from bot.web.callback import PATH
from scheduler.milestones import milestones
from scheduler.store.planning import World

APP_NAME = "试点通"
ADMIN = "wangfang"  # 王芳, one of the stand-in's people
CHORUS = "订阅 里程碑"  # what everybody can be made to say at once
LOOPBACK = "127.0.0.1"


async def demo(settings: Settings) -> None:
    """Runs until a signal; prints the addresses of the chat page and the admin pages.

    :raises CannotListen: the port that was asked for is taken.
    """
    logs.configure(settings.log_level, settings.log_format)
    async with running(settings) as (base, platform):
        names = {person.user: person.name for person in platform.people}
        who = "、".join(names.get(user, user) for user in admins(settings))
        print(  # noqa: T201
            f"\n  试点通 demo: {base}/sandbox/   (Ctrl+C to stop)"
            f"\n  admin pages: {base}/admin/   (用企业微信登录 as {who})\n",
            flush=True,
        )
        await until_signalled()


@asynccontextmanager
async def running(settings: Settings, timing: Timing = Timing()) -> AsyncIterator[tuple[str, Platform]]:  # noqa: B008
    """The demo's address and its platform. What it learns is gone at the end, unless a place for it is configured."""
    async with AsyncExitStack() as stack:
        address = stack.enter_context(closing(_address(settings)))
        base = f"http://{LOOPBACK}:{port_of(address)}"
        if not settings.model_fields_set & {"data_dir", "database_url"}:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pilotbot-demo-"))
            settings = settings.model_copy(update={"data_dir": Path(folder)})
        account = Account.made_up(APP_NAME)
        settings = connected(settings, account, base)
        clock = Movable(settings.clock or datetime.now(settings.zone), settings.zone)
        speed, settings = settings.clock_rate, settings.model_copy(update={"clock_rate": 1.0})
        session = await stack.enter_async_context(ClientSession())
        core = await stack.enter_async_context(compose.opened(settings, clock))
        wecom = compose.wecom_for(core, session)
        planner = compose.planner_of(core)
        engine = compose.engine_of(core, wecom, planner)
        app = compose.web_app(core, wecom, engine, partial(check.examine, settings, session))
        platform = Platform(account, base + PATH, session, clock, timing=timing)
        machine = TimeMachine(clock, engine, planner, lambda: _marks(compose.world_of(core)), speed)
        mount(app, platform, control=machine, chorus=CHORUS)
        await stack.enter_async_context(listening(app, address))
        await stack.enter_async_context(machine.running())
        await platform.verify_url()
        await wecom.create_menu(MENU)
        yield base, platform


def _marks(world: World) -> list[Mark]:
    """The milestones, on the sandbox's axis of time."""
    listed = (m for pilot in world.pilots for m in milestones(pilot))
    return [Mark(m.date.isoformat(), f"{m.title}（{m.pilot_name}）") for m in sorted(listed, key=lambda m: m.date)]


def admins(settings: Settings) -> tuple[str, ...]:
    """The user ids with admin rights: those configured, else one of the stand-in's people."""
    return settings.admin_users if "admin_users" in settings.model_fields_set else (ADMIN,)


def connected(settings: Settings, account: Account, base: str) -> Settings:
    """The settings of a service that belongs to the account and talks to the platform at `base`."""
    return settings.model_copy(
        update={
            "host": LOOPBACK,
            "public_url": settings.public_url or base,
            "admin_users": admins(settings),
            "wecom_corp_id": account.corp_id,
            "wecom_agent_id": account.agent_id,
            "wecom_secret": SecretStr(account.secret),
            "wecom_token": SecretStr(account.token),
            "wecom_aes_key": SecretStr(account.aes_key),
            "wecom_api_base": base + API_BASE,
            "wecom_proxy": None,
        }
    )


def _address(settings: Settings) -> socket:
    """The configured port, or any free one where none was asked for and the usual one is taken."""
    try:
        return bound(LOOPBACK, settings.port)
    except CannotListen:
        if "port" in settings.model_fields_set:
            raise
        return bound(LOOPBACK, 0)
