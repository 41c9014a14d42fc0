"""The features of a text spelled out one by one, with the places where they stand.

Slow and obvious: what `knowledge.features` computes for many texts at once. Serves explanations, and the tests that the
fast way agrees with it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge import features, pinyin
from knowledge.features import FeatureKind
from knowledge.normalise import is_cjk
from knowledge.synonyms import Synonyms

_TOKEN = re.compile(r"[a-z]+|[^a-z\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One occurrence of a feature."""

    key: int
    kind: FeatureKind
    places: tuple[int, ...]  # of its characters in the text


def of_text(text: str, synonyms: Synonyms) -> Iterator[Piece]:
    """What an entry's text is indexed by; `text` is plain."""
    for at, char in enumerate(text):
        if is_cjk(char):
            yield Piece(features.char_key(char), FeatureKind.CHAR, (at,))
            yield from _pairs(text, at)
    for found in re.finditer(r"[0-9a-z]+", text):
        if found.group() not in features.STOP_WORDS:
            yield _word(found.group(), found.start())
    for at, word in synonyms.occurrences(text):
        for group in synonyms.groups_of(word):
            yield Piece(features.concept_key(group), FeatureKind.CONCEPT, tuple(range(at, at + len(word))))


def of_message(text: str, synonyms: Synonyms) -> Iterator[Piece]:
    """What a plain message is looked up by: the same, and the sounds of Latin letters that read as pinyin."""
    yield from of_text(text, synonyms)
    yield from _typed_pinyin(text)


def _word(word: str, at: int) -> Piece:
    return Piece(features.word_key(word), FeatureKind.WORD, tuple(range(at, at + len(word))))


def _pairs(text: str, at: int) -> Iterator[Piece]:
    """The pairs that begin at a Chinese character."""
    following = text[at + 1 : at + 2]
    if not following or not is_cjk(following):
        return
    yield Piece(features.pair_key(text[at], following), FeatureKind.PAIR, (at, at + 1))
    for a, b in itertools.product(pinyin.readings(text[at]), pinyin.readings(following)):
        yield from _sounds((a, b), (at, at + 1))
    beyond = text[at + 2 : at + 3]
    if beyond and is_cjk(beyond):
        yield Piece(features.gap_key(text[at], beyond), FeatureKind.GAP, (at, at + 2))


def _sounds(syllables: tuple[str, str], places: Sequence[int]) -> Iterator[Piece]:
    for kind in features.SPOKEN:
        yield Piece(features.spoken_key(kind, *syllables), kind, tuple(places))


def _typed_pinyin(text: str) -> Iterator[Piece]:
    run: list[tuple[str, range]] = []
    for found in _TOKEN.finditer(text):
        syllables = pinyin.split(found.group()) if found.group().isascii() else ()
        if not syllables:
            run = []
        at = found.start()
        for syllable in syllables:
            run.append((syllable, range(at, at + len(syllable))))
            at += len(syllable)
            if len(run) > 1:
                (a, before), (b, here) = run[-2:]
                yield from _sounds((a, b), (*before, *here))
