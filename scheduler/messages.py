"""What people are sent: the content of an occurrence as a message of the platform. Pure.

Nothing personal stands in a message, so that a thousand receivers can share one call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from knowledge.codec import from_json
from scheduler import texts, wording
from scheduler.delivery import Kind
from scheduler.model import Milestone, Reminder
from scheduler.retry import DUPLICATE_CHECK

LIMIT_BYTES = 2048  # of a text: https://developer.work.weixin.qq.com/document/path/90236
ITEMS = 8  # of an update that are named; the others are counted
NAMES = 3  # topics of a digest that are named
SUBJECT_CHARS = 40
RESENT_BYTES = 40  # what a message that is sent again says about it

_NO_TIME = datetime.min.replace(tzinfo=UTC)
SEEN, DONE, TOMORROW = wording.BUTTONS  # keys of a card's buttons


@dataclass(frozen=True, slots=True)
class Told:
    """One occurrence as a message needs it."""

    kind: Kind
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that messages name."""

    milestones: str  # the timeline's page
    measure: Callable[[str], str]  # id -> page
    measures: Callable[[str], str]  # topic, '' for all -> page that lists them


def request(
    told: Sequence[Told], users: Sequence[str], task_id: str, today: date, links: Links, *, plain: bool
) -> dict[str, Any]:
    """The body of message/send, without the agent.

    :param told: one occurrence, or the updates that one digest merges.
    :param plain: as text, where a card was refused.
    """
    head = {
        "touser": "|".join(users),
        "enable_duplicate_check": 1,
        "duplicate_check_interval": int(DUPLICATE_CHECK.total_seconds()),
    }
    if is_card(told) and not plain:
        return head | {"msgtype": "template_card", "template_card": card(told[0].content, task_id, today, links)}
    return head | {"msgtype": "text", "text": {"content": text(told, today, links)}}


def is_card(told: Sequence[Told]) -> bool:
    """Whether these are shown with buttons."""
    return told[0].kind in (Kind.REMINDER, Kind.SNOOZE)


def milestone_of(content: Mapping[str, Any]) -> Milestone:
    """The milestone that a reminder is about."""
    return from_json(Milestone, content["milestone"])


def subject(kind: Kind, content: Mapping[str, Any]) -> str:
    """What an occurrence is about, in one line for lists that name its kind beside it."""
    match kind:
        case Kind.REMINDER | Kind.SNOOZE:
            milestone = milestone_of(content)
            return f"{milestone.pilot_name} {milestone.title} {milestone.date}"
        case Kind.UPDATE:
            line = wording.TAKEN_BACK_LINE if content.get("taken_back") else wording.UPDATED_LINE
            return line.format(names=content["name"], total=content["total"])
    line = str(content["text"]).partition("\n")[0]
    for head in (wording.BROADCAST_HEAD, wording.ALARM_HEAD, wording.MOVED_HEAD):
        line = line.removeprefix(head)
    return line[:SUBJECT_CHARS]


def card(content: Mapping[str, Any], task_id: str, today: date, links: Links) -> dict[str, Any]:
    """A reminder with its buttons. 明天再提醒 is not offered on the last day that it could be of use."""
    milestone = milestone_of(content)
    buttons = [_button(SEEN, style=1), _button(DONE)]
    if milestone.date > today:
        buttons.append(_button(TOMORROW))
    resent = {"sub_title_text": content["resent"]} if content.get("resent") else {}
    return _card(milestone, task_id, today, links.milestones) | resent | {"button_list": buttons}


def answered(milestone: Milestone, task_id: str, today: date, page: str, note: str) -> dict[str, Any]:
    """The card after 知道了 or 明天再提醒: what was decided, and 已完成.

    :param page: address of the timeline.
    """
    changed = {"sub_title_text": note, "button_list": [_button(DONE)]}
    return _card(milestone, task_id, today, page) | changed


def closed(milestone: Milestone, task_id: str, today: date, page: str) -> dict[str, Any]:
    """The card after 已完成: its buttons give way to the word."""
    changed = {"button_list": [_button(DONE)], "replace_text": wording.DONE}
    return _card(milestone, task_id, today, page) | changed


