"""Welcome, help, and a word to those who send no text."""

from __future__ import annotations

from handlers import texts
from handlers.model import NO_REPLY, Outcome, Welcomed
from handlers.replies import say
from handlers.request import Request


def help_(request: Request) -> Outcome:
    """What the bot can do."""
    return Outcome(say(texts.HELP))


def welcome(request: Request) -> Outcome:
    """A greeting, once a day at most; the first one says that questions are recorded."""
    today = request.now.date()
    if request.welcomed_on == today:
        return Outcome(NO_REPLY)
    lines = [texts.WELCOME] if request.welcomed_on else [texts.WELCOME, texts.RECORDED]
    return Outcome(say(*lines), welcomed=Welcomed(request.incoming.user, today))


def text_only(request: Request) -> Outcome:
    """Images, voice, locations … are answered in words."""
    return Outcome(say(texts.TEXT_ONLY.format(what=texts.MEDIA.get(request.incoming.text, texts.ANY_MEDIA))))


def silence(_: Request) -> Outcome:
    """Other events are acknowledged: they show that the person is there."""
    return Outcome(NO_REPLY)
