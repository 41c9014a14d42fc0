"""Importing files with a preview, what was imported, and taking an import back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import hdrs, web

from bot.database import Database
from bot.web.admin import texts
from bot.web.admin.access import FORM, page, see, text, who
from bot.web.admin.differences import Difference, differences
from bot.web.admin.jobs import Job, Jobs
from bot.web.admin.parts import Parts
from bot.web.admin.records import summed
from handlers.importing import EXPORTS, File, exported
from handlers.store import uploads
from knowledge.changes import Change, ChangeKind, EntryChange
from knowledge.import_plan import Act, Plan, Planned
from knowledge.model import Document, Sector
from knowledge.readers import MAX_BYTES, ReadError
from knowledge.store import versions
from knowledge.workbook import failed_rows, template
from scheduler.store import taking_back

HOME = "/admin/import"
SHOWN = 100  # entries of a preview that are shown one by one
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS = (".xlsx", ".csv")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a preview."""

    planned: Planned
    title: str
    differences: list[Difference]


class Imports:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._jobs = Jobs(parts.importer, parts.database, parts.library)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/import", self.form),
            web.post("/import", self.upload),
            web.get("/import/template.xlsx", self.template),
            web.get("/import/{upload}", self.preview),
            web.post("/import/{upload}", self.confirm),
            web.get("/import/{upload}/failed.xlsx", self.failed),
            web.get("/imports", self.history),
            web.get("/imports/{change}", self.undo_form),
            web.post("/imports/{change}", self.undo),
            web.get("/export{suffix}", self.export),
        ]

    async def close(self, _: web.Application) -> None:
        await self._jobs.close()

    async def form(self, request: web.Request) -> web.Response:
        return self._form(request)

    def _form(self, request: web.Request, status: int = HTTPStatus.OK, problem: str = "") -> web.Response:
        return page(request, "import.html", status, problem=problem, limit=MAX_BYTES // 1024 // 1024)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        form = request[FORM]
        sent, slug = form.get("file"), text(form, "slug")
        if not isinstance(sent, web.FileField) or not sent.filename:
            return self._form(request, 422, texts.NO_FILE)
        if slug and not texts.SLUG.fullmatch(slug):
            return self._form(request, 422, texts.BAD_SLUG)
        data = await asyncio.to_thread(sent.file.read)
        key = self._parts.new_id()
        async with self._parts.database.transaction() as session:
            file = File(sent.filename.replace("\\", "/").rpartition("/")[2][:120], data, slug or None)
            await uploads.keep(session, key, file, who(request), self._parts.now())
        raise see(request, f"{HOME}/{key}")

    async def preview(self, request: web.Request) -> web.Response:
        """What the import would do, or what is wrong with the file; reloads itself while that is worked out."""
        job = await self._jobs.look(request.match_info["upload"], await self._file(request))
        shown = self._shown(request, job)
        if not job.is_busy:
            job.problem = ""  # it is told once
        return shown

    def _shown(self, request: web.Request, job: Job) -> web.Response:
        plan = job.preview.plan if job.preview and not job.is_busy else None
        rows = self._rows([p for p in plan.planned if p.act is not Act.UNCHANGED][:SHOWN]) if plan else []
        problem = job.problem and not job.is_busy
        return page(
            request,
            "import-preview.html",
            HTTPStatus.CONFLICT if problem else 422 if plan and plan.faults else HTTPStatus.OK,
            key=request.match_info["upload"],
            job=job,
            plan=plan,
            rows=rows,
            implied=self._rows(self._implied(plan)) if plan else [],
            names=texts.KINDS,
            document=self._document(plan) if plan else None,
            is_sheet=job.file.name.lower().endswith(SHEETS),
            letter=_letter,
            shown=SHOWN,
        )

    def _document(self, plan: Plan) -> Document | None:
        """The one that a file is, or whose measures it states, where there is only one and it is known by now."""
        slugs = {p.key.partition("/")[0] for p in plan.planned if p.kind == "measure"}
        return self._parts.library().documents.get(slugs.pop()) if len(slugs) == 1 else None

    def _implied(self, plan: Plan) -> list[Planned]:
        """What is new besides what the file states: the document with its head, and overview entries."""
        library = self._parts.library()
        known = {("document", slug) for slug in library.documents} | {("measure", key) for key in library.measures}
        new = [entry for entry in plan.silent if entry.body is not None and (entry.kind, entry.key) not in known]
        return [Planned(entry.kind, entry.key, Act.ADDED, None, entry.body or {}) for entry in new]

    def _rows(self, planned: Sequence[Planned]) -> list[Row]:
        sectors = self._parts.library().sectors
        return [Row(p, _title(p.after) or p.key, differences(p.before, p.after, sectors)) for p in planned]

    async def confirm(self, request: web.Request) -> web.StreamResponse:
        key, form = request.match_info["upload"], request[FORM]
        shown = text(form, "version")
        version = int(shown) if shown.isdecimal() else -1
        chosen = [value for value in form.getall("milestone", ()) if isinstance(value, str)]
        reason = text(form, "reason")[:200]
        job = await self._jobs.apply(key, await self._file(request), who(request), reason, version, chosen)
        if job is None or job.problem or job.is_busy:  # looked at again, or still at work
            raise see(request, f"{HOME}/{key}")
        await self._parts.library.refresh()
        raise see(request, f"/admin/imports?done={'imported' if job.change else 'same'}")

    async def template(self, request: web.Request) -> web.Response:
        return _download(await asyncio.to_thread(template), texts.TEMPLATE_NAME)

    async def failed(self, request: web.Request) -> web.Response:
        """The rows of a spreadsheet that could not be imported, to be mended and uploaded again."""
        file = await self._file(request)
        job = await self._jobs.look(request.match_info["upload"], file)
        if job.preview is None:
            raise web.HTTPNotFound
        try:
            data = await asyncio.to_thread(failed_rows, file.name, file.data, job.preview.plan.faults)
        except ReadError:
            raise web.HTTPNotFound from None
        return _download(data, texts.FAILED_NAME)

    async def export(self, request: web.Request) -> web.Response:
        suffix = request.match_info["suffix"]
        if suffix not in EXPORTS:
            raise web.HTTPNotFound
        data = await asyncio.to_thread(exported, self._parts.library().pack, suffix)
        return _download(data, f"{texts.EXPORT_NAME}{suffix}", XLSX if suffix == ".xlsx" else "application/yaml")

    async def history(self, request: web.Request) -> web.Response:
        async with self._parts.database.session() as session:
            changes = await versions.changes(session, 500)
            shown = [change for change in changes if change.kind is not ChangeKind.EDIT][:50]
            undone = await versions.undone(session, [change.id for change in shown])
        return page(
            request,
            "imports.html",
            changes=shown,
            undone=undone,
            acts=texts.ACTS,
            summed=summed,
            imported=ChangeKind.IMPORT,
        )

    async def undo_form(self, request: web.Request) -> web.Response:
        """What taking an import back would do, or that it was taken back."""
        change = _number(request)
        found = await _imported(self._parts.database, change)
        async with self._parts.database.session() as session:
            undone = (await versions.undone(session, [change])).get(change)
            back, later = await versions.undoing(session, change)
            reach = await taking_back.reach(session, change)
            now = {(d.kind, d.key): d.after for d in await versions.diff(session, change)}
        sectors = self._parts.library().sectors
        rows = [_undone(step, now.get((step.kind, step.key)), sectors) for step in back[:SHOWN]]
        return page(
            request,
            "undo.html",
            change=found,
            undone=undone,
            reach=reach,
            total=len(back),
            rows=rows,
            kept=[texts.kept(entry) for entry in later],
            names=texts.KINDS,
            summed=summed,
        )

    async def undo(self, request: web.Request) -> web.StreamResponse:
        change = _number(request)
        await _imported(self._parts.database, change)
        try:
            undone = await self._parts.history.undo(change, who(request))
        except versions.Outdated:  # somebody was faster: look again
            raise see(request, f"/admin/imports/{change}") from None
        await self._parts.library.refresh()
        done = ("partly" if undone.kept else "undone") if undone.change else "same"
        raise see(request, f"/admin/imports?done={done}")

    async def _file(self, request: web.Request) -> File:
        async with self._parts.database.session() as session:
            file = await uploads.get(session, request.match_info["upload"])
        if file is None:
            raise web.HTTPNotFound
        return file


async def _imported(database: Database, number: int) -> Change:
    """The import of that number; nothing else is taken back as a whole."""
    async with database.session() as session:
        found = await versions.change(session, number)
    if found is None or found.kind is not ChangeKind.IMPORT:
        raise web.HTTPNotFound
    return found


def _undone(step: EntryChange, now: object, sectors: Mapping[str, Sector]) -> Row:
    current = now if isinstance(now, dict) else {}
    act = Act.RETIRED if step.body is None else Act.CHANGED
    after = step.body or {}
    return Row(
        Planned(step.kind, step.key, act, current, after),
        _title(current) or _title(dict(after)) or step.key,
        differences(current, after, sectors) if step.body else [],
    )


def _letter(column: int | None) -> str:
    """The name that spreadsheets give a column, from 1: 'A', 'Z', 'AA'."""
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def _title(body: object) -> str:
    found = body if isinstance(body, dict) else {}
    return str(found.get("title") or found.get("name") or "")


def _number(request: web.Request) -> int:
    number = request.match_info["change"]
    if not number.isdecimal() or len(number) > 12:
        raise web.HTTPNotFound
    return int(number)


def _download(data: bytes, name: str, content_type: str = XLSX) -> web.Response:
    headers = {hdrs.CONTENT_DISPOSITION: f"attachment; filename*=UTF-8''{quote(name)}"}
    return web.Response(body=data, content_type=content_type, headers=headers)
