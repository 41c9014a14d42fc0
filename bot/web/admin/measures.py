"""Measures: find, correct, add, retire; what they were before; and why a question finds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web
from yarl import URL

from bot.web.admin import texts
from bot.web.admin.access import FORM, page, see, text, who
from bot.web.admin.differences import Difference, differences
from bot.web.admin.measure_form import Draft, draft_of, read
from bot.web.admin.parts import Parts
from handlers.aside import aside
from handlers.entries import Conflict, Signed
from knowledge.changes import EntryRevision
from knowledge.codec import from_json, to_json
from knowledge.library import Library
from knowledge.model import Document, Measure, Status
from scheduler.updates import Weight

PAGE = 30  # measures of a list at once
LIST = "/admin/measures"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a measure, and how it differs from the one before."""

    entry: EntryRevision
    differences: list[Difference]


class Measures:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/measures", self.list),
            web.get("/measures/new", self.blank),
            web.post("/measures/new", self.add),
            web.get("/measures/{document}/{place}", self.form),
            web.post("/measures/{document}/{place}", self.save),
            web.get("/measures/{document}/{place}/history", self.history),
            web.post("/measures/{document}/{place}/history", self.restore),
            web.get("/explain", self.explain),
        ]

    async def list(self, request: web.Request) -> web.Response:
        library, query = self._parts.library(), request.query
        q, document, status = (query.get(name, "").strip() for name in ("q", "document", "status"))
        found = [
            m
            for m in await aside(library, partial(_found, library, q))
            if (not document or m.document == document) and (not status or m.status == status)
        ]
        pages = max(1, -(-len(found) // PAGE))
        number = min(max(1, int(query["page"])), pages) if query.get("page", "").isdecimal() else 1
        kept = {"q": q, "document": document, "status": status}
        return page(
            request,
            "measures.html",
            library=library,
            found=found[(number - 1) * PAGE : number * PAGE],
            total=len(found),
            search=kept,
            page=number,
            pages=pages,
            on=lambda n: str(URL(LIST).with_query({k: v for k, v in kept.items() if v} | {"page": str(n)})),
            statuses=texts.STATUSES,
        )

    async def form(self, request: web.Request) -> web.Response:
        measure, revision = await self._measure(request)
        return self._form(request, measure, draft_of(measure), revision)

    async def save(self, request: web.Request) -> web.StreamResponse:
        form = request[FORM]
        measure, _ = await self._measure(request)
        new, draft = _typed(request, measure, self._parts.library())
        signed, draft = _signed(request, draft)
        revision = text(form, "revision")
        if draft.problems or not revision.isdecimal():
            return self._form(request, measure, draft, int(revision) if revision.isdecimal() else 0, 422)
        try:
            change = await self._parts.entries.write("measure", measure.id, to_json(new), int(revision), signed)
        except Conflict:
            return await self._conflict(request, measure.id, draft, int(revision))
        await self._parts.library.refresh()
        raise see(request, f"{LIST}/{measure.id}?done={'saved' if change else 'same'}")

    async def _conflict(self, request: web.Request, key: str, draft: Draft, revision: int) -> web.Response:
        """Somebody was faster: shows what they changed, beside what was typed here, which is kept."""
        versions = await self._parts.entries.history("measure", key)
        seen = next((v for v in versions if v.revision == revision), None)
        theirs = differences(seen.body if seen else None, versions[0].body, self._parts.library().sectors)
        measure = from_json(Measure, versions[0].body or {})
        return self._form(
            request, measure, draft, versions[0].revision, HTTPStatus.CONFLICT, other=versions[0], theirs=theirs
        )

    def _form(
        self,
        request: web.Request,
        measure: Measure,
        draft: Draft,
        revision: int,
        status: int = HTTPStatus.OK,
        **more: Any,
    ) -> web.Response:
        context = {"other": None, "theirs": [], "is_new": False, "documents": ()} | more
        return page(
            request,
            "measure.html",
            status,
            measure=measure,
            draft=draft,
            revision=revision,
            library=self._parts.library(),
            names=texts.FIELDS,
            hints=texts.MEASURE_HINTS,
            statuses=texts.STATUSES,
            typed=request.get(FORM, request.query),
            **context,
        )

    async def blank(self, request: web.Request) -> web.Response:
        """A new measure; `asked_as` of the address becomes its first phrase, `question` is what it answers."""
        blank = _blank(self._parts.library(), request.query.get("document", ""))
        asked = request.query.get("asked_as", "").strip()
        draft = draft_of(replace(blank, asked_as=(asked,) if asked else ()))
        return self._new(request, blank, draft)

    def _new(self, request: web.Request, blank: Measure, draft: Draft, status: int = HTTPStatus.OK) -> web.Response:
        documents = self._parts.library().documents.values()
        return self._form(request, blank, draft, 0, status, is_new=True, documents=documents)

    async def add(self, request: web.Request) -> web.StreamResponse:
        form, library = request[FORM], self._parts.library()
        blank = _blank(library, text(form, "document"))
        item, ordinal = text(form, "item"), text(form, "ordinal")
        problems = {} if blank.document == text(form, "document") else {"document": texts.NO_DOCUMENT}
        if _is_number(item) and _is_number(ordinal) and int(ordinal):
            key = f"{blank.document}/{int(item)}.{int(ordinal)}"
            blank = replace(blank, id=key, item=int(item), ordinal=int(ordinal))
        else:
            problems["place"] = texts.NO_PLACE
        new, draft = _typed(request, blank, library)
        signed, draft = _signed(request, draft)
        draft = replace(draft, problems={**draft.problems, **problems})
        if draft.problems:
            return self._new(request, blank, draft, 422)
        record = await self._parts.teacher.answered(new, text(form, "question"), signed.author)
        try:
            await self._parts.entries.write("measure", new.id, to_json(new), await self._gone(new.id), signed, record)
        except Conflict:
            return self._new(request, blank, replace(draft, problems={"place": texts.TAKEN}), HTTPStatus.CONFLICT)
        await self._parts.library.refresh()
        raise see(request, f"{LIST}/{new.id}?done=added")

    async def _gone(self, key: str) -> int:
        """The revision in which an entry of that key is not there, for a new one to take its place."""
        versions = await self._parts.entries.history("measure", key)
        return versions[0].revision if versions and versions[0].body is None else 0

    async def history(self, request: web.Request) -> web.Response:
        key = _key(request)
        entries = await self._parts.entries.history("measure", key)
        if not entries:
            raise web.HTTPNotFound
        older = [entry.body for entry in entries[1:]] + [None]
        sectors = self._parts.library().sectors
        versions = [Version(e, differences(b, e.body, sectors)) for e, b in zip(entries, older, strict=True)]
        title = next((e.body["title"] for e in entries if e.body), key)
        return page(request, "history.html", key=key, title=title, versions=versions, acts=texts.ACTS)

    async def restore(self, request: web.Request) -> web.StreamResponse:
        key, wanted = _key(request), text(request[FORM], "revision")
        entries = await self._parts.entries.history("measure", key)
        chosen = next((e for e in entries if str(e.revision) == wanted), None)
        if chosen is None or chosen.body is None:
            raise web.HTTPNotFound
        reason = texts.RESTORE_REASON.format(revision=chosen.revision)
        await self._parts.entries.write("measure", key, chosen.body, entries[0].revision, Signed(who(request), reason))
        await self._parts.library.refresh()
        raise see(request, f"{LIST}/{key}/history?done=restored")

    async def explain(self, request: web.Request) -> web.Response:
        """What a question finds, and why."""
        library, q = self._parts.library(), request.query.get("q", "").strip()
        finding = (await aside(library, partial(library.explain, q, 8))).finding if q else None
        return page(
            request,
            "explain.html",
            library=library,
            q=q,
            finding=finding,
            outcomes=texts.OUTCOMES,
            kinds=texts.EVIDENCE,
        )

    async def _measure(self, request: web.Request) -> tuple[Measure, int]:
        """The measure as the database has it, and its revision."""
        found = await self._parts.entries.history("measure", _key(request))
        if not found or found[0].body is None:
            raise web.HTTPNotFound
        return from_json(Measure, found[0].body), found[0].revision


def _key(request: web.Request) -> str:
    return "{document}/{place}".format(**request.match_info)


def _found(library: Library, q: str) -> list[Measure]:
    """Measures that hold the words themselves come first, then what a question would find. May take a while."""
    everything = library.in_order(library.measures.values())
    if not q:
        return everything
    word = q.casefold()
    holding = [m for m in everything if word in f"{m.id} {m.clause} {m.title} {m.summary} {m.text or ''}".casefold()]
    near = [match.measure for match in library.find(q, PAGE).matches]
    return list({m.id: m for m in (*holding, *near)}.values())


def _typed(request: web.Request, old: Measure, library: Library) -> tuple[Measure, Draft]:
    form = request[FORM]
    others = [str(code) for code in form.getall("sectors", [])]
    return read(lambda name: text(form, name), [text(form, "sector"), *others], old, library)


def _signed(request: web.Request, draft: Draft) -> tuple[Signed, Draft]:
    """Who, why, and who hears of it; an urgent change needs a reason."""
    form = request[FORM]
    weights = [weight for weight in Weight if weight == text(form, "weight")]
    signed = Signed(who(request), text(form, "reason")[:200], weights[0] if weights else Weight.NORMAL)
    if signed.weight is Weight.URGENT and not signed.reason:
        draft = replace(draft, problems={**draft.problems, "reason": texts.NO_REASON})
    return signed, draft


def _blank(library: Library, slug: str) -> Measure:
    """A new measure at the end of a document's last item."""
    documents: list[Document] = list(library.documents.values())
    document = library.documents.get(slug) or (documents[0] if documents else None)
    slug = document.slug if document else ""
    places = [(m.item, m.ordinal) for m in library.measures.values() if m.document == slug]
    item, ordinal = max(places, default=(1, 0))
    return Measure(f"{slug}/{item}.{ordinal + 1}", slug, item, ordinal + 1, (), "", "", status=Status.ACTIVE)


def _is_number(text_: str) -> bool:
    return text_.isascii() and text_.isdecimal() and len(text_) <= 4
