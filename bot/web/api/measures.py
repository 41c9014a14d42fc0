"""Measures as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.entries import Reason, Shape, Shelf, unknown
from bot.web.api.operations import Answer, Call, Operation, Page, Paging, paged, part
from bot.web.api.problems import Fault
from bot.web.api.values import Fields, MeasureId, Slug, Summary, Text, Title, WebAddress, Word, Words, optional
from bot.web.browse import Search, found, within
from knowledge import model
from knowledge.library import Library

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[0-9]{1,4}\.[1-9][0-9]{0,3}")
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
    number: str | None  # its own number as printed, with those around it
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
            status_note=context.status_note(measure),
        )


class MeasurePage(Page[Measure]):
    """A part of a list of measures."""


class MeasureFields(Fields):
    sectors: Annotated[tuple[Slug, ...], Field(max_length=20, description="codes, the primary one first")] = ()
    title: Title
    summary: Summary
    keywords: Words = ()
    aliases: Words = ()
    asked_as: Words = ()
    not_asked_as: Words = ()
    text: Text | None = None
    number: Text | None = None
    link: WebAddress | None = None
    note: Word | None = None
    also_in: Annotated[tuple[MeasureId, ...], Field(max_length=50)] = ()
    status: model.Status = model.Status.ACTIVE
    replaced_by: MeasureId | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @classmethod
    def read_only(cls) -> frozenset[str]:
        return frozenset(Measure.model_fields.keys() - cls.model_fields.keys())


class NewMeasure(MeasureFields):
    id: MeasureId


class RetireQuery(Reason):
    replaced_by: Annotated[str, Field(max_length=80, description="id of the measure to read instead")] = ""


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


def operations(context: Context) -> list[Operation]:
    return Measures(context, Shelf(context, _shape(context))).operations()


@dataclass(frozen=True, slots=True)
class Measures:
    """Reading; what a search finds is what the page for people shows."""

    context: Context
    shelf: Shelf

    def operations(self) -> list[Operation]:
        shelf = self.shelf
        retire = Operation(
            "DELETE", "/measures/{id}", "retireMeasure", "Retire: its page stays and says what replaced it",
            self.retire, Measure, query=RetireQuery, admin=True, conditional=True, problems=(422,),
        )  # fmt: skip
        return [
            Operation(
                "GET", "/measures", "listMeasures", "Browse and search", self.list, MeasurePage, query=MeasuresQuery
            ),
            shelf.history(),
            *shelf.reading()[1:],
            *shelf.writing(),
            retire,
        ]

    async def list(self, call: Call) -> Answer:
        listed = list(_listed(self.context.library(), call.query))
        shown = [Measure.of(measure, self.context) for measure in part(listed, call)]
        page, headers = paged(shown, len(listed), call)
        return Answer(page, headers=headers)

    async def retire(self, call: Call) -> Answer:
        replaced_by = call.query.replaced_by or None
        return await self.shelf.change(call, {"status": model.Status.RETIRED.value, "replaced_by": replaced_by})


def _listed(library: Library, query: MeasuresQuery) -> Iterable[model.Measure]:
    search = Search(query.q, query.sector, query.document)
    if query.q:
        measures = found(library, query.q).hits
    else:
        measures = tuple(m for m in library.in_order(library.pack.measures) if query.overview or not m.is_overview)
    wanted = {StatusFilter.ACTIVE: {model.Status.ACTIVE}, StatusFilter.RETIRED: {model.Status.RETIRED}}
    return (m for m in within(measures, search) if m.status in wanted.get(query.status, set(model.Status)))


def _shape(context: Context) -> Shape:
    return Shape(
        kind="measure",
        path="/measures",
        parameter="id",
        singular="Measure",
        plural="Measures",
        shown=Measure,
        page=MeasurePage,
        fields=MeasureFields,
        changes=optional(MeasureFields, "MeasureChanges"),
        new=NewMeasure,
        values=lambda library: library.measures,
        show=lambda _, measure: Measure.of(measure, context),
        is_key=lambda key: ID.fullmatch(key) is not None,
        key_of=lambda fields: str(fields["id"]),
        fixed=_fixed,
        faults=_faults,
    )


def _fixed(key: str) -> dict[str, Any]:
    """What an id says: '<document slug>/<item>.<ordinal>'."""
    document, _, place = key.partition("/")
    item, _, ordinal = place.partition(".")
    return {"id": key, "document": document, "item": int(item), "ordinal": int(ordinal)}


def _faults(library: Library, measure: model.Measure) -> list[Fault]:
    found = unknown("sectors", measure.sectors, library.sectors)
    found += unknown("also_in", measure.also_in, library.measures)
    if measure.document not in library.documents:
        found.append(Fault(where="id", detail="its document does not exist"))
    if bool(measure.sectors) == measure.is_overview:
        found.append(Fault(where="sectors", detail="a measure has at least one, an overview entry (item 0) none"))
    if measure.replaced_by is not None and measure.replaced_by not in library.measures.keys() - {measure.id}:
        found.append(Fault(where="replaced_by", detail="does not exist"))
    if measure.valid_from and measure.valid_to and measure.valid_to < measure.valid_from:
        found.append(Fault(where="valid_to", detail="is before valid_from"))
    return found
