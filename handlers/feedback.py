"""有用 / 没用 on the last answer."""

from __future__ import annotations

from handlers import texts
from handlers.model import Outcome, Rated
from handlers.replies import say
from handlers.request import Request


def useful(request: Request) -> Outcome:
    """The last answer helped."""
    return _rate(request, useful=True)


def useless(request: Request) -> Outcome:
    """The last answer did not help."""
    return _rate(request, useful=False)


def _rate(request: Request, *, useful: bool) -> Outcome:
    state = request.state
    if not state.question_key:
        return Outcome(say(texts.NOTHING_TO_RATE))
    rated = Rated(
        key=request.incoming.key,
        user=request.incoming.user,
        at=request.now,
        useful=useful,
        question=state.question,
        question_key=state.question_key,
        measures=state.answered or state.listing.ids[state.listing.start : state.listing.end],
    )
    return Outcome(say(texts.THANKS_USEFUL if useful else texts.THANKS_USELESS), rated=rated)
