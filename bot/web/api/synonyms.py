"""Groups of words that mean the same, as JSON. A group is known by its first word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.entries import Shape, Shelf
from bot.web.api.operations import Operation, Page
from bot.web.api.problems import Fault
from bot.web.api.values import Fields, Word, optional
from knowledge.library import Library

LONGEST = 200  # characters of a word


class Synonym(BaseModel):
    words: list[str]  # the whole group


class SynonymPage(Page[Synonym]):
    """A part of the groups."""


class SynonymFields(Fields):
    words: Annotated[tuple[Word, ...], Field(min_length=2, max_length=100, description="the first one names it")]


def operations(context: Context) -> list[Operation]:
    shelf = Shelf(context, SHAPE)
    return [*shelf.reading(), *shelf.writing(), shelf.removing(), shelf.history()]


def _groups(library: Library) -> dict[str, tuple[str, ...]]:
    """First word -> group; where two groups begin alike the first one counts."""
    return {words[0]: words for words in reversed(library.pack.synonyms) if words}


def _faults(_: Library, words: Sequence[str]) -> list[Fault]:
    return [] if len(set(words)) == len(words) else [Fault(where="words", detail="a word is there twice")]


SHAPE = Shape(
    kind="synonym",
    path="/synonyms",
    parameter="word",
    singular="Synonym",
    plural="Synonyms",
    shown=Synonym,
    page=SynonymPage,
    fields=SynonymFields,
    changes=optional(SynonymFields, "SynonymChanges"),
    new=SynonymFields,
    values=_groups,
    show=lambda _, words: Synonym(words=list(words)),
    is_key=lambda key: len(key) <= LONGEST,
    key_of=lambda fields: str(fields["words"][0]),
    fixed=lambda _: {},
    faults=_faults,
    public=False,
)
