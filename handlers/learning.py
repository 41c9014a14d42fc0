"""Questions that the service could not answer well, grouped by likeness. Values and pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rapidfuzz import fuzz, process

from knowledge.normalise import fold

ALIKE = 72.0  # rapidfuzz's ratio, 0..100, from which two questions are taken for one
LONGEST = 200  # characters of a question that are compared and shown


class Act(StrEnum):
    """What an admin makes of a question."""

    PHRASE = "phrase"  # a measure is asked so
    SYNONYM = "synonym"  # a word of it means the same as a known one
    LINK = "link"  # a measure is the answer, this once
    NEW = "new"  # a new measure answers it
    OUT_OF_SCOPE = "out_of_scope"  # no measure will ever be about it
    NOT_THIS = "not_this"  # it is not about the measure that it got
    CLOSED = "closed"  # nothing to learn


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One question that got none, choices without a pick, or 没用."""

    key: str  # of the delivery
    user: str | None  # None once its asker is forgotten
    text: str
    at: datetime
    outcome: str
    useless: bool  # its asker said so
    top: str | None = None  # id of the best match then


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike."""

    text: str  # the one asked most often, shortened
    questions: tuple[Unanswered, ...]  # newest first

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(question.key for question in self.questions)

    @property
    def latest(self) -> datetime:
        return self.questions[0].at

    @property
    def askers(self) -> int:
        """How many people, as far as they are known."""
        return len({question.user for question in self.questions if question.user})

    @property
    def wordings(self) -> tuple[str, ...]:
        """The different texts, the most frequent first."""
        return tuple(text for text, _ in Counter(question.text for question in self.questions).most_common())


def grouped(questions: Iterable[Unanswered]) -> list[Group]:
    """Groups of like questions, the one with the newest question first."""
    newest_first = sorted(questions, key=lambda question: question.at, reverse=True)
    spelled = Counter(fold(question.text)[:LONGEST] for question in newest_first)
    leader = _leaders([text for text, _ in spelled.most_common()])
    groups: dict[str, list[Unanswered]] = {}
    for question in newest_first:
        groups.setdefault(leader[fold(question.text)[:LONGEST]], []).append(question)
    return [Group(_most_frequent(found), tuple(found)) for found in groups.values()]


def _leaders(spellings: Sequence[str]) -> dict[str, str]:
    """Spelling -> the first one of those that are like it. The more frequent ones lead."""
    leaders: list[str] = []
    found: dict[str, str] = {}
    for text in spellings:
        best = process.extractOne(text, leaders, scorer=fuzz.ratio, score_cutoff=ALIKE)
        found[text] = best[0] if best else text
        if not best:
            leaders.append(text)
    return found


def _most_frequent(questions: Sequence[Unanswered]) -> str:
    """The shortest of those asked most often."""
    spelled = Counter(question.text.strip() for question in questions)
    return min(spelled, key=lambda text: (-spelled[text], len(text), text))[:LONGEST]
