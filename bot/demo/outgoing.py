"""What message/send accepts, refuses and cuts. Pure.

Rules: https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.demo.bodies import BAD_PARAMETER, Body
from bot.demo.cards import check_card
from bot.demo.model import ApiError, Message

TEXT_BYTES = 2048
MAX_ARTICLES = 8
MAX_USERS = 1000
MAX_GROUPS = 100  # departments, and tags

BAD_MEDIA = 40007
BAD_MSGTYPE = 40008
LONG_USER_LIST = 40032
BAD_AGENT = 40056
MISSING_URL = 41010
MISSING_AGENT = 41011
MISSING_TITLE = 41016
MISSING_DESCRIPTION = 41033
EMPTY_TEXT = 44004
TOO_LARGE = 45002
TOO_MANY_ARTICLES = 45008
NO_RECIPIENTS = 82001
LONG_PARTY_LIST = 82002
LONG_TAG_LIST = 82003

HasMedia = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Recipients:
    users: tuple[str, ...] = ()  # as written, without repeats
    parties: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that passed: what a client would show, and what was cut on the way."""

    recipients: Recipients
    message: Message
    flags: tuple[str, ...]


def check(request: Mapping[str, Any], agent_id: int, has_media: HasMedia) -> Checked:
    """Examines one request of message/send.

    :param has_media: whether a media id is known and fresh.
    :raises ApiError: as the platform refuses it.
    """
    check_agent(request, agent_id)
    recipients = _recipients(request)
    kind = request.get("msgtype")
    if not isinstance(kind, str) or kind not in _CHECKS:
        raise ApiError(BAD_MSGTYPE, "invalid message type")
    body = Body(request.get(kind), kind)
    _CHECKS[kind](body, has_media)
    return Checked(recipients, {"msgtype": kind, kind: body.fields}, tuple(body.flags))


def check_agent(request: Mapping[str, Any], agent_id: int) -> None:
    """:raises ApiError: no agentid, or not this app's."""
    if "agentid" not in request:
        raise ApiError(MISSING_AGENT, "missing agentid")
    if str(request["agentid"]) != str(agent_id):
        raise ApiError(BAD_AGENT, "invalid agentid")


def _recipients(request: Mapping[str, Any]) -> Recipients:
    users, parties, tags = (_names(request, key) for key in ("touser", "toparty", "totag"))
    if users == ("@all",):
        return Recipients(everyone=True)
    if not (users or parties or tags):
        raise ApiError(NO_RECIPIENTS, "touser, toparty and totag are all empty")
    if len(users) > MAX_USERS:
        raise ApiError(LONG_USER_LIST, "more than 1000 users")
    if len(parties) > MAX_GROUPS:
        raise ApiError(LONG_PARTY_LIST, "more than 100 departments")
    if len(tags) > MAX_GROUPS:
        raise ApiError(LONG_TAG_LIST, "more than 100 tags")
    return Recipients(users, parties, tags)


def _names(request: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = request.get(key, "")
    if not isinstance(value, str):
        raise ApiError(BAD_PARAMETER, f"{key} should be a string joined with |")
    return tuple(dict.fromkeys(name.strip() for name in value.split("|") if name.strip()))


def _text(body: Body, has_media: HasMedia) -> None:
    body.require("content", EMPTY_TEXT)
    body.cut_bytes("content", TEXT_BYTES)


def _markdown(body: Body, has_media: HasMedia) -> None:
    content = body.require("content", EMPTY_TEXT)
    if len(content.encode()) > TEXT_BYTES:  # whether it is cut or refused is not documented: refusing is seen
        raise ApiError(TOO_LARGE, "markdown content is longer than 2048 bytes")


def _media(body: Body, has_media: HasMedia) -> None:
    if not has_media(body.require("media_id", BAD_MEDIA)):
        raise ApiError(BAD_MEDIA, "invalid media_id")


def _video(body: Body, has_media: HasMedia) -> None:
    _media(body, has_media)
    body.cut_bytes("title", 128)
    body.cut_bytes("description", 512)


def _textcard(body: Body, has_media: HasMedia) -> None:
    body.require("title", MISSING_TITLE)
    body.require("description", MISSING_DESCRIPTION)
    body.require_url("url", MISSING_URL)
    body.cut_chars("title", 128)
    body.cut_chars("description", 512)
    body.cut_chars("btntxt", 4)


def _news(body: Body, has_media: HasMedia) -> None:
    articles = body.parts("articles", MAX_ARTICLES, least=1, code=TOO_MANY_ARTICLES)
    for article in articles:
        article.require("title", MISSING_TITLE)
        if not article.text("appid"):
            article.require_url("url", MISSING_URL)
        article.cut_bytes("title", 128)
        article.cut_bytes("description", 512)
    body.fields["articles"] = [article.fields for article in articles]


def _mpnews(body: Body, has_media: HasMedia) -> None:
    for article in body.parts("articles", MAX_ARTICLES, least=1, code=TOO_MANY_ARTICLES):
        article.require("title", MISSING_TITLE)
        article.require("content")
        if not has_media(article.require("thumb_media_id", BAD_MEDIA)):
            raise ApiError(BAD_MEDIA, "invalid thumb_media_id")


def _miniprogram_notice(body: Body, has_media: HasMedia) -> None:
    body.require("appid")
    body.require("title", MISSING_TITLE)


def _template_card(body: Body, has_media: HasMedia) -> None:
    check_card(body)


_CHECKS: dict[str, Callable[[Body, HasMedia], None]] = {
    "text": _text,
    "image": _media,
    "voice": _media,
    "file": _media,
    "video": _video,
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
    "markdown": _markdown,
    "miniprogram_notice": _miniprogram_notice,
    "template_card": _template_card,
}
