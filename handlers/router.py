"""Which handler a message goes to. A command is the whole message, after folding width and case.

See also `commands`, those with an argument, and `spoken`, what people say in place of a command's word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from handlers import ask, browse, cards, commands, detail, feedback, greet, spoken, subscriptions, timeline
from handlers.model import Incoming, Kind
from handlers.request import Route
from handlers.spoken import SENTENCE_ENDS
from knowledge.library import Library
from knowledge.references import number

_CHOICE = re.compile(r"([0-9]{1,3})|第([0-9]{1,3}|[一二三四五六七八九十]{1,3})个")  # a longer number is no choice

QUESTION = Route(ask.answer)
WELCOME = Route(greet.welcome)
TEXT_ONLY = Route(greet.text_only)
CLICK = Route(cards.clicked, knows=True)
LEAVE = Route(subscriptions.leave)
SILENCE = Route(greet.silence)

COMMANDS: Mapping[str, Route] = MappingProxyType(
    {
        **dict.fromkeys(("帮助", "help", "?"), Route(greet.help_)),
        **dict.fromkeys(("板块", "sectors"), Route(browse.sectors, recalls=True)),
        **dict.fromkeys(("更多", "下一页", "more", "next page"), Route(browse.more, recalls=True)),
        **dict.fromkeys(("上一页", "previous page", "back"), Route(browse.back, recalls=True)),
        **dict.fromkeys(("详情", "detail"), Route(detail.show, recalls=True)),
        **dict.fromkeys(("有用", "useful"), Route(feedback.useful, recalls=True)),
        **dict.fromkeys(("没用", "useless"), Route(feedback.useless, recalls=True)),
        **dict.fromkeys(("里程碑", "进度", "timeline", "milestones", "progress"), Route(timeline.show)),
        **dict.fromkeys(
            ("订阅", "退订", "取消订阅", "我的订阅", "subscribe", "unsubscribe", "my subscriptions", "subscriptions"),
            Route(subscriptions.mine, knows=True),
        ),
        "订阅这个": Route(subscriptions.this, recalls=True),
        **dict.fromkeys(("我的提醒", "my reminders", "reminders"), Route(subscriptions.sent, knows=True)),
        **dict.fromkeys(("频率", "cadence", "frequency"), Route(subscriptions.cadence, knows=True)),
        **dict.fromkeys(("暂停", "pause"), Route(subscriptions.pause, knows=True)),
        **dict.fromkeys(("恢复", "resume"), Route(subscriptions.resume, knows=True)),
        **dict.fromkeys(("重置日历", "reset calendar"), Route(subscriptions.renew_calendar, knows=True)),
    }
)


def route(incoming: Incoming, folded: str, library: Library) -> Route:
    """The route of a message or an event."""
    match incoming.kind:
        case Kind.TEXT | Kind.MENU:
            return command(folded, library) or _number(folded) or QUESTION
        case Kind.ENTER:
            return WELCOME
        case Kind.MEDIA:
            return TEXT_ONLY
        case Kind.CLICK:
            return CLICK
        case Kind.LEAVE:
            return LEAVE
    return SILENCE


def command(folded: str, library: Library) -> Route | None:
    """The route of a command, also a politely introduced one; None for a message that is none."""
    plain = spoken.without_beginning(folded)
    return _command(folded, library) or (_command(plain, library) if plain != folded else None)


def _command(folded: str, library: Library) -> Route | None:
    said = COMMANDS.get(folded) or COMMANDS.get(folded.rstrip(SENTENCE_ENDS))
    return said or commands.route(folded, library) or COMMANDS.get(spoken.command(folded) or "")


def _number(folded: str) -> Route | None:
    """The route of a choice from the last list: '2', '2。', '第二个'."""
    found = _CHOICE.fullmatch(folded.rstrip(SENTENCE_ENDS))
    return Route(partial(browse.choose, number(found[1] or found[2])), recalls=True) if found else None
