"""What an admin teaches the service from a question: the knowledge, the record and the answers are one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from handlers import texts
from handlers.editing import Editor
from handlers.learning import Act, Group, grouped
from handlers.model import Block
from handlers.render import fit
from handlers.replies import Speaker
from handlers.store import learning
from handlers.store.learning import Record
from knowledge.changes import KINDS, ChangeKind, EntryChange
from knowledge.library import Library
from knowledge.model import Measure, Outcome, OutOfScope, Pack
from knowledge.store import versions
from scheduler.store.outbox import Storage
from scheduler.updates import Weight

SEEN = timedelta(days=90)  # how old a question may be to be worth a look
TOLD = timedelta(days=30)  # who asked longer ago does not wait for an answer any more
TOPIC = "admin"  # the out-of-scope topic that admins fill
ATTEMPTS = 20  # when others change the knowledge at the same moment
ANSWERS = (Act.PHRASE, Act.LINK, Act.SYNONYM)  # acts after which a measure is the answer


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is learned from which questions."""

    keys: tuple[str, ...]  # of the questions
    act: Act
    author: str
    measure: str | None = None  # id, where a measure is the answer
    words: tuple[str, ...] = ()  # the phrase, or the words that mean the same
    question: str = ""  # as it was asked most often


class Teacher:
    def __init__(
        self,
        storage: Storage,
        editor: Editor,
        library: Callable[[], Library],
        speaker: Speaker,
        now: Callable[[], datetime],
    ) -> None:
        self._storage = storage
        self._editor = editor
        self._library = library
        self._speaker = speaker
        self._now = now

    async def waiting(self) -> list[Group]:
        """The questions that an admin should look at, in groups.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.session() as session:
            return grouped(await learning.unanswered(session, self._now() - SEEN))

    async def teach(self, lesson: Lesson) -> int:
        """Learns it, and returns how many askers will be told the answer.

        :raises KeyError: there is no such measure.
        :raises Unavailable: the database does not answer; nothing was written.
        """
        if lesson.act is Act.SYNONYM and lesson.measure is None:
            found = await asyncio.to_thread(_found_with, self._library().pack, lesson)
            # Where the word alone is no answer, the question stays on the desk.
            lesson = replace(lesson, measure=found, keys=lesson.keys if found else ())
        answer = (
            self._answer(self._library().measures[lesson.measure]) if lesson.measure and lesson.act in ANSWERS else None
        )
        now = self._now()
        record = Record(lesson.keys, lesson.act, lesson.measure, lesson.author, answer, now - TOLD, now)
        for _ in range(ATTEMPTS):
            async with self._storage.session() as session:
                pack, base = await versions.load(session, ("measure", "synonym", "out_of_scope"))
            changes, why = _changes(lesson, pack), texts.LEARNED.format(words="、".join(lesson.words))
            try:
                await self._editor.apply(
                    changes, lesson.author, ChangeKind.EDIT, why, weight=Weight.MINOR, base=base, also=record
                )
            except versions.Outdated:
                continue
            return record.told
        raise versions.Outdated("the knowledge keeps changing")

    async def answered(self, measure: Measure, question: str, author: str) -> Record:
        """For the transaction that adds a measure: it answers the questions of that group, if any."""
        groups = await self.waiting() if question else []
        keys = [key for group in groups if group.text == question for key in group.keys]
        now = self._now()
        return Record(keys, Act.NEW, measure.id, author, self._answer(measure), now - TOLD, now)

    def _answer(self, measure: Measure) -> str:
        reply = self._speaker.answer(self._library(), [measure])
        return fit(replace(reply, blocks=(Block(texts.NOW_KNOWN), *reply.blocks)))


def _changes(lesson: Lesson, pack: Pack) -> list[EntryChange]:
    """What the lesson changes in the knowledge."""
    match lesson.act:
        case Act.PHRASE:
            return [_with_phrases(pack, lesson, "asked_as")]
        case Act.NOT_THIS:
            return [_with_phrases(pack, lesson, "not_asked_as")]
        case Act.SYNONYM:
            joined = _joined(pack, lesson.words)
            return [EntryChange("synonym", joined[0], None, KINDS["synonym"].body(joined))]
        case Act.OUT_OF_SCOPE:
            return [_out_of_scope(pack, lesson.words)]
    return []


def _with_phrases(pack: Pack, lesson: Lesson, field: str) -> EntryChange:
    measure = next((m for m in pack.measures if m.id == lesson.measure), None)
    if measure is None:
        raise KeyError(lesson.measure)
    phrases: dict[str, Any] = {field: tuple(dict.fromkeys((*getattr(measure, field), *lesson.words)))}
    return EntryChange("measure", measure.id, None, KINDS["measure"].body(replace(measure, **phrases)))


def _joined(pack: Pack, words: Sequence[str]) -> tuple[str, ...]:
    """Words that mean the same join the group that one of them is in, or are a new one."""
    group = next((group for group in pack.synonyms if set(group) & set(words)), ())
    return tuple(dict.fromkeys((*group, *words)))


def _found_with(pack: Pack, lesson: Lesson) -> str | None:
    """The measure that answers the question once the words mean the same. Takes a while: call it in a thread."""
    joined = _joined(pack, lesson.words)
    others = tuple(group for group in pack.synonyms if group[0] != joined[0])
    finding = Library(replace(pack, synonyms=(*others, joined))).find(lesson.question)
    return finding.matches[0].measure.id if finding.outcome is Outcome.ANSWER else None


def _out_of_scope(pack: Pack, phrases: Sequence[str]) -> EntryChange:
    known = next((one for one in pack.out_of_scope if one.topic == TOPIC), OutOfScope(TOPIC, "policy", ()))
    grown = replace(known, phrases=tuple(dict.fromkeys((*known.phrases, *phrases))))
    return EntryChange("out_of_scope", TOPIC, None, KINDS["out_of_scope"].body(grown))
