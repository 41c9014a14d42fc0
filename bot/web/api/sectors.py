"""Sectors as JSON."""

from __future__ import annotations

import re

from pydantic import BaseModel

from bot.web.api.context import Context
from bot.web.api.entries import Shape, Shelf
from bot.web.api.operations import Operation, Page
from bot.web.api.values import Fields, Slug, Word, Words, optional
from knowledge import model
from knowledge.library import Library

CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Sector(BaseModel):
    code: str
    name: str
    aliases: list[str]
    measures: int  # in force, with this as their primary sector


class SectorPage(Page[Sector]):
    """A part of the sectors."""


class SectorFields(Fields):
    name: Word
    aliases: Words = ()

    @classmethod
    def read_only(cls) -> frozenset[str]:
        return frozenset({"code", "measures"})


class NewSector(SectorFields):
    code: Slug


def operations(context: Context) -> list[Operation]:
    shelf = Shelf(context, SHAPE)
    return [*shelf.reading(), *shelf.writing(), shelf.removing(), shelf.history()]


def _shown(library: Library, sector: model.Sector) -> Sector:
    measures = len(library.by_sector.get(sector.code, ()))
    return Sector(code=sector.code, name=sector.name, aliases=list(sector.aliases), measures=measures)


SHAPE = Shape(
    kind="sector",
    path="/sectors",
    parameter="code",
    singular="Sector",
    plural="Sectors",
    shown=Sector,
    page=SectorPage,
    fields=SectorFields,
    changes=optional(SectorFields, "SectorChanges"),
    new=NewSector,
    values=lambda library: library.sectors,
    show=_shown,
    is_key=lambda key: len(key) <= 60 and CODE.fullmatch(key) is not None,
    key_of=lambda fields: str(fields["code"]),
    fixed=lambda key: {"code": key},
    faults=lambda _, __: [],
)
