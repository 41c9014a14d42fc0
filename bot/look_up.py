"""`pilotbot ask`: what the bot would find, from the database where there is one, else from the shipped knowledge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import compose
from bot.database import Database
from bot.settings import Settings
from handlers import router
from knowledge import pack
from knowledge.errors import Unavailable
from knowledge.library import Library
from knowledge.model import Finding, Match, Outcome
from knowledge.normalise import fold
from knowledge.store import versions


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers messages without a conversation."""

    library: Library
    settings: Settings
    today: date

    def find(self, text: str, limit: int) -> Finding:
        """What is found for a message; nothing for a command, which is no question."""
        folded = fold(text)
        if not folded or folded in router.COMMANDS:
            return Finding(text, Outcome.NONE)
        return self.library.find(text, limit)

    def ask(self, text: str, top: int) -> dict[str, Any]:
        """The first `top` results as `pilotbot ask --json` prints them."""
        finding = self.find(text, top)
        results = [self._result(match) for match in finding.matches]
        return {"query": text, "status": finding.outcome.value, "results": results}

    def _result(self, match: Match) -> dict[str, Any]:
        measure = match.measure
        return {
            "id": measure.id,
            "score": match.score,
            "title": measure.title,
            "summary": measure.summary,
            "document": measure.document,
            "clause": measure.clause,
            "sectors": list(measure.sectors),
            "url": compose.measure_url(self.settings.links_from, measure.id),
            "status_note": compose.status_note(self.library, measure.document, self.today),
        }


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """:raises Unavailable: the database cannot be read."""
    yield Desk(await _library(settings), settings, compose.clock_of(settings)().date())


def as_text(answer: dict[str, Any]) -> str:
    """An answer for people at a terminal."""
    lines = [answer["status"]]
    for number, result in enumerate(answer["results"], 1):
        lines += _result_lines(number, result)
    return "\n".join(lines)


def _result_lines(number: int, result: dict[str, Any]) -> Sequence[str]:
    lines = [f"{number:2}. {result['title']}  ({result['document']} {result['clause']}, {result['score']:.2f})"]
    lines += [f"    {line}" for line in (result["summary"], result["url"], result["status_note"]) if line]
    return lines


async def _library(settings: Settings) -> Library:
    database = compose.database_of(settings)
    if database.path and not database.path.exists():
        return Library(pack.shipped())
    try:
        return await _stored(database)
    finally:
        await database.close()


async def _stored(database: Database) -> Library:
    """What the database holds, or the shipped knowledge where it holds none."""
    current, head = await database.revisions()
    if current is None:
        return Library(pack.shipped())
    if current != head:
        raise Unavailable(f"the {database.place} is of an older pilotbot; 'pilotbot serve' brings it up to date")
    async with database.session() as session:
        loaded, version = await versions.load(session)
    return Library(loaded, version) if version else Library(pack.shipped())
