"""Documents as JSON."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.entries import Shape, Shelf
from bot.web.api.operations import Operation, Page
from bot.web.api.sectors import CODE
from bot.web.api.values import Fields, Slug, Text, WebAddress, Word, Words, optional
from knowledge import model
from knowledge.library import Library


class Document(BaseModel):
    slug: str
    title: str
    number: str
    issuer: str
    issued: date | None  # null where the copy at hand names no date
    source_url: str | None
    short_names: list[str]
    items: dict[int, str]  # number of a clause -> its heading
    missing: str | None  # what the copy at hand lacks
    measures: int  # in force


class DocumentPage(Page[Document]):
    """A part of the documents."""


class DocumentFields(Fields):
    title: Word
    number: Word
    issuer: Word
    issued: date
    source_url: WebAddress | None = None
    short_names: Words = ()
    items: Annotated[dict[Annotated[int, Field(ge=0, le=9999)], Word], Field(max_length=300)] = Field(
        default_factory=dict
    )
    missing: Text | None = None

    @classmethod
    def read_only(cls) -> frozenset[str]:
        return frozenset({"slug", "measures"})


class NewDocument(DocumentFields):
    slug: Slug


def operations(context: Context) -> list[Operation]:
    shelf = Shelf(context, SHAPE)
    return [*shelf.reading(), *shelf.writing(), shelf.removing(), shelf.history()]


def _shown(library: Library, document: model.Document) -> Document:
    return Document(
        slug=document.slug,
        title=document.title,
        number=document.number,
        issuer=document.issuer,
        issued=document.issued,
        source_url=document.source_url,
        short_names=list(document.short_names),
        items=dict(document.items),
        missing=document.missing,
        measures=Counter(measure.document for measure in library.active)[document.slug],
    )


SHAPE = Shape(
    kind="document",
    path="/documents",
    parameter="slug",
    singular="Document",
    plural="Documents",
    shown=Document,
    page=DocumentPage,
    fields=DocumentFields,
    changes=optional(DocumentFields, "DocumentChanges"),
    new=NewDocument,
    values=lambda library: library.documents,
    show=_shown,
    is_key=lambda key: len(key) <= 60 and CODE.fullmatch(key) is not None,
    key_of=lambda fields: str(fields["slug"]),
    fixed=lambda key: {"slug": key},
    faults=lambda _, __: [],
)
