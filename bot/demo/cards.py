"""What the platform requires of a template card. Pure.

Rules: https://developer.work.weixin.qq.com/document/path/90236 (template card types)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.demo.bodies import BAD_PARAMETER, Body
from bot.demo.model import ApiError

BAD_TASK_ID = 42014
BAD_KEY = 42018
MISSING_KEY = 42019
MISSING_NAME = 42020

KEY_BYTES = 1024
OPTION_BYTES = 128
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")

ANSWERABLE = ("button_interaction", "vote_interaction", "multiple_interaction")


def wants_answer(card: Mapping[str, Any]) -> bool:
    """Whether message/send returns a response_code for it."""
    return card.get("card_type") in ANSWERABLE or bool(card.get("action_menu"))


def check_card(card: Body) -> None:
    """:raises ApiError: a required field is missing or a hard limit is exceeded; soft lengths become flags."""
    kind = card.text("card_type")
    if kind not in _CHECKS:
        raise ApiError(BAD_PARAMETER, "invalid card_type")
    _check_common(card)
    _CHECKS[kind](card)
    if wants_answer(card.fields) and not TASK_ID.fullmatch(card.text("task_id")):
        raise ApiError(BAD_TASK_ID, "invalid task_id")


def answers(card: Mapping[str, Any]) -> dict[str, str]:
    """The keys a person can press, with the words on them: buttons, the submit button, the action menu."""
    buttons = [*card.get("button_list", ()), *card.get("action_menu", {}).get("action_list", ())]
    if card.get("submit_button"):
        buttons.append(card["submit_button"])
    return {button["key"]: button.get("text", "") for button in buttons if button.get("key")}


def is_menu_key(card: Mapping[str, Any], key: str) -> bool:
    return any(action["key"] == key for action in card.get("action_menu", {}).get("action_list", ()))


def _check_common(card: Body) -> None:
    if source := card.part("source"):
        source.advise_chars("desc", 20)
    if title := card.part("main_title"):
        title.advise_chars("title", 36)
        title.advise_chars("desc", 44)
    card.advise_chars("sub_title_text", 160)
    for line in card.parts("horizontal_content_list", 6):
        line.require("keyname")
        line.advise_chars("keyname", 5)
        line.advise_chars("value", 30)
    for jump in card.parts("jump_list", 3):
        jump.require("title")
        jump.advise_chars("title", 18)
        _check_target(jump)
    if menu := card.part("action_menu"):
        _check_keys(menu.parts("action_list", 3, least=1))


def _check_target(part: Body) -> None:
    """An optional link: type 1 is a URL, 2 a mini program."""
    if part.fields.get("type") == 1:
        part.require_url("url")
    if part.fields.get("type") == 2:
        part.require("appid")


def _check_keys(buttons: list[Body]) -> None:
    keys = [button.require("key", MISSING_KEY) for button in buttons]
    for button in buttons:
        button.require("text", MISSING_NAME)
    if len(set(keys)) < len(keys) or any(len(key.encode()) > KEY_BYTES for key in keys):
        raise ApiError(BAD_KEY, "button keys should be unique and at most 1024 bytes")


def _require_title(card: Body) -> None:
    title = card.part("main_title")
    if title is None:
        raise ApiError(BAD_PARAMETER, "missing main_title")
    title.require("title")


def _require_action(card: Body) -> None:
    action = card.part("card_action")
    if action is None or action.fields.get("type") not in (1, 2):
        raise ApiError(BAD_PARAMETER, "card_action.type should be 1 or 2")
    _check_target(action)


def _text_notice(card: Body) -> None:
    if not card.text("sub_title_text"):
        _require_title(card)
    _require_action(card)


def _news_notice(card: Body) -> None:
    _require_title(card)
    _require_action(card)
    picture = card.part("card_image")
    if picture is None and card.part("image_text_area") is None:
        raise ApiError(BAD_PARAMETER, "needs card_image or image_text_area")
    if picture:
        picture.require_url("url")
        ratio = picture.fields.get("aspect_ratio", 1.3)
        if not isinstance(ratio, int | float) or not 1.3 <= ratio <= 2.25:
            raise ApiError(BAD_PARAMETER, "aspect_ratio should be 1.3 to 2.25")
    card.parts("vertical_content_list", 4)


def _button_interaction(card: Body) -> None:
    _require_title(card)
    buttons = card.parts("button_list", 6, least=1)
    for button in buttons:
        button.advise_chars("text", 10)
    _check_keys([button for button in buttons if button.fields.get("type", 0) == 0])
    for button in buttons:
        _check_target(button)
    if selection := card.part("button_selection"):
        _check_question(selection, most=10)


def _vote_interaction(card: Body) -> None:
    _require_title(card)
    box = card.part("checkbox")
    if box is None:
        raise ApiError(BAD_PARAMETER, "missing checkbox")
    _check_question(box, most=20)
    _require_submit(card)


def _multiple_interaction(card: Body) -> None:
    _require_title(card)
    for select in card.parts("select_list", 3, least=1):
        _check_question(select, most=10)
    _require_submit(card)


def _check_question(question: Body, most: int) -> None:
    question.require("question_key")
    ids = [option.require("id") for option in question.parts("option_list", most, least=1)]
    if len(set(ids)) < len(ids) or any(len(one.encode()) > OPTION_BYTES for one in ids):
        raise ApiError(BAD_PARAMETER, "option ids should be unique and at most 128 bytes")


def _require_submit(card: Body) -> None:
    submit = card.part("submit_button")
    if submit is None:
        raise ApiError(BAD_PARAMETER, "missing submit_button")
    _check_keys([submit])


_CHECKS = {
    "text_notice": _text_notice,
    "news_notice": _news_notice,
    "button_interaction": _button_interaction,
    "vote_interaction": _vote_interaction,
    "multiple_interaction": _multiple_interaction,
}