def _button(key: str, style: int = 2) -> dict[str, Any]:
    return {"text": wording.BUTTONS[key], "style": style, "key": key}


def _card(milestone: Milestone, task_id: str, today: date, page: str) -> dict[str, Any]:
    days = (milestone.date - today).days
    return {
        "card_type": "button_interaction",
        "source": {"desc": wording.SOURCE},
        "main_title": {"title": f"{milestone.title}：{texts.countdown(days)}", "desc": milestone.pilot_name},
        "horizontal_content_list": [{"keyname": wording.DATE, "value": wording.milestone_date(milestone)}],
        "card_action": {"type": 1, "url": page},
        "task_id": task_id,
    }


def text(told: Sequence[Told], today: date, links: Links) -> str:
    """The message as text; one that is sent again says so, and its end gives way to that if need be."""
    resent = next((f"【{one.content['resent']}】\n" for one in told if one.content.get("resent")), "")
    whole = resent + _text(told, today, links)
    return whole.encode()[:LIMIT_BYTES].decode(errors="ignore")


def _text(told: Sequence[Told], today: date, links: Links) -> str:
    content = told[0].content
    match told[0].kind:
        case Kind.REMINDER | Kind.SNOOZE:
            return wording.reminder_text(Reminder(milestone_of(content), (), _NO_TIME, False), today)
        case Kind.UPDATE:
            return _updates(told, links)
    return str(content["text"])


def _updates(told: Sequence[Told], links: Links) -> str:
    """What was taken back, then what has changed, in the same room."""
    contents = [one.content for one in told]
    parts = [
        [content for content in contents if content.get("taken_back")],
        [content for content in contents if not content.get("taken_back")],
    ]
    parts = [part for part in parts if part]
    room = (LIMIT_BYTES - RESENT_BYTES) // len(parts) - 1  # the line end between them
    return "\n".join(_update(part, links, room) for part in parts)


def _update(contents: Sequence[Mapping[str, Any]], links: Links, room: int) -> str:
    """Each measure once, as many as fit; the others are counted.

    :param room: bytes.
    """
    items = {item["id"]: item for content in contents for item in content["items"]}
    total = max(len(items), *(int(content["total"]) for content in contents))
    words = _TAKEN_BACK if contents[0].get("taken_back") else _NEWS
    head = words.head.format(names=_names([str(content["name"]) for content in contents]), total=total)
    at = contents[-1].get("at")
    reasons = dict.fromkeys(str(content["reason"]) for content in contents if content.get("reason"))
    lines = [head + (wording.UPDATED_AT.format(at=at) if at else ""), *reasons]
    topics = {str(content.get("topic", "")) for content in contents}
    link = links.measures(topics.pop() if len(topics) == 1 else "")
    room -= len("\n".join(lines).encode()) + len(words.rest.format(rest=total, link=link).encode()) + 2
    shown = 0
    for item in list(items.values())[:ITEMS]:
        line = f"· {words.acts[item['act']]}：{_named(item, links)}"
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append(line)
        shown += 1
    if shown < total:
        lines.append(words.rest.format(rest=total - shown, link=link))
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Words:
    """How an update is worded."""

    head: str
    acts: Mapping[str, str]  # what became of a measure -> its word
    rest: str


_NEWS = _Words(wording.UPDATED, wording.ACTS, wording.UPDATE_REST)
_TAKEN_BACK = _Words(wording.TAKEN_BACK, wording.ACTS_TAKEN_BACK, wording.TAKEN_BACK_REST)


def _names(topics: Sequence[str]) -> str:
    """The names of topics, each once; of many only the first."""
    names = list(dict.fromkeys(topics))
    if len(names) <= NAMES + 1:
        return "、".join(names)
    return wording.MANY_NAMES.format(names="、".join(names[:NAMES]), number=len(names))


def _named(item: Mapping[str, str], links: Links) -> str:
    """A measure with its link; one that was removed has no page any more."""
    title = harmless(item["title"])
    return title if item["act"] == "removed" else f'<a href="{links.measure(item["id"])}">{title}</a>'


def harmless(text_: str) -> str:
    """Words that somebody typed, with nothing that could be taken for a tag."""
    return text_.replace("<", "＜").replace(">", "＞")
