"""What a change of the knowledge would mean for people: answers that change, followers who would be told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handlers.importing import Preview
from handlers.store import questions
from knowledge.changes import pack_of
from knowledge.import_plan import Plan, Planned
from knowledge.letting_go import let_go
from knowledge.library import Library
from knowledge.model import Finding, Measure, Outcome
from knowledge.store import versions
from scheduler.store import announcing
from scheduler.store.outbox import Storage
from scheduler.updates import Changed, changed, topics_of

QUESTIONS = 500  # recorded questions that are asked again
CHOICES = 3  # of a list of choices, how many count as what is shown


@dataclass(frozen=True, slots=True)
class Answered:
    """A recorded question that would be answered differently."""

    question: str
    before: tuple[str, ...]  # titles of what is shown now; empty for 'not found'
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consequences:
    answers: tuple[Answered, ...]
    asked: int  # how many recorded questions were tried
    followers: int  # people who would be told


async def of_preview(storage: Storage, preview: Preview, known: Library | None = None) -> Consequences:
    """What an import would mean. Builds an index in a thread: takes seconds.

    :param known: the knowledge in memory, where there is any: it need not be built if it is the one of the preview.
    :raises Unavailable: the database does not answer.
    """
    if preview.plan.is_empty:
        return Consequences((), 0, 0)
    async with storage.session() as session:
        followers = await announcing.audience(session, await asyncio.to_thread(_topics, preview.plan))
        asked = await questions.recent(session, QUESTIONS)
        if asked and (known is None or known.version != preview.version):
            known = await asyncio.to_thread(Library, *await versions.load(session))
    answers = await asyncio.to_thread(answered_differently, known, preview.plan, asked) if asked and known else ()
    return Consequences(answers, len(asked), followers)


def answered_differently(known: Library, plan: Plan, asked: Sequence[str]) -> tuple[Answered, ...]:
    """The questions to which people would get something else, in their order."""
    planned = Library(plan.result(known.pack), before=known)
    before, after = ([_shown(library.find(question)) for question in asked] for library in (known, planned))
    leaves = planned.leaves()
    del planned
    let_go(leaves)
    return tuple(
        Answered(question, tuple(m.title for m in was), tuple(m.title for m in is_now))
        for question, was, is_now in zip(asked, before, after, strict=True)
        if was != is_now
    )


def _shown(finding: Finding) -> list[Measure]:
    """What people would see, without the words that only help to find it."""
    if finding.outcome is Outcome.NONE:
        return []
    number = finding.answers if finding.outcome is Outcome.ANSWER else CHOICES
    return [_visible(match.measure) for match in finding.matches[:number]]


def _visible(measure: Measure) -> Measure:
    return Measure(
        measure.id,
        measure.document,
        measure.item,
        measure.ordinal,
        (),
        measure.title,
        measure.summary,
        note=measure.note,
        also_in=measure.also_in,
    )


def _topics(plan: Plan) -> set[str]:
    """The topics whose followers would be told."""
    return {topic for measure in _changed(plan) for topic in topics_of(measure)}


def _changed(plan: Plan) -> Iterable[Changed]:
    for entry in plan.planned:
        if entry.kind == "measure" and (what := changed(*_measures(entry))):
            yield what


def _measures(entry: Planned) -> tuple[Measure | None, Measure | None]:
    bodies = (entry.before, entry.after)
    before, after = (
        pack_of([(entry.kind, entry.key, body)]).measures[0] if body is not None else None for body in bodies
    )
    return before, after
