"""Browsing and searching for people: from the query of an address to what one page of results shows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from bot.web.texts import ALL
from knowledge.library import Library
from knowledge.model import Document, Finding, Measure, Outcome, Status

PAGE_SIZE = 20  # measures
FIND_LIMIT = 200  # matches asked of the library: a list by clause, sector or document is shown whole
NEAR_LIMIT = 8  # near misses shown
CHOICE_SHARE = 0.5  # of the best score; a choice below it is a near miss
TEXT_LIMIT = 200  # characters of a question that count


@dataclass(frozen=True, slots=True)
class Search:
    """What a person asked for."""

    text: str = ""
    sector: str = ""  # code
    document: str = ""  # slug
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Search:
        """Never fails: what cannot be read counts as not given."""
        return cls(
            text=_clean(query.get("q", ""))[:TEXT_LIMIT],
            sector=_clean(query.get("sector", "")),
            document=_clean(query.get("document", "")),
            page=_page(query.get("page", "")),
        )

    @property
    def path(self) -> str:
        """The address of this search, '/measures?…'."""
        page = "" if self.page == 1 else str(self.page)
        given = {"q": self.text, "sector": self.sector, "document": self.document, "page": page}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/measures?{query}" if query else "/measures"

    def on(self, page: int) -> str:
        """The address of another page of the same results."""
        return replace(self, page=page).path


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice of a filter."""

    name: str
    path: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what a search found."""

    search: Search  # its page lies within what there is
    hits: tuple[Measure, ...]  # of this page
    total: int  # hits on all pages
    pages: int  # at least 1
    near: tuple[Measure, ...]  # near misses of a question, best first
    touching: tuple[Measure, ...]  # of this page: measures that have the sector as a secondary one, after all hits
    overview: tuple[Measure, ...]  # what the chosen document says as a whole
    heading: str | None  # what a list is about, as the matcher says
    missing: str | None  # the question asks for a part that the copy at hand lacks
    sectors: tuple[Chip, ...]
    documents: tuple[Chip, ...]

    @property
    def shown(self) -> tuple[Measure, ...]:
        return self.overview + self.hits + self.near + self.touching


@dataclass(frozen=True, slots=True)
class Found:
    """What a question leads to before the filters."""

    hits: tuple[Measure, ...]
    near: tuple[Measure, ...] = ()
    heading: str | None = None
    missing: str | None = None


def browse(library: Library, search: Search) -> Results:
    """Without a question: all measures in force, by primary sector. With one: what the library finds, filtered."""
    result = found(library, search.text)
    hits, touching = within(result.hits, search), _touching(library, search)
    pages = max(1, -(-len(hits + touching) // PAGE_SIZE))
    search = replace(search, page=min(search.page, pages))
    start, end = (search.page - 1) * PAGE_SIZE, search.page * PAGE_SIZE
    return Results(
        search=search,
        hits=hits[start:end],
        total=len(hits),
        pages=pages,
        near=within(result.near, search)[:NEAR_LIMIT] if search.page == pages else (),
        touching=touching[max(0, start - len(hits)) : max(0, end - len(hits))],
        overview=_overview(library, search) if search.page == 1 else (),
        heading=result.heading,
        missing=result.missing,
        sectors=_sector_chips(library, result.hits, search),
        documents=_document_chips(library, result.hits, search),
    )


def label(document: Document) -> str:
    """The shortest name of a document that still names it."""
    return document.short_names[0] if document.short_names else document.number or document.title


def _clean(text: str) -> str:
    """One line without what no page can show: control characters, halves of surrogate pairs."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def _page(text: str) -> int:
    try:
        return max(1, int(text))
    except ValueError:  # also for a number of thousands of digits
        return 1


def found(library: Library, text: str) -> Found:
    if not text:
        return Found(library.active)
    finding = library.find(text, FIND_LIMIT)
    sure = _sure(finding)
    measures = tuple(match.measure for match in finding.matches)
    return Found(measures[:sure], measures[sure:], finding.heading, finding.missing)


def _sure(finding: Finding) -> int:
    """How many of the first matches are results; the others are near misses."""
    match finding.outcome:
        case Outcome.NONE:
            return 0
        case Outcome.ANSWER:
            return finding.answers
        case Outcome.CHOICES:
            return sum(match.score >= CHOICE_SHARE * finding.matches[0].score for match in finding.matches)


def within(measures: Iterable[Measure], search: Search) -> tuple[Measure, ...]:
    """Those of the chosen sector and document."""
    return tuple(
        m
        for m in measures
        if (not search.sector or search.sector in _sectors(m, search))
        and (not search.document or m.document == search.document)
    )


def _sectors(measure: Measure, search: Search) -> tuple[str, ...]:
    """Browsing lists a measure once, under its primary sector; a question may be narrowed to any of its sectors."""
    return measure.sectors if search.text else measure.sectors[:1]


def _touching(library: Library, search: Search) -> tuple[Measure, ...]:
    if search.text or not search.sector:
        return ()
    anywhere = within(library.active, replace(search, sector=""))
    return tuple(m for m in anywhere if search.sector in m.sectors[1:])


def _overview(library: Library, search: Search) -> tuple[Measure, ...]:
    if search.text or search.sector or not search.document:
        return ()
    entries = within(library.measures.values(), search)
    return tuple(library.in_order(m for m in entries if m.is_overview and m.status is Status.ACTIVE))


def _sector_chips(library: Library, hits: tuple[Measure, ...], search: Search) -> tuple[Chip, ...]:
    rest = within(hits, replace(search, sector=""))
    counts = Counter(code for measure in rest for code in _sectors(measure, search))
    return _chips(search, "sector", {s.code: s.name for s in library.sectors.values()}, counts, len(rest))


def _document_chips(library: Library, hits: tuple[Measure, ...], search: Search) -> tuple[Chip, ...]:
    rest = within(hits, replace(search, document=""))
    counts = Counter(measure.document for measure in rest)
    return _chips(search, "document", {d.slug: label(d) for d in library.documents.values()}, counts, len(rest))


def _chips(
    search: Search, field: str, names: Mapping[str, str], counts: Mapping[str, int], total: int
) -> tuple[Chip, ...]:
    """All, then every choice with hits; none where there is nothing to choose."""
    chosen = getattr(search, field)
    offered = {value: name for value, name in names.items() if counts.get(value) or value == chosen}
    if not chosen and (len(offered) < 2 or total < 2):
        return ()
    return tuple(
        Chip(
            name,
            replace(search, page=1, **{field: value}).path,
            counts.get(value, 0) if value else total,
            value == chosen,
        )
        for value, name in {"": ALL, **offered}.items()
    )
