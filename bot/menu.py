"""The app's bottom menu. A key acts like the same word typed into the chat, so that no handler knows menus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession

from bot import compose
from bot.settings import APP, Settings


def _click(label: str, key: str | None = None) -> dict[str, str]:
    return {"type": "click", "name": label, "key": key or label}


MENU: Mapping[str, Any] = {
    "button": [
        _click("板块"),
        {
            "name": "订阅",
            "sub_button": [
                _click("我的订阅"),
                _click("里程碑"),
                _click("订阅里程碑", "订阅 里程碑"),
                _click("我的提醒"),
                _click("暂停推送", "暂停"),
            ],
        },
        {"name": "这条回答", "sub_button": [_click("看详情", "详情"), _click("有用"), _click("没用"), _click("帮助")]},
    ]
}


async def put_menu(settings: Settings) -> None:
    """Replaces the app's menu on the platform.

    :raises ConfigurationError: the app's credentials are missing.
    :raises ApiError: the platform refuses, or cannot be reached.
    """
    settings.require(*APP[:3])
    async with ClientSession() as session:
        await compose.wecom_of(settings, session).create_menu(MENU)
