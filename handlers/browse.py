"""Lists: numbers, the next page, the sectors."""

from __future__ import annotations

from dataclasses import replace

from handlers import ask, texts
from handlers.answers import CANDIDATES
from handlers.model import Listing, Outcome, Picked
from handlers.replies import say
from handlers.request import Request

SECTOR = "sector:"  # prefix of list items that are sectors


def choose(number: int, request: Request) -> Outcome:
    """The item of the last list that a number names."""
    listing = request.state.listing
    if not listing.ids:
        return _without_list(number, request)
    if not 1 <= number <= len(listing.ids):
        return ask.answer(request)
    chosen = listing.ids[number - 1]
    if chosen.startswith(SECTOR):
        return _sector(request, chosen.removeprefix(SECTOR))
    measure = request.library.measures.get(chosen)
    if measure is None:
        return Outcome(say(texts.ASK_AGAIN))
    reply = request.speaker.answer(request.library, [measure])
    picked = Picked(request.incoming.key, request.now, request.state.question_key, chosen)
    return Outcome(reply, replace(request.state, answered=(chosen,)), picked=picked)


def _without_list(number: int, request: Request) -> Outcome:
    """A small number can only mean a choice; a larger one may be a document's."""
    if number <= CANDIDATES:
        return Outcome(say(texts.NO_CHOICE if request.state.question_key else texts.ASK_AGAIN))
    return ask.answer(request)


def more(request: Request) -> Outcome:
    """The next page of the last list."""
    listing = request.state.listing
    if not listing.ids:
        return Outcome(say(texts.NO_LIST))
    if listing.end >= len(listing.ids):
        return Outcome(say(texts.LIST_END))
    return _page(request, replace(listing, start=listing.end))


def back(request: Request) -> Outcome:
    """The page before the one that was shown last."""
    listing = request.state.listing
    if not listing.start:
        return Outcome(say(texts.LIST_BEGIN if listing.ids else texts.NO_LIST))
    page = request.speaker.page(request.library, replace(listing, start=0))
    while page.listing.end < listing.start:
        page = request.speaker.page(request.library, replace(listing, start=page.listing.end))
    return Outcome(page.reply, replace(request.state, listing=page.listing))


def sectors(request: Request) -> Outcome:
    """All sectors with the number of their measures."""
    library = request.library
    held = [(s, len(library.by_sector[s.code])) for s in library.sectors.values() if library.by_sector[s.code]]
    lines = [f"{n}. {texts.SECTOR.format(name=s.name, count=count)}" for n, (s, count) in enumerate(held, 1)]
    listing = Listing(tuple(SECTOR + s.code for s, _ in held), end=len(held))
    reply = say(texts.SECTORS.format(total=len(library.active)), *lines)
    return Outcome(reply, replace(request.state, listing=listing))


def _sector(request: Request, code: str) -> Outcome:
    sector = request.library.sectors.get(code)
    measures = request.library.by_sector.get(code, ())
    if sector is None or not measures:
        return Outcome(say(texts.EMPTY_SECTOR.format(name=sector.name if sector else code)))
    return _page(request, Listing(tuple(m.id for m in measures), sector.name))


def _page(request: Request, listing: Listing) -> Outcome:
    page = request.speaker.page(request.library, listing)
    return Outcome(page.reply, replace(request.state, listing=page.listing))
