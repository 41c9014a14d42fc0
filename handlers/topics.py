"""The names of what can be followed: sectors, documents, the milestones, everything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz

from handlers import texts
from knowledge import pinyin
from knowledge.library import Library
from knowledge.model import Document, Sector
from knowledge.normalise import fold
from scheduler.store.followers import ALL, DOCUMENT, MILESTONES, SECTOR

ALIKE = 80.0  # of 100: from here on an unknown name is a known one with a slip
OFFERED = 3  # names offered for an unknown one

_FIXED = {
    ALL: ("全部", "所有", "all", "everything"),
    MILESTONES: ("里程碑", "里程碑提醒", "进度", "milestones", "milestone", "timeline"),
}
# What may stand between names, or beside one, without a meaning of its own.
_BETWEEN = re.compile(
    r"(?:[\s、,，;；/+&。.!！:：]|和|与|及|跟|以及|还有|板块|领域|行业|方面|政策|更新|的|(?:and|sectors?|updates?)(?![a-z]))+"
)
_BREAK = re.compile(r"[\s、,，;；/+&。]|和|与|及|跟")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the argument of a command names."""

    topics: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # what is no name, as it was typed


class Topics:
    """Reads names. Made of one state of the knowledge."""

    def __init__(self, library: Library) -> None:
        self._names = _names(library.sectors.values(), library.documents.values())
        self._labels = {name: topic for topic, name in _labels(library)}
        self._longest_first = sorted(self._names, key=len, reverse=True)

    def read(self, argument: str) -> Reading:
        """The topics that a folded text names, however they are strung together, and what else stands in it."""
        topics: list[str] = []
        unknown: list[str] = []
        at = 0
        while at < len(argument):
            name = self._name_at(argument, at)
            if name:
                topics.append(self._names[name])
                at += len(name)
            elif between := _BETWEEN.match(argument, at):
                at = between.end()
            else:
                end = self._end_of_unknown(argument, at)
                unknown.append(argument[at:end])
                at = end
        return Reading(tuple(dict.fromkeys(topics)), tuple(unknown))

    def nearest(self, name: str) -> tuple[str, ...]:
        """What people call the topics whose names are most like an unknown one, the most alike first."""
        scores: dict[str, float] = {}
        for known, topic in self._names.items():
            scores[topic] = max(scores.get(topic, 0.0), _likeness(name, known))
        best = sorted(scores, key=lambda topic: -scores[topic])[:OFFERED]
        names = {topic: label for label, topic in self._labels.items()}
        return tuple(names[topic] for topic in best)

    def is_slip(self, name: str) -> bool:
        """Whether an unknown name is a known one mistyped."""
        return any(_likeness(name, known) >= ALIKE for known in self._names)

    def _name_at(self, text: str, at: int) -> str | None:
        return next((n for n in self._longest_first if text.startswith(n, at) and _is_whole(text, at, n)), None)

    def _end_of_unknown(self, text: str, at: int) -> int:
        for end in range(at + 1, len(text)):
            if _BREAK.match(text, end) or self._name_at(text, end):
                return end
        return len(text)


_kept: WeakKeyDictionary[Library, Topics] = WeakKeyDictionary()


def topics_of(library: Library) -> Topics:
    """What reads the names of the knowledge: made once, since each message that begins with a verb asks for it."""
    topics = _kept.get(library)
    if topics is None:
        topics = _kept[library] = Topics(library)
    return topics


def label(library: Library, topic: str) -> str:
    """What people call a topic; for one that is gone what it was."""
    return dict(_labels(library)).get(topic, topic.partition(":")[2] or topic)


def _labels(library: Library) -> Iterator[tuple[str, str]]:
    yield ALL, texts.TOPIC_ALL
    yield MILESTONES, texts.TOPIC_MILESTONES
    for sector in library.sectors.values():
        yield SECTOR + sector.code, sector.name
    for document in library.documents.values():
        yield DOCUMENT + document.slug, document.short_names[0] if document.short_names else document.title


def _names(sectors: Iterable[Sector], documents: Iterable[Document]) -> dict[str, str]:
    """Folded name -> topic; where two have one name, the more official use of it counts."""
    sectors, documents = tuple(sectors), tuple(documents)
    pairs = [(name, topic) for topic, names in _FIXED.items() for name in names]
    pairs += [(name, SECTOR + s.code) for s in sectors for name in (s.name, s.code)]
    pairs += [(n, DOCUMENT + d.slug) for d in documents for n in (d.slug, d.title, d.number, *d.short_names)]
    pairs += [(alias, SECTOR + s.code) for s in sectors for alias in s.aliases]
    names: dict[str, str] = {}
    for name, topic in pairs:
        if fold(name):
            names.setdefault(fold(name), topic)
    return names


def _is_whole(text: str, at: int, name: str) -> bool:
    """A Latin name counts only as whole words, a number not as part of another one."""
    before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
    return not (_joins(before, name[0]) or _joins(name[-1], after))


def _joins(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


def _likeness(typed: str, known: str) -> float:
    """By letters or by sound, 0 to 100."""
    return max(fuzz.ratio(typed, known), fuzz.ratio(_sound(typed), _sound(known)) if typed else 0.0)


def _sound(text: str) -> str:
    return "".join(next(iter(pinyin.readings(char)), char) for char in text)
