"""Which handler a message goes to. A command is the whole message, after folding width and case."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from handlers import ask, browse, detail, feedback, greet
from handlers.model import Incoming, Kind
from handlers.request import Route

LONGEST_NUMBER = 3  # digits; a longer number is no choice

QUESTION = Route(ask.answer)
NUMBER = Route(browse.choose, recalls=True)
WELCOME = Route(greet.welcome)
TEXT_ONLY = Route(greet.text_only)

COMMANDS: Mapping[str, Route] = MappingProxyType(
    {
        **dict.fromkeys(("帮助", "help", "?"), Route(greet.help_)),
        **dict.fromkeys(("板块", "sectors"), Route(browse.sectors, recalls=True)),
        **dict.fromkeys(("更多", "more"), Route(browse.more, recalls=True)),
        **dict.fromkeys(("详情", "detail"), Route(detail.show, recalls=True)),
        **dict.fromkeys(("有用", "useful"), Route(feedback.useful, recalls=True)),
        **dict.fromkeys(("没用", "useless"), Route(feedback.useless, recalls=True)),
    }
)


def route(incoming: Incoming, folded: str) -> Route | None:
    """The route of a message; None for what is acknowledged without an answer."""
    match incoming.kind:
        case Kind.TEXT | Kind.MENU:
            return _typed(folded)
        case Kind.ENTER:
            return WELCOME
        case Kind.MEDIA:
            return TEXT_ONLY
    return None


def _typed(folded: str) -> Route:
    if folded in COMMANDS:
        return COMMANDS[folded]
    is_number = folded.isascii() and folded.isdecimal() and len(folded) <= LONGEST_NUMBER
    return NUMBER if is_number else QUESTION
