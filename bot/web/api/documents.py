"""Documents as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from pydantic import BaseModel

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Page, Paging, paged, part
from bot.web.api.problems import Problem
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
    status_note: str | None


class DocumentPage(Page[Document]):
    """A part of the documents."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Reading."""

    context: Context

    def operations(self) -> list[Operation]:
        return [
            Operation("GET", "/documents", "listDocuments", "All documents", self.list, DocumentPage, query=Paging),
            Operation("GET", "/documents/{slug}", "getDocument", "One document", self.get, Document),
        ]

    async def list(self, call: Call) -> Answer:
        library = self.context.library()
        documents = list(library.documents.values())
        page, headers = paged([self._shown(library, d) for d in part(documents, call)], len(documents), call)
        return Answer(page, headers=headers)

    async def get(self, call: Call) -> Answer:
        library = self.context.library()
        document = library.documents.get(call.path["slug"])
        if document is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no document with this slug")
        return Answer(self._shown(library, document))

    def _shown(self, library: Library, document: model.Document) -> Document:
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
            status_note=self.context.status_note(document.slug),
        )
