"""Pilots and what is stated of their milestones, as JSON. A pilot is known by its document's slug."""

from __future__ import annotations

import json
from datetime import date as Day  # noqa: N812  a field is called date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.entries import Shape, Shelf
from bot.web.api.operations import Body, Operation, Page
from bot.web.api.problems import Fault
from bot.web.api.sectors import CODE
from bot.web.api.values import Fields, Slug, Word, optional
from knowledge import model
from knowledge.codec import to_json
from knowledge.library import Library
from scheduler.model import MAX_LEAD, MAX_MONTHS, PilotError
from scheduler.model import Pilot as Planned

Leads = Annotated[tuple[Annotated[int, Field(ge=0, le=MAX_LEAD)], ...], Field(max_length=20)]
Kind = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]


class Stated(Body):
    """What is stated of one milestone, beyond what follows from the pilot's start."""

    kind: Kind  # 'mid-term' … for a usual one, any other short word for one of your own
    date: Day | None = None  # null: as it follows from the start
    title: Word | None = None  # null: the usual one
    leads: Leads | None = None  # days ahead at which it is announced; null: the pilot's
    removed: bool = False
    revision: Annotated[int, Field(ge=0, le=1_000_000, description="kept by the service")] = 0


class Pilot(BaseModel):
    document: str
    name: str
    start: Day
    start_basis: str
    months: int
    leads: list[int] | None  # null: the usual ones
    milestones: list[Stated]


class PilotPage(Page[Pilot]):
    """A part of the pilots."""


class PilotFields(Fields):
    name: Word
    start: Day
    start_basis: Literal["document", "admin"] = "admin"
    months: Annotated[int, Field(ge=1, le=MAX_MONTHS)] = 36
    leads: Leads | None = None
    milestones: Annotated[tuple[Stated, ...], Field(max_length=100)] = ()

    @classmethod
    def read_only(cls) -> frozenset[str]:
        return frozenset({"document"})


class NewPilot(PilotFields):
    document: Slug


def operations(context: Context) -> list[Operation]:
    shelf = Shelf(context, SHAPE)
    return [*shelf.reading(), *shelf.writing(), shelf.removing(), shelf.history()]


def _faults(library: Library, fact: model.PilotFact) -> list[Fault]:
    found = [] if fact.document in library.documents else [Fault(where="document", detail="does not exist")]
    try:
        Planned.of(fact)
    except PilotError as error:
        found.append(Fault(where="milestones", detail=str(error)))
    return found


SHAPE = Shape(
    kind="pilot",
    path="/pilots",
    parameter="document",
    singular="Pilot",
    plural="Pilots",
    shown=Pilot,
    page=PilotPage,
    fields=PilotFields,
    changes=optional(PilotFields, "PilotChanges"),
    new=NewPilot,
    values=lambda library: {fact.document: fact for fact in library.pack.pilots},
    show=lambda _, fact: Pilot.model_validate_json(json.dumps(to_json(fact))),
    is_key=lambda key: len(key) <= 60 and CODE.fullmatch(key) is not None,
    key_of=lambda fields: str(fields["document"]),
    fixed=lambda key: {"document": key},
    faults=_faults,
    public=False,
)
