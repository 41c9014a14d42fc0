"""The pages for people: one measure, and browsing and searching all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from bot.web import texts
from bot.web.browse import Search, browse, label
from bot.web.errors import error_page
from bot.web.render import render, root
from handlers.aside import aside
from knowledge.library import Library
from knowledge.model import Document, Measure, Sector


@dataclass(frozen=True, slots=True)
class View:
    """A measure with everything that its page shows."""

    measure: Measure
    document: Document | None
    heading: str | None  # of its clause in the document
    sectors: tuple[Sector, ...]
    also_in: tuple[Measure, ...]
    replacement: Measure | None
    previous: Measure | None
    next: Measure | None
    source: str | None  # http(s) address of the official publication
    status_note: str | None
    validity_note: str | None


class Pages:
    """:param library: gives the knowledge as of now; asked once per request, since it is swapped while running.
    :param status_note: document slug -> the line that every answer from it carries, if any.
    :param validity_note: the line of a measure that is not in force, if any.
    """

    def __init__(
        self,
        library: Callable[[], Library],
        status_note: Callable[[str], str | None],
        validity_note: Callable[[Measure], str | None] = lambda _: None,
    ) -> None:
        self._library = library
        self._status_note = status_note
        self._validity_note = validity_note

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.home),
            web.get("/measures", self.browse),
            web.get("/measures/", self.home),
            web.get("/measures/{id:.+}", self.measure),  # also with its slash as %2F
        ]

    async def home(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(root(request) + "/measures")

    async def browse(self, request: web.Request) -> web.Response:
        library = self._library()
        results = await aside(library, partial(browse, library, Search.from_query(request.query)))
        return render(
            request,
            "measures.html",
            library=library,
            results=results,
            search=results.search,
            document=library.documents.get(results.search.document),
            sector=library.sectors.get(results.search.sector),
            notes=self._notes(library, results.shown),
            label=label,
        )

    async def measure(self, request: web.Request) -> web.Response:
        library = self._library()
        measure = library.measures.get(request.match_info["id"])
        if measure is None:
            return error_page(request, HTTPStatus.NOT_FOUND, texts.NO_SUCH_MEASURE)
        return render(request, "measure.html", library=library, view=self._view(library, measure), label=label)

    def _view(self, library: Library, measure: Measure) -> View:
        document = library.documents.get(measure.document)
        previous, following = library.neighbours(measure)
        return View(
            measure=measure,
            document=document,
            heading=document.items.get(measure.item) if document else None,
            sectors=tuple(library.sectors[code] for code in measure.sectors if code in library.sectors),
            also_in=tuple(library.measures[key] for key in measure.also_in if key in library.measures),
            replacement=library.measures.get(measure.replaced_by or ""),
            previous=previous,
            next=following,
            source=_web_address(measure.link or (document.source_url if document else None)),
            status_note=self._status_note(measure.document),
            validity_note=self._validity_note(measure),
        )

    def _notes(self, library: Library, measures: Iterable[Measure]) -> list[tuple[str, str]]:
        """The status notes of the documents that a page quotes: name of the document, note."""
        named = {}
        for slug in {measure.document: None for measure in measures}:
            note = self._status_note(slug)
            if note and slug in library.documents:
                named[label(library.documents[slug])] = note
        return list(named.items())


def _web_address(text: str | None) -> str | None:
    """The address if it leads to a web page: imported text is not trusted to be a harmless link."""
    try:
        return text if text and URL(text).scheme in ("http", "https") else None
    except ValueError:
        return None
