"""The messages of callbacks and passive replies.

Messages https://developer.work.weixin.qq.com/document/path/90239, events .../90240, replies .../90241.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NoReturn

from wechatpy.enterprise.messages import MESSAGE_TYPES

from bot.wecom.errors import MalformedEnvelope, MalformedMessage, WrongReceiver
from bot.wecom.xml import Value, parse
from handlers.model import Incoming, Kind

# Not among the registered (official) types: `file` was only ever seen by others.
_MEDIA = (frozenset(MESSAGE_TYPES) - {"text"}) | {"file"}
_EVENTS = {
    "click": Kind.MENU,
    "enter_agent": Kind.ENTER,
    "subscribe": Kind.JOIN,
    "unsubscribe": Kind.LEAVE,
    "template_card_event": Kind.CLICK,
}

_TAGS = {"keyname": "KeyName"}  # whose JSON and XML names are not formed by the rule

_SECONDS = re.compile(r"[0-9]{1,10}")  # since 1970, UTC; up to the year 2286
_SENDER = re.compile(rb"<FromUserName><!\[CDATA\[([!-;=-Z^-~]{1,64})\]\]></FromUserName>")  # as the platform writes it
_TEXT = re.compile(rb"<MsgType>(?:<!\[CDATA\[)?text(?:\]\]>)?</MsgType>")
_INTEGER = re.compile(r"[0-9]{1,20}")  # of 64 bits
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True, slots=True)
class OuterMessage:
    """The body of a callback before it is opened."""

    encrypt: str  # base64
    to_user: str  # the corporation id; empty if absent
    agent_id: str  # empty if absent


@dataclass(frozen=True, slots=True)
class Message:
    """A decrypted callback."""

    fields: Mapping[str, Value]
    plain: bytes

    @property
    def digest(self) -> str:
        """Of the whole plaintext: the same on every retry, whatever the ciphertext."""
        return hashlib.sha256(self.plain).hexdigest()

    @property
    def type(self) -> str:
        """MsgType in lower case; `event` for all events."""
        return self.word("MsgType").lower()

    def text(self, name: str) -> str:
        """The text of a field that must be there, exactly once."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            raise MalformedMessage(f"{name} is missing or not a plain text")
        return value

    def word(self, name: str) -> str:
        """... and must not be empty."""
        return self.text(name) or _refuse(f"{name} is empty")

    def number(self, name: str, shape: re.Pattern[str] = _INTEGER) -> int:
        """... and must be a number."""
        value = self.text(name)
        return int(value) if shape.fullmatch(value) else _refuse(f"{name} is not a number")


def parse_request(body: bytes) -> OuterMessage:
    """The outer layer of a callback.

    :raises MalformedEnvelope: if it is not strict XML with exactly one Encrypt
    """
    fields = parse(body, MalformedEnvelope)
    encrypt = fields.get("Encrypt")
    to_user, agent_id = fields.get("ToUserName", ""), fields.get("AgentID", "")
    if not isinstance(encrypt, str) or not encrypt:
        raise MalformedEnvelope("Encrypt must be there exactly once")
    if not isinstance(to_user, str) or not isinstance(agent_id, str):
        raise MalformedEnvelope("ToUserName and AgentID may be there only once")
    return OuterMessage(encrypt, to_user, agent_id)


def parse_message(plain: bytes) -> Message:
    """The inner layer of a callback.

    :raises MalformedMessage: if it is not strict XML
    """
    return Message(parse(plain, MalformedMessage), plain)


def is_text(plain: bytes) -> bool:
    """Whether it is a text for certain, found out without reading it; False: perhaps."""
    return bool(_TEXT.search(plain))  # only a text has words that could hold this


def sender_of(plain: bytes) -> str:
    """Who sent a message, mostly without reading the rest of it.

    :raises MalformedMessage: if it does not say
    """
    found = _SENDER.search(plain)  # no text can hold this: inside CDATA its brackets would be taken apart
    return found[1].decode() if found else parse_message(plain).word("FromUserName")


