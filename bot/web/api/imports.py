"""Importing files: what would change, and doing so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from aiohttp import hdrs
from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Body, Call, Operation, Upload
from bot.web.api.problems import Fault, Problem
from bot.web.api.values import Line, Slug
from handlers.importing import File, Preview
from knowledge.import_plan import Act, Plan
from knowledge.letting_go import let_go
from knowledge.store.versions import Outdated
from scheduler.model import PilotError

SHOWN = 1000  # entries listed at most


class ImportFields(Body):
    slug: Annotated[Slug | None, Field(description="of an official document, where it does not say what it is")] = None
    dry_run: Annotated[bool, Field(description="show what would change, and change nothing")] = False
    reason: Annotated[Line, Field(description="for the history")] = ""


class Defect(BaseModel):
    file: str
    line: int | None
    column: int | None
    message: str


class ImportedEntry(BaseModel):
    kind: str
    key: str
    act: Act
    fields: list[str]  # that are different


class Import(BaseModel):
    """What an import did, or would do. Nothing is loaded where there are errors."""

    added: int
    changed: int
    unchanged: int
    retired: int
    errors: list[Defect]
    warnings: list[str]
    left_out: list[str]  # sentences of a document that became no measure, at most 1,000
    entries: list[ImportedEntry]  # at most 1,000, without unchanged ones
    change: int | None  # its place in the history; null: nothing was changed


@dataclass(frozen=True, slots=True)
class Imports:
    context: Context

    async def load(self, call: Call) -> Answer:
        upload: Upload = call.body
        files = [File(name, data, upload.fields.slug) for name, data in upload.files]
        preview = await self.context.importer.preview(files)
        answer = await self._answer(call, upload.fields, preview)
        planned = list(preview.plan.planned)
        del preview
        await asyncio.to_thread(let_go, planned)
        return answer

    async def _answer(self, call: Call, fields: ImportFields, preview: Preview) -> Answer:
        plan = preview.plan
        if fields.dry_run:
            return Answer(await asyncio.to_thread(_shown, plan, None))
        if plan.faults:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "nothing was loaded: the files have errors", _faults(plan))
        try:
            change = await self.context.importer.apply(preview, call.who, fields.reason)
        except Outdated:
            raise Problem(HTTPStatus.CONFLICT, "the knowledge was changed meanwhile: send it again") from None
        except PilotError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        await self.context.refresh()
        shown = await asyncio.to_thread(_shown, plan, change.id if change else None)
        if change is None:
            return Answer(shown)
        place: Mapping[str, str] = {hdrs.LOCATION: f"{self.context.api}/history/{change.id}"}
        return Answer(shown, HTTPStatus.CREATED, place)


def operations(context: Context) -> list[Operation]:
    return [
        Operation(
            "POST", "/imports", "import", "Load documents, spreadsheets, packs or calendars, all of them or nothing",
            Imports(context).load, Import, uploads=ImportFields, admin=True, problems=(409,),
            statuses={200: "What would change, or nothing did", 201: "Loaded"},
        )
    ]  # fmt: skip


def _shown(plan: Plan, change: int | None) -> Import:
    changed = [each for each in plan.planned if each.act is not Act.UNCHANGED][:SHOWN]
    return Import(
        **plan.counts,
        errors=[Defect(file=f.file, line=f.line, column=f.column, message=f.told) for f in plan.faults],
        warnings=[str(warning) for warning in plan.warnings],
        left_out=[str(sentence) for sentence in plan.left_out[:SHOWN]],
        entries=[ImportedEntry(kind=e.kind, key=e.key, act=e.act, fields=list(e.fields)) for e in changed],
        change=change,
    )


def _faults(plan: Plan) -> list[Fault]:
    """Each with its place: 'file/line/column', as far as they are known."""
    places = [[fault.file, fault.line, fault.column] for fault in plan.faults]
    where = ["/".join(str(part) for part in place if part is not None) for place in places]
    return [Fault(where=place, detail=fault.told) for place, fault in zip(where, plan.faults, strict=True)]
