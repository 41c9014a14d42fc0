"""The app's bottom menu, within the platform's bounds, and each key a command that exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.menu import MENU
from handlers import router
from knowledge import pack
from knowledge.library import Library


def buttons(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        yield entry
        yield from buttons(entry.get("sub_button", []))


def test_it_has_at_most_three_buttons_with_five_below_each() -> None:
    top: Any = MENU["button"]
    assert 1 <= len(top) <= 3
    assert all(len(entry.get("sub_button", [])) <= 5 for entry in top)


def test_names_fit() -> None:  # 16 bytes above, 40 below: https://developer.work.weixin.qq.com/document/path/90231
    top: Any = MENU["button"]
    assert all(len(entry["name"].encode()) <= 16 for entry in top)
    assert all(len(entry["name"].encode()) <= 40 for entry in buttons(top))


def test_every_key_is_a_command() -> None:
    keys = [entry["key"] for entry in buttons(MENU["button"]) if entry.get("type") == "click"]
    assert keys
    library = Library(pack.shipped())
    assert [key for key in keys if router.command(key, library) is None] == []
