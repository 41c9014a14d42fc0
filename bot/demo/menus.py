"""What the platform requires of an app's bottom menu. Pure.

Rules: https://developer.work.weixin.qq.com/document/path/90231
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.demo.bodies import Body
from bot.demo.model import ApiError

MAX_BUTTONS = 3
MAX_SUB_BUTTONS = 5
KEY_BYTES = 128
URL_BYTES = 1024

KEYED = (
    "click",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
)


@dataclass(frozen=True, slots=True)
class _Codes:
    """The errcodes of one level."""

    count: int
    type: int
    name: int
    key: int
    url: int


TOP = _Codes(40016, 40017, 40018, 40019, 40020)
SUB = _Codes(40023, 40024, 40025, 40026, 40027)
TOP_NAME_BYTES = 16
SUB_NAME_BYTES = 40


def check_menu(menu: Mapping[str, Any]) -> None:
    """:raises ApiError: as menu/create refuses it."""
    buttons = Body(menu, "menu").parts("button", MAX_BUTTONS, least=1, code=TOP.count)
    for button in buttons:
        _check_name(button, TOP_NAME_BYTES, TOP)
        if "sub_button" in button.fields:
            for sub in button.parts("sub_button", MAX_SUB_BUTTONS, least=1, code=SUB.count):
                _check_name(sub, SUB_NAME_BYTES, SUB)
                _check_action(sub, SUB)
        else:
            _check_action(button, TOP)


def _check_name(button: Body, limit: int, codes: _Codes) -> None:
    if len(button.require("name", codes.name).encode()) > limit:
        raise ApiError(codes.name, "invalid button name size")


def _check_action(button: Body, codes: _Codes) -> None:
    kind = button.text("type")
    if kind in KEYED:
        if len(button.require("key", codes.key).encode()) > KEY_BYTES:
            raise ApiError(codes.key, "invalid button key size")
    elif kind == "view":
        button.require_url("url", codes.url)
        if len(button.text("url").encode()) > URL_BYTES:
            raise ApiError(codes.url, "invalid button url size")
    elif kind == "view_miniprogram":
        button.require("appid", codes.key)
        button.require("pagepath", codes.url)
    else:
        raise ApiError(codes.type, "invalid button type")


def label_of(menu: Mapping[str, Any], key: str) -> str:
    """The words on the button with this key, or "" if there is none."""
    for button in menu.get("button", ()):
        for one in (button, *button.get("sub_button", ())):
            if key in (one.get("key"), one.get("url")):
                return str(one["name"])
    return ""
