"""详情: the last measure in full."""

from __future__ import annotations

from handlers import texts
from handlers.model import Outcome, Reply
from handlers.replies import say
from handlers.request import Request


def show(request: Request) -> Outcome:
    """Everything known of the measures of the last answer."""
    measures = [request.library.measures[i] for i in request.state.answered if i in request.library.measures]
    if not measures:
        return Outcome(say(texts.CHOOSE_FIRST if request.state.listing.ids else texts.NO_DETAIL))
    replies = [request.speaker.detail(request.library, measure) for measure in measures]
    return Outcome(Reply(tuple(b for r in replies for b in r.blocks), when_cut=replies[0].when_cut))
