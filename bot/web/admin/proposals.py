"""The deadlines in a document's text: each becomes a milestone, or is ignored, by one click."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web

from bot.web.admin import texts
from bot.web.admin.access import FORM, page, see, text, who
from bot.web.admin.parts import Parts
from handlers import proposing
from handlers.entries import Conflict
from scheduler.model import PilotError


class Proposals:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/proposals/{document}", self.list), web.post("/proposals/{document}", self.decide)]

    async def list(self, request: web.Request) -> web.Response:
        return self._list(request)

    async def decide(self, request: web.Request) -> web.StreamResponse:
        form, library = request[FORM], self._parts.library()
        found = {proposal.id: proposal for proposal in proposing.waiting(library, request.match_info["document"])}
        accepting = text(form, "accept")
        proposal = found.get(accepting or text(form, "ignore"))
        if proposal is None:  # decided meanwhile
            return self._list(request)
        decide = proposing.accept if accepting else proposing.ignore
        try:
            await decide(self._parts.entries, library, proposal, who(request))
        except PilotError as error:
            return self._list(request, str(error))
        except Conflict:
            return self._list(request, texts.TRY_AGAIN)
        await self._parts.library.refresh()
        raise see(request, f"/admin/proposals/{proposal.document}?done={'accepted' if accepting else 'ignored'}")

    def _list(self, request: web.Request, problem: str = "") -> web.Response:
        library, slug = self._parts.library(), request.match_info["document"]
        if slug not in library.documents:
            raise web.HTTPNotFound
        return page(
            request,
            "proposals.html",
            HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
            document=library.documents[slug],
            proposals=proposing.waiting(library, slug),
            pilot=next((pilot for pilot in library.pack.pilots if pilot.document == slug), None),
            problem=problem,
        )
