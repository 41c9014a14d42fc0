"""A sector or a document as a file for officials, from the public pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import quote

from aiohttp import hdrs, web

from bot.web import texts
from bot.web.browse import Search, label, within
from knowledge.handout import Handout, as_word, as_workbook
from knowledge.library import Library
from knowledge.workbook import DoesNotFit

FORMATS: dict[str, tuple[Callable[[Handout], bytes], str]] = {
    ".docx": (as_word, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


class Downloads:
    """:param library: gives the knowledge as of now.
    :param status_note: document slug -> the line that every answer from it carries, if any.
    :param address: what links start with.
    """

    def __init__(self, library: Callable[[], Library], status_note: Callable[[str], str | None], address: str) -> None:
        self._library = library
        self._status_note = status_note
        self._address = address

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"/measures{suffix}", self.download) for suffix in FORMATS]

    async def download(self, request: web.Request) -> web.Response:
        """The measures of the sector, the document, or both that the address names; 404 where there are none."""
        library, search = self._library(), Search.from_query(request.query)
        measures = within(library.active, search)
        if not measures or not (search.sector or search.document):
            raise web.HTTPNotFound
        title = _title(library, search)
        notes = {slug: self._status_note(slug) for slug in dict.fromkeys(m.document for m in measures)}
        shown = [f"{label(library.documents[slug])}：{note}" for slug, note in notes.items() if note]
        notes_shown = (*shown, texts.OFFICIAL_COUNTS)
        handout = Handout(
            title, measures, library.documents, library.sectors, self._address, library.clause, notes_shown
        )
        write, content_type = FORMATS[request.path.removeprefix("/measures")]
        try:
            data = await asyncio.to_thread(write, handout)
        except DoesNotFit:
            raise web.HTTPNotFound from None
        name = quote(f"{title}{request.path.removeprefix('/measures')}")
        headers = {hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{name}"}
        return web.Response(body=data, content_type=content_type, headers=headers)


def _title(library: Library, search: Search) -> str:
    sector, document = library.sectors.get(search.sector), library.documents.get(search.document)
    names = [label(document) if document else "", sector.name if sector else ""]
    return " ".join(name for name in names if name)
