"""`python -m bot.demo URL`: the stand-in on its own, beside an app that runs as a process of its own.

It prints what the platform's own pages would show for the app, made up anew at each start. Whether the app's callback
answers is asked when somebody presses 保存回调 on the chat page, as on the platform.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime

from aiohttp import ClientSession, web

from bot.demo import texts
from bot.demo.model import CHINA, Account
from bot.demo.platform import Platform
from bot.demo.site import mount

HOST = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until a signal. Exit status: 0 done, 1 the port is taken, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m bot.demo", description="A stand-in for WeChat Work, on loopback.")
    parser.add_argument(
        "callback", metavar="URL", type=_address, help="the app's callback, as in http://127.0.0.1:8080/wecom/callback"
    )
    parser.add_argument("--port", type=int, default=8090, help="where API and chat page are (8090)")
    parser.add_argument("--name", default="应用", help="the app's, as its chat is headed")
    options = parser.parse_args(arguments)
    account = Account.made_up(options.name)
    card = texts.CARD.format(account=account, base=f"http://{HOST}:{options.port}", callback=options.callback)
    try:
        web.run_app(
            _app(account, options.callback), host=HOST, port=options.port, print=lambda _: _show(card), access_log=None
        )
    except OSError as error:
        print(f"bot.demo: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("must be an http:// or https:// address")
    return text


async def _app(account: Account, callback: str) -> web.Application:
    app, session = web.Application(), ClientSession()
    app.on_cleanup.append(lambda _: session.close())
    mount(app, Platform(account, callback, session, clock=lambda: datetime.now(CHINA)))
    return app


def _show(card: str) -> None:
    print(card, flush=True)


if __name__ == "__main__":
    sys.exit(main())
