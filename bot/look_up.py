"""`pilotbot ask`: what the bot would find, from the database where there is one, else from the shipped knowledge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from bot import compose
from bot.database import Database
from bot.desk import Desk
from bot.notes import note_of, status_note
from bot.settings import Settings
from knowledge import pack
from knowledge.errors import Unavailable
from knowledge.library import Library
from knowledge.store import versions


def _decision_lines(explanation: dict[str, Any]) -> list[str]:
    """How sure it is, what that comes from, and what stands against it."""
    lines = []
    if decision := explanation.get("decision"):
        signals = ", ".join(f"{name} {value:.2f}" for name, value in decision["signals"].items())
        lines += [
            f"  in domain {decision['in_domain']:.2f} (none below {decision['none_below']:.2f}),"
            f" the first is right {decision['right']:.2f} (answer from {decision['answer_from']:.2f})",
            f"  signals: {signals}",
        ]
    lines += [f"  not about {r['id']}: like '{r['phrase']}'" for r in explanation.get("refused", ())]
    lines += [f"  {text}: {explanation[text]}" for text in ("missing", "beside") if explanation.get(text)]
    return lines


def _evidence_lines(evidence: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"    {e['weight']:4.0%}  {e['kind']} '{e['query']}' in {e['field'] or 'the name'} '{e['entry']}'"
        for e in evidence
    ]


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    """:raises Unavailable: the database cannot be read."""
    library, today = await _library(settings), compose.clock_of(settings)().date()
    yield Desk(
        library,
        partial(compose.measure_url, settings.links_from),
        lambda measure: note_of(measure, lambda document: status_note(library, document, today), today),
    )


def as_text(answer: dict[str, Any]) -> str:
    """An answer for people at a terminal."""
    lines = [answer["status"], *_decision_lines(answer.get("explanation") or {})]
    for number, result in enumerate(answer["results"], 1):
        lines += _result_lines(number, result)
        lines += _evidence_lines(result.get("evidence", ()))
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
