"""Anything that is no command is a question."""

from __future__ import annotations

from handlers.model import Outcome
from handlers.request import Request


def answer(request: Request) -> Outcome:
    """The measure, the choices, or an honest 'not found'."""
    if request.finding:  # somebody had a second look
        found = request.answers.told(request.library, request.finding)
    else:
        found = request.answers.answer(request.library, request.now.date(), request.incoming.text)
    return found.to(request.incoming, request.now)
