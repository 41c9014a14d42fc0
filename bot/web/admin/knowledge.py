"""Documents, sectors, synonyms, topics out of scope, pilots and calendars: one list and one form for each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.web.admin import texts
from bot.web.admin.access import FORM, page, see, text, who
from bot.web.admin.parts import Parts
from handlers import proposing
from handlers.entries import Conflict, Signed
from knowledge.changes import KINDS
from knowledge.import_plan import Draft
from knowledge.library import Library
from knowledge.stated import SORTS, Raw, Shape, read_entry
from scheduler.model import PilotError
from scheduler.updates import Weight

SHOWN = ("document", "sector", "synonym", "out_of_scope", "pilot", "calendar")
LISTS = (Shape.TEXTS, Shape.DATES, Shape.HEADINGS, Shape.MILESTONES)  # one a line
REMOVED = "取消"  # in place of a milestone's date
WITH_DEADLINES = ("document", "pilot")  # kinds that are known by a document, whose text may set deadlines
HOME = "/admin/knowledge"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of an entry, and what is wrong with it."""

    fields: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


class Knowledge:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/knowledge/{kind}", self.list),
            web.get("/knowledge/{kind}/edit", self.form),
            web.post("/knowledge/{kind}/edit", self.save),
        ]

    async def list(self, request: web.Request) -> web.Response:
        kind = _kind(request)
        q = request.query.get("q", "").strip()
        found = [(key, body) for key, body in _entries(self._parts.library(), kind).items() if q in f"{key} {body}"]
        rows = [(key, _title(kind, body), _detail(kind, body)) for key, body in found]
        return page(
            request,
            "knowledge.html",
            kind=kind,
            kinds={name: texts.KINDS[name] for name in SHOWN},
            rows=rows,
            q=q,
            link=lambda key: f"{HOME}/{kind}/edit?{urlencode({'key': key})}",
        )

    async def form(self, request: web.Request) -> web.Response:
        """An entry, or a new one where the address names none."""
        kind, key = _kind(request), request.query.get("key", "")
        found = await self._parts.entries.history(kind, key) if key else []
        if key and (not found or found[0].body is None):
            raise web.HTTPNotFound
        typed = _typed_of(kind, found[0].body or {} if found else {})
        return self._form(request, kind, key, typed, found[0].revision if found else 0)

    def _form(
        self, request: web.Request, kind: str, key: str, typed: Typed, revision: int, status: int = HTTPStatus.OK
    ) -> web.Response:
        return page(
            request,
            "entry.html",
            status,
            kind=kind,
            kinds={name: texts.KINDS[name] for name in SHOWN},
            key=key,
            fields=_shown_fields(kind),
            lists=LISTS,
            draft=typed,
            revision=revision,
            typed=request.get(FORM, {}),
            hints=texts.HINTS.get(kind, {}),
            key_field=SORTS[kind].key,
            fixed=bool(key) and kind != "synonym",
            may_go=bool(key) and self._may_go(kind, key),
            proposals=proposing.waiting(self._parts.library(), key) if kind in WITH_DEADLINES else (),
            pilot=key in _entries(self._parts.library(), "pilot"),
        )

    def _may_go(self, kind: str, key: str) -> bool:
        """Whether nothing refers to it."""
        library = self._parts.library()
        if kind == "document":
            pilots = (pilot.document for pilot in library.pack.pilots)
            return key not in {*pilots, *(measure.document for measure in library.measures.values())}
        return kind != "sector" or not any(key in measure.sectors for measure in library.measures.values())

    async def save(self, request: web.Request) -> web.StreamResponse:
        kind, form, key = _kind(request), request[FORM], request.query.get("key", "")
        revision = int(text(form, "revision")) if text(form, "revision").isdecimal() else 0
        signed = Signed(who(request), text(form, "reason")[:200], Weight.MINOR)
        given = {name: text(form, name) for name in _shown_fields(kind)}
        if key and kind != "synonym":
            given[SORTS[kind].key] = key
        if text(form, "act") == "delete" and key and self._may_go(kind, key):
            return await self._write(request, kind, key, None, revision, signed, Typed(given))
        body, typed = _read(kind, given, key, self._parts.library())
        if body is None:
            return self._form(request, kind, key, typed, revision, 422)
        made = key or KINDS[kind].key(KINDS[kind].value(body))
        return await self._write(request, kind, made, body, revision, signed, typed)

    async def _write(
        self,
        request: web.Request,
        kind: str,
        key: str,
        body: Mapping[str, Any] | None,
        revision: int,
        signed: Signed,
        typed: Typed,
    ) -> web.StreamResponse:
        current = await self._parts.entries.history(kind, key)
        if revision == 0 and current and current[0].body is None:  # was deleted, and comes again
            revision = current[0].revision
        try:
            change = await self._parts.entries.write(kind, key, body, revision, signed)
        except Conflict:
            problem = texts.TAKEN_KEY if not request.query.get("key") else texts.CHANGED_MEANWHILE
            known = Typed(typed.fields, {SORTS[kind].key: problem})
            return self._form(request, kind, request.query.get("key", ""), known, revision, HTTPStatus.CONFLICT)
        except PilotError as error:
            wrong = Typed(typed.fields, {"milestones": str(error)})
            return self._form(request, kind, request.query.get("key", ""), wrong, revision, 422)
        await self._parts.library.refresh()
        raise see(request, f"{HOME}/{kind}?done={'saved' if change else 'same'}")


