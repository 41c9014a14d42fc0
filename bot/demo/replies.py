"""What the platform makes of a decrypted passive reply. Pure.

Rules: https://developer.work.weixin.qq.com/document/path/90241
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from bot.demo import texts
from bot.demo.bodies import cut_bytes
from bot.demo.model import Message, ReplyError
from bot.demo.outgoing import MAX_ARTICLES, TEXT_BYTES, HasMedia
from bot.demo.wire import number, only, parse

UPDATES = ("update_button", "update_template_card")

# Events whose answer may be an ordinary passive reply; a card button takes an update instead.
ANSWERED_EVENTS = (
    "subscribe",
    "enter_agent",
    "LOCATION",
    "click",
    "view",
    "view_miniprogram",
    "scancode_waitmsg",
    "template_card_menu_event",
)


@dataclass(frozen=True, slots=True)
class Reply:
    message: Message | None  # to show, or None for nothing
    flags: tuple[str, ...] = ()
    update: bool = False  # the message changes the card that was pressed


NOTHING = Reply(None)


def read_reply(plain: str, sender: str, receiver: str, event: str, has_media: HasMedia) -> Reply:
    """Judges the XML inside a reply's envelope.

    :param sender: the corp id, which must stand in FromUserName.
    :param receiver: the user id, which must stand in ToUserName.
    :param event: the event that is answered, or "" for a message.
    :raises ReplyError: the platform would show nothing because the reply is wrong.
    """
    root = parse(plain)
    _expect(root, "ToUserName", receiver)
    _expect(root, "FromUserName", sender)
    number(root, "CreateTime")
    kind = only(root, "MsgType")
    if kind not in _READERS:
        raise ReplyError(texts.BAD_TYPE.format(name=kind))
    reply = _READERS[kind](root, has_media)
    fits = reply.update == (event == "template_card_event")
    if not fits or (event and not reply.update and event not in ANSWERED_EVENTS):
        return Reply(None, (texts.NO_REPLY_HERE,))
    return reply


def _expect(root: Element, name: str, value: str) -> None:
    if only(root, name).lower() != value.lower():  # user ids compare without case
        raise ReplyError(texts.WRONG_ADDRESS.format(name=name, expected=value))


def _text(root: Element, has_media: HasMedia) -> Reply:
    content = root.findtext("Content") or ""
    if not content.strip():
        return Reply(None, (texts.EMPTY_TEXT,))
    shown = cut_bytes(content, TEXT_BYTES)
    flags = () if shown == content else (texts.CUT_BYTES.format(name="Content", limit=TEXT_BYTES),)
    return Reply({"msgtype": "text", "text": {"content": shown}}, flags)


def _media(kind: str) -> Callable[[Element, HasMedia], Reply]:
    def read(root: Element, has_media: HasMedia) -> Reply:
        part = _child(root, kind.capitalize())
        media_id = only(part, "MediaId")
        if not has_media(media_id):
            raise ReplyError(texts.NO_MEDIA)
        return Reply({"msgtype": kind, kind: {"media_id": media_id, "title": part.findtext("Title") or ""}})

    return read


def _news(root: Element, has_media: HasMedia) -> Reply:
    items = root.findall("Articles/item")
    if number(root, "ArticleCount") != len(items) or not 1 <= len(items) <= MAX_ARTICLES:
        raise ReplyError(texts.BAD_ARTICLES.format(limit=MAX_ARTICLES))
    names = {"Title": "title", "Description": "description", "Url": "url", "PicUrl": "picurl"}
    articles = [{ours: item.findtext(theirs) or "" for theirs, ours in names.items()} for item in items]
    return Reply({"msgtype": "news", "news": {"articles": articles}})


def _update_button(root: Element, has_media: HasMedia) -> Reply:
    name = only(_child(root, "Button"), "ReplaceName")
    return Reply({"msgtype": "update_button", "update_button": {"replace_name": name}}, update=True)


def _update_card(root: Element, has_media: HasMedia) -> Reply:
    card = _plain_value(_child(root, "TemplateCard"))
    if not isinstance(card, dict) or not card.get("card_type"):
        raise ReplyError(texts.FIELD_COUNT.format(name="CardType"))
    return Reply({"msgtype": "template_card", "template_card": card}, update=True)


def _child(root: Element, name: str) -> Element:
    found = root.findall(name)
    if len(found) != 1:
        raise ReplyError(texts.FIELD_COUNT.format(name=name))
    return found[0]


def _plain_value(element: Element) -> Any:
    """PascalCase XML as the snake_case JSON of the API; lists come as repeated elements whose names end in List."""
    if not len(element):
        text = element.text or ""
        return int(text) if element.tag in _NUMBERS and text.isdecimal() else text
    value: dict[str, Any] = {}
    for child in element:
        name = _JSON_NAMES.get(child.tag) or re.sub(r"(?<!^)(?=[A-Z])", "_", child.tag).lower()
        if child.tag.endswith("List"):
            value.setdefault(name, []).append(_plain_value(child))
        else:
            value[name] = _plain_value(child)
    return value


_JSON_NAMES = {"KeyName": "keyname"}  # not formed by the rule
_NUMBERS = ("Type", "Style", "DescColor", "Mode")

_READERS: dict[str, Callable[[Element, HasMedia], Reply]] = {
    "text": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _media("video"),
    "news": _news,
    "update_button": _update_button,
    "update_template_card": _update_card,
}
