"""`pilotbot demo`: the real service and a stand-in for WeChat Work in one process, on loopback."""

from __future__ import annotations

import secrets
import string
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web
from pydantic import SecretStr

from bot import compose, logs
from bot.compose import Core
from bot.demo.model import Account
from bot.demo.platform import Platform
from bot.demo.site import API_BASE, mount
from bot.menu import MENU
from bot.process import CannotListen, listening, until_signalled
from bot.settings import Settings
from bot.web.callback import PATH
from bot.wecom.client import WecomClient

APP_NAME = "试点通"
AGENT_ID = 1000002
LOOPBACK = "127.0.0.1"


async def demo(settings: Settings) -> None:
    """Runs until a signal; prints the address of the chat page.

    :raises CannotListen: the port is taken and was asked for by name.
    """
    logs.configure(settings.log_level, settings.log_format)
    async with running(settings) as port:
        print(f"\n  试点通 demo: http://{LOOPBACK}:{port}/sandbox/   (Ctrl+C to stop)\n", flush=True)  # noqa: T201
        await until_signalled()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[int]:
    """The demo on a port of loopback. What it learns is gone at the end, unless a place for it is configured."""
    async with AsyncExitStack() as stack:
        if not settings.model_fields_set & {"data_dir", "database_url"}:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pilotbot-demo-"))
            settings = settings.model_copy(update={"data_dir": Path(folder)})
        session = await stack.enter_async_context(ClientSession())
        front = web.Application()
        port = await stack.enter_async_context(_bound(front, settings))
        yield port


def account() -> Account:
    """A corporation with made-up credentials."""
    alphabet = string.ascii_letters + string.digits
    made_up = ("".join(secrets.choice(alphabet) for _ in range(n)) for n in (43, 24, 43))
    secret, token, aes_key = made_up
    return Account("wwdemo0123456789", AGENT_ID, secret, token, aes_key, APP_NAME)