def _kind(request: web.Request) -> str:
    kind = request.match_info["kind"]
    if kind not in SHOWN:
        raise web.HTTPNotFound
    return kind


def _entries(library: Library, kind: str) -> dict[str, dict[str, Any]]:
    values = getattr(library.pack, KINDS[kind].attribute)
    return {KINDS[kind].key(value): KINDS[kind].body(value) for value in values}


def _title(kind: str, body: Mapping[str, Any]) -> str:
    if kind == "synonym":
        return " = ".join(body["words"])
    return str(body.get("title") or body.get("name") or body.get("topic") or body.get("year") or "")


def _detail(kind: str, body: Mapping[str, Any]) -> str:
    """A line below the title."""
    shown = [str(body[name]) for name in ("slug", "code", "document", "number", "start") if body.get(name)]
    for name in ("aliases", "short_names", "phrases"):
        shown += ["、".join(body[name][:4])] if body.get(name) else []
    return " · ".join(shown)


def _shown_fields(kind: str) -> dict[str, Any]:
    return {name: about for name, about in SORTS[kind].fields.items() if about.shape is not Shape.DERIVED}


def _typed_of(kind: str, body: Mapping[str, Any]) -> Typed:
    """The form of an entry as it is."""
    return Typed({name: _as_text(body.get(name), about.shape) for name, about in _shown_fields(kind).items()})


def _as_text(value: Any, shape: Shape) -> str:
    if value is None:
        return ""
    if shape is Shape.MILESTONES:
        lines = ((m["kind"], REMOVED if m.get("removed") else m.get("date") or "", m.get("title") or "") for m in value)
        return "\n".join("，".join(part for part in line if part) for line in lines)
    if shape is Shape.HEADINGS:
        return "\n".join(f"{number}：{heading}" for number, heading in value.items())
    if isinstance(value, list):
        return ("、" if shape is Shape.NUMBERS else "\n").join(map(str, value))
    return str(value)


def _read(kind: str, given: Mapping[str, str], key: str, library: Library) -> tuple[dict[str, Any] | None, Typed]:
    """The entry that a form describes, checked as an import checks it; None where something is wrong."""
    old = _entries(library, kind).get(key, {})
    places = {name: place for place, name in enumerate(given, start=1)}
    raw = {name: _raw(value, SORTS[kind].fields[name].shape, old) for name, value in given.items()}
    stated, faults = read_entry(kind, raw, "", 1, places)
    if stated is not None:
        draft = Draft.of(library.pack)
        draft.state(stated)
        plan = draft.finish()
        faults = list(plan.faults)
        if not faults:
            return dict(plan.planned[0].after), Typed(given)
    names = {place: name for name, place in places.items()}
    problems = {names.get(fault.column or 0, SORTS[kind].key): fault.message for fault in faults}
    return None, Typed(given, problems)


def _raw(value: str, shape: Shape, old: Mapping[str, Any]) -> Raw:
    if shape is Shape.MILESTONES:
        known = {fact["kind"]: fact for fact in old.get("milestones") or ()}
        return [_milestone(line, known) for line in value.splitlines() if line.strip()]
    if shape in LISTS:
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value or None


def _milestone(line: str, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """From '代号，日期，名称' or '代号，取消'; what else was stated of it stays."""
    parts: Sequence[str] = [part.strip() for part in line.replace(",", "，").split("，")]
    fact: dict[str, Any] = dict(known.get(parts[0], {})) | {"kind": parts[0], "removed": False}
    if len(parts) > 1 and parts[1] == REMOVED:
        return fact | {"removed": True}
    return fact | {"date": parts[1] if len(parts) > 1 else None, "title": parts[2] if len(parts) > 2 else None}