def to_incoming(message: Message, corp_id: str, agent_id: int) -> Incoming:
    """What a handler is told of a message or event.

    :raises MalformedMessage: if a field that every message of its type has is missing or not of its type
    :raises WrongReceiver: if it is meant for another corporation or app
    """
    _check_receiver(message, corp_id, agent_id)
    sender = message.word("FromUserName")
    user = sender.lower()
    kind, text = _kind_and_text(message)
    return Incoming(
        key=_key(message, agent_id, user),
        user=user,
        kind=kind,
        text=text,
        sent_at=datetime.fromtimestamp(message.number("CreateTime", _SECONDS), UTC),
        task=_optional(message, "TaskId") if kind is Kind.CLICK else "",
        sender=sender,
    )


def render_reply(text: str, to_user: str, from_user: str, created: int) -> bytes:
    """A passive text reply, ready to be sealed.

    :param text: at most 2048 bytes, or the platform cuts it
    :param to_user: the person, as FromUserName wrote it
    :param from_user: the corporation id
    :param created: seconds since 1970, UTC
    """
    return _reply("text", _content(text), to_user, from_user, created)


def render_card_update(card: Mapping[str, Any], to_user: str, from_user: str, created: int) -> bytes:
    """A passive reply that puts a card in the place of the clicked one, ready to be sealed.

    :param card: in the shape of message/send; the other parameters as for `render_reply`
    """
    return _reply("update_template_card", _elements("template_card", card), to_user, from_user, created)


@lru_cache(maxsize=1000)  # many people get the same reply
def _content(text: str) -> str:
    return f"<Content>{_cdata(text)}</Content>"


def _reply(kind: str, content: str, to_user: str, from_user: str, created: int) -> bytes:
    return (
        f"<xml><ToUserName>{_cdata(to_user)}</ToUserName><FromUserName>{_cdata(from_user)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType>{_cdata(kind)}</MsgType>{content}</xml>"
    ).encode()


def _elements(name: str, value: Any) -> str:
    """JSON of a card as XML: names in CamelCase, a list as repeated elements."""
    if isinstance(value, list):
        return "".join(_elements(name, item) for item in value)
    tag = _TAGS.get(name) or "".join(part.capitalize() for part in name.split("_"))
    if isinstance(value, Mapping):
        content = "".join(_elements(child, of_child) for child, of_child in value.items())
    else:
        content = str(value) if isinstance(value, int) else _cdata(value)
    return f"<{tag}>{content}</{tag}>"


def render_envelope(encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
    """The body of an answer to a callback.

    :param encrypted: base64, and so free of anything that XML minds
    :param timestamp: in seconds, as it was signed
    :raises ValueError: if the timestamp is not a number
    """
    if not _SECONDS.fullmatch(timestamp):
        raise ValueError("the timestamp of a reply must be a number of seconds")
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature>{_cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    ).encode()


def _refuse(message: str) -> NoReturn:
    raise MalformedMessage(message)


def _check_receiver(message: Message, corp_id: str, agent_id: int) -> None:
    if message.word("ToUserName") != corp_id:
        raise WrongReceiver("the message is for another corporation")
    if "AgentID" in message.fields and message.number("AgentID") != agent_id:  # some events have none
        raise WrongReceiver("the message is for another app")


def _kind_and_text(message: Message) -> tuple[Kind, str]:
    name = message.type
    if name == "event":
        kind = _EVENTS.get(message.word("Event").lower(), Kind.OTHER)
        return kind, message.text("EventKey") if kind in (Kind.MENU, Kind.CLICK) else ""
    if name == "text":
        return Kind.TEXT, message.text("Content")
    return (Kind.MEDIA, name) if name in _MEDIA else (Kind.OTHER, "")


def _key(message: Message, agent_id: int, user: str) -> str:
    """Message ids have collided between users, events in one second: hence all three, and the digest."""
    if message.type in MESSAGE_TYPES or (message.type != "event" and "MsgId" in message.fields):
        return f"{agent_id}:{user}:{message.number('MsgId')}"
    return f"event:{message.digest}"


def _optional(message: Message, name: str) -> str:
    return message.text(name) if name in message.fields else ""


def _cdata(text: str) -> str:
    if text.isascii() and text.isalnum():  # ids, mostly
        return f"<![CDATA[{text}]]>"
    return f"<![CDATA[{_NOT_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
