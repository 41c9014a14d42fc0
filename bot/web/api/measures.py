"""Measures as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from aiohttp import hdrs
from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Page, Paging, paged, part
from bot.web.api.problems import Problem
from bot.web.browse import Search, found, within
from knowledge import model
from knowledge.library import Library

LONGEST_QUESTION = 500  # characters


class Measure(BaseModel):
    """One measure, or (item 0) one thing that a document says as a whole."""

    id: str
    document: str
    clause: str
    item: int
    ordinal: int
    sectors: list[str]
    title: str
    summary: str
    keywords: list[str]
    aliases: list[str]
    asked_as: list[str]
    not_asked_as: list[str]
    text: str | None
    link: str | None
    note: str | None
    also_in: list[str]
    status: model.Status
    replaced_by: str | None
    valid_from: date | None
    valid_to: date | None
    url: str
    status_note: str | None

    @classmethod
    def of(cls, measure: model.Measure, context: Context) -> Measure:
        """As it is shown; lists are in the order in which they are kept, the primary sector first."""
        kept = {name: getattr(measure, name) for name in cls.model_fields if hasattr(measure, name)}
        lists = {name: list(value) for name, value in kept.items() if isinstance(value, tuple)}
        return cls(
            **{**kept, **lists},
            url=context.measure_url(measure.id),
            status_note=context.status_note(measure.document),
        )

    @property
    def etag(self) -> str:
        """Changes whenever anything shown here does."""
        return f'"{sha256(self.model_dump_json().encode()).hexdigest()[:32]}"'


class MeasurePage(Page[Measure]):
    """A part of a list of measures."""


class StatusFilter(StrEnum):
    ACTIVE = "active"
    RETIRED = "retired"
    ALL = "all"


class MeasuresQuery(Paging):
    q: Annotated[str, Field(max_length=LONGEST_QUESTION, description="what is looked for, best first")] = ""
    sector: Annotated[str, Field(description="code; without q of the primary sector, with q of any")] = ""
    document: Annotated[str, Field(description="slug")] = ""
    status: StatusFilter = StatusFilter.ACTIVE
    overview: Annotated[bool, Field(description="also what documents say as a whole (without q)")] = False


@dataclass(frozen=True, slots=True)
class Measures:
    """Reading; what a search finds is what the page for people shows."""

    context: Context

    def operations(self) -> list[Operation]:
        return [
            Operation(
                "GET", "/measures", "listMeasures", "Browse and search", self.list, MeasurePage, query=MeasuresQuery
            ),
            Operation("GET", "/measures/{id}", "getMeasure", "One measure", self.get, Measure),
        ]

    async def list(self, call: Call) -> Answer:
        listed = list(_listed(self.context.library(), call.query))
        shown = [Measure.of(measure, self.context) for measure in part(listed, call)]
        page, headers = paged(shown, len(listed), call)
        return Answer(page, headers=headers)

    async def get(self, call: Call) -> Answer:
        measure = self.context.library().measures.get(call.path["id"])
        if measure is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no measure with this id")
        shown = Measure.of(measure, self.context)
        if shown.etag in call.headers.get(hdrs.IF_NONE_MATCH, ""):
            return Answer(None, HTTPStatus.NOT_MODIFIED, {hdrs.ETAG: shown.etag})
        return Answer(shown, headers={hdrs.ETAG: shown.etag})


def _listed(library: Library, query: MeasuresQuery) -> Iterable[model.Measure]:
    search = Search(query.q, query.sector, query.document)
    if query.q:
        measures = found(library, query.q).hits
    else:
        measures = tuple(m for m in library.in_order(library.pack.measures) if query.overview or not m.is_overview)
    wanted = {StatusFilter.ACTIVE: {model.Status.ACTIVE}, StatusFilter.RETIRED: {model.Status.RETIRED}}
    return (m for m in within(measures, search) if m.status in wanted.get(query.status, set(model.Status)))
