"""Sectors as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Page, Paging, paged, part
from bot.web.api.problems import Problem
from knowledge import model
from knowledge.library import Library


class Sector(BaseModel):
    code: str
    name: str
    aliases: list[str]
    measures: int  # in force, with this as their primary sector


class SectorPage(Page[Sector]):
    """A part of the sectors."""


@dataclass(frozen=True, slots=True)
class Sectors:
    """Reading."""

    context: Context

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/sectors", "listSectors", "All sectors", self.list, SectorPage, query=Paging),
            Operation("GET", "/sectors/{code}", "getSector", "One sector", self.get, Sector),
        ]

    async def list(self, call: Call) -> Answer:
        library = self.context.library()
        sectors = list(library.sectors.values())
        page, headers = paged([_shown(library, sector) for sector in part(sectors, call)], len(sectors), call)
        return Answer(page, headers=headers)

    async def get(self, call: Call) -> Answer:
        library = self.context.library()
        sector = library.sectors.get(call.path["code"])
        if sector is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no sector with this code")
        return Answer(_shown(library, sector))


def _shown(library: Library, sector: model.Sector) -> Sector:
    return Sector(
        code=sector.code,
        name=sector.name,
        aliases=list(sector.aliases),
        measures=len(library.by_sector.get(sector.code, ())),
    )
