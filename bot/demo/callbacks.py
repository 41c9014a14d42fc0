"""What people do in the chat, as fields of the callback's XML, and how their own chat shows it. Pure.

Fields: https://developer.work.weixin.qq.com/document/path/90239 and .../90240
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.demo import texts
from bot.demo.model import Message, Side
from bot.demo.wire import Xml

Fields = dict[str, Xml]


def text(content: str) -> Fields:
    return {"MsgType": "text", "Content": content}


def image(media_id: str, url: str) -> Fields:
    return {"MsgType": "image", "PicUrl": url, "MediaId": media_id}


def voice(media_id: str, audio: str = "amr") -> Fields:
    return {"MsgType": "voice", "MediaId": media_id, "Format": audio}


def video(media_id: str, thumb_media_id: str) -> Fields:
    return {"MsgType": "video", "MediaId": media_id, "ThumbMediaId": thumb_media_id}


def location(latitude: float, longitude: float, label: str, scale: int = 15) -> Fields:
    place: Fields = {"Location_X": latitude, "Location_Y": longitude, "Scale": scale, "Label": label}
    return {"MsgType": "location", **place, "AppType": "wxwork"}


def link(title: str, description: str, url: str, picture: str = "") -> Fields:
    return {"MsgType": "link", "Title": title, "Description": description, "Url": url, "PicUrl": picture}


def event(name: str, key: str = "", **more: Xml) -> Fields:
    """Any event: enter_agent, subscribe, unsubscribe, click, view … with its EventKey and further fields."""
    return {"MsgType": "event", "Event": name, "EventKey": key, **more}


def card_event(
    name: str, key: str, card: Mapping[str, str], response_code: str, chosen: Mapping[str, Sequence[str]]
) -> Fields:
    """template_card_event or template_card_menu_event.

    :param card: the card's task_id and card_type.
    :param chosen: question_key -> ids of the options chosen.
    """
    picked: list[Xml] = [
        {"QuestionKey": question, "OptionIds": {"OptionId": list(ids)}} for question, ids in chosen.items()
    ]
    more: dict[str, Xml] = {"SelectedItems": {"SelectedItem": picked}} if picked else {}
    return event(name, key, TaskId=card["task_id"], CardType=card["card_type"], ResponseCode=response_code, **more)


def name_of(fields: Fields) -> str:
    """MsgType, or for an event its own name."""
    return str(fields["Event"] if fields["MsgType"] == "event" else fields["MsgType"])


def shown(fields: Fields, label: str = "") -> tuple[Side, Message]:
    """The entry that the person's own chat gets.

    :param label: what the person saw on the button or menu, where the fields hold only its key.
    """
    if fields["MsgType"] == "event":
        return Side.NOTE, {"msgtype": "note", "note": {"content": _note(fields, label)}}
    kind = str(fields["MsgType"])
    body = {_OWN_NAMES[name]: value for name, value in fields.items() if name in _OWN_NAMES}
    return Side.PERSON, {"msgtype": kind, kind: body}


# XML names of messages -> names in a chat entry.
_OWN_NAMES = {
    "Content": "content",
    "PicUrl": "url",
    "MediaId": "media_id",
    "Label": "label",
    "Location_X": "latitude",
    "Location_Y": "longitude",
    "Title": "title",
    "Description": "description",
    "Url": "url",
}

_NOTES: dict[str, Callable[[str, str], str]] = {
    "enter_agent": lambda key, label: texts.ENTERED,
    "subscribe": lambda key, label: texts.JOINED,
    "unsubscribe": lambda key, label: texts.LEFT,
    "click": lambda key, label: texts.CLICKED.format(name=label or key),
    "view": lambda key, label: texts.VIEWED.format(url=key),
    "LOCATION": lambda key, label: texts.LOCATED,
    "template_card_event": lambda key, label: texts.PRESSED.format(name=label or key),
    "template_card_menu_event": lambda key, label: texts.PRESSED.format(name=label or key),
}


def _note(fields: Fields, label: str) -> str:
    name = str(fields["Event"])
    word = _NOTES.get(name)
    return word(str(fields["EventKey"]), label) if word else texts.OTHER_EVENT.format(name=name)
