"""Anything that is no command is a question."""

from __future__ import annotations

from handlers import texts
from handlers.model import LIST, Asked, Listing, Outcome, Reply, State
from handlers.replies import say
from handlers.request import Request
from knowledge import model as known
from knowledge.library import Library
from knowledge.model import Finding

LONGEST_LIST = 200  # measures that a list holds at most
NEAR = 0.4  # score from which a near miss is worth a look when nothing was found
NEAR_MISSES = 3
CANDIDATES = 8  # choices shown for an uncertain question


def answer(request: Request) -> Outcome:
    """The measure, the choices, or an honest 'not found'."""
    finding = request.finding or find(request.library, request.incoming.text)
    state = State(request.incoming.user, question=request.incoming.text, question_key=request.incoming.key)
    reply, state = _told(request, finding, state)
    return Outcome(reply, state, asked=_journal(request, finding))


def find(library: Library, text: str) -> Finding:
    """What words find for a question."""
    return library.find(text, LONGEST_LIST)


def _told(request: Request, finding: Finding, state: State) -> tuple[Reply, State]:
    if finding.outcome is known.Outcome.ANSWER:
        measures = [match.measure for match in finding.matches[: finding.answers]]
        reply = request.speaker.answer(request.library, measures)
        return reply, _with(state, answered=tuple(measure.id for measure in measures))
    if finding.outcome is known.Outcome.CHOICES:
        shown = finding.matches if finding.heading else finding.matches[:CANDIDATES]
        return show(request, state, Listing(tuple(match.measure.id for match in shown), finding.heading or ""))
    near = tuple(m.measure.id for m in finding.matches[:NEAR_MISSES] if m.score >= NEAR)
    if near and finding.missing is None and finding.beside in (None, "policy"):
        return show(request, state, Listing(near, texts.NEAR_MISSES))
    return _not_found(finding), state


def show(request: Request, state: State, listing: Listing) -> tuple[Reply, State]:
    """A page of a list, and the state in which numbers choose from it."""
    page = request.speaker.page(request.library, listing)
    return page.reply, _with(state, listing=Listing(listing.ids, listing.heading, listing.start, page.end))


def _with(state: State, *, answered: tuple[str, ...] | None = None, listing: Listing | None = None) -> State:
    return State(
        state.user,
        state.listing if listing is None else listing,
        state.answered if answered is None else answered,
        state.question,
        state.question_key,
    )


def _not_found(finding: Finding) -> Reply:
    if finding.missing is not None:
        return say(*finding.missing.split("\n"))
    match finding.beside:
        case "chitchat":
            return say(texts.CHITCHAT)
        case "office":
            return say(texts.OFFICE)
        case "gibberish" | None:
            return say(texts.UNREADABLE)
        case _:
            return say(texts.NOT_FOUND, texts.NOT_FOUND_HINT)


def _journal(request: Request, finding: Finding) -> Asked:
    best = finding.matches[0] if finding.matches else None
    return Asked(
        key=request.incoming.key,
        user=request.incoming.user,
        text=request.incoming.text,
        at=request.now,
        outcome=LIST if finding.heading else finding.outcome.value,
        top=best.measure.id if best else None,
        score=best.score if best else 0.0,
    )
