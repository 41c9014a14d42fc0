"""Commands with an argument: recognised only when the argument is known, or is meant for nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from handlers import subscriptions
from handlers.model import Outcome
from handlers.request import Request, Route
from handlers.topics import Reading, Topics, topics_of
from knowledge.library import Library
from scheduler.delivery import Cadence

LONGEST_NAME = 12  # characters; what is longer and unknown is a question
LONGEST_WORD = 24  # ... of Latin letters

CADENCES: Mapping[str, Cadence] = {
    **dict.fromkeys(("即时", "实时", "立即", "immediate", "immediately", "instant"), Cadence.IMMEDIATE),
    **dict.fromkeys(("每日", "每天", "日报", "daily"), Cadence.DAILY),
    **dict.fromkeys(("每周", "周报", "weekly"), Cadence.WEEKLY),
}
_ASKS = re.compile(r"怎|如何|什么|吗|呢|哪|多少|几|谁|为何|能否|可否|是否|可以|[?？]|\b(?:how|what|why|who|can|is)\b")
_COURTESY = re.compile(r"(?:[吧啦呗哈]|谢谢[你您]?|[\s,，。.!！~]|please)+$")
_CHANGED = "改成|改为|换成|设为|调成|改"
_CHANGE = re.compile(rf"(?:{_CHANGED})?(?P<cadence>.+?)(?:推送|汇总|推|发|一次|吧)*")


def route(folded: str, library: Library) -> Route | None:
    """The route of a message that begins with a verb; None for what is no command."""
    for verb, read in _VERBS:
        found = verb.match(folded)
        if found and found.end() < len(folded):
            return read(folded[found.end() :], library)
    return None


def _topics(handler: Callable[[Reading, Request], Outcome], argument: str, library: Library) -> Route | None:
    topics, argument = topics_of(library), _COURTESY.sub("", argument)
    reading = topics.read(argument)
    set_apart = argument[:1].isspace() or argument[:1] in ":："
    if not _is_meant(reading, topics, set_apart=set_apart):
        return None
    return Route(partial(handler, reading), knows=True)


def _is_meant(reading: Reading, topics: Topics, *, set_apart: bool) -> bool:
    """Whether these are names: known ones, slips of such, or what was set apart from the verb like one."""
    if not reading.unknown:
        return bool(reading.topics)
    if any(_ASKS.search(name) or _is_long(name) for name in reading.unknown):
        return False
    return set_apart or all(map(topics.is_slip, reading.unknown))


def _is_long(name: str) -> bool:
    return len(name) > (LONGEST_WORD if name.isascii() else LONGEST_NAME)


def _cadence(argument: str, _: Library) -> Route | None:
    said = _CHANGE.fullmatch(argument.strip(" :：,，。"))
    cadence = CADENCES.get(said["cadence"]) if said else None
    return Route(partial(subscriptions.set_cadence, cadence), knows=True) if cadence else None


# A verb, and what reads its argument.
_VERBS: tuple[tuple[re.Pattern[str], Callable[[str, Library], Route | None]], ...] = (
    (
        re.compile(r"(?:订阅|关注)(?:一下|下)?|订(?:一下|下|个)|(?:subscribe to|subscribe)(?![a-z])"),
        partial(_topics, subscriptions.follow),
    ),
    (
        re.compile(r"退订|取消订阅|取消关注|取关|不订阅?|退[了掉]|(?:unsubscribe from|unsubscribe)(?![a-z])"),
        partial(_topics, subscriptions.unfollow),
    ),
    (re.compile(rf"频率|{_CHANGED}|(?=每[日天周][^ ])|(?:cadence|frequency)(?![a-z])"), _cadence),
)
