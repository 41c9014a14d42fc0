"""Deadlines in official wordings that could be milestones, as JSON. Deciding about them is an edit of the pilot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812  a field is called date
from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Page, Paging, paged, part
from bot.web.api.values import Slug
from handlers import proposing
from knowledge import proposals

SUMMARY = (
    "Deadlines in official wordings that nobody has decided about. To accept one, put its kind, date and title among the "
    "milestones of its document's pilot; to ignore it, put it there with removed: true"
)


class Proposal(BaseModel):
    """One milestone that a text suggests."""

    document: str  # also names the pilot
    kind: str  # of the milestone that it would become
    date: Day
    title: str
    measure: str  # id of the measure whose text states it
    words: str  # in which it does


class ProposalPage(Page[Proposal]):
    """A part of the proposed milestones."""


class ProposalQuery(Paging):
    document: Annotated[Slug | None, Field(description="only those of this document")] = None


def operations(context: Context) -> list[Operation]:
    return [
        Operation("GET", "/proposals", "listProposals", SUMMARY, _Desk(context).list, ProposalPage,
                  query=ProposalQuery, admin=True)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    context: Context

    async def list(self, call: Call) -> Answer:
        library, slug = self.context.library(), call.query.document
        found = await asyncio.to_thread(proposing.waiting, library, slug)
        shown = [_shown(proposal) for proposal in part(list(found), call)]
        page, headers = paged(shown, len(found), call)
        return Answer(page, headers=headers)


def _shown(proposal: proposals.Proposal) -> Proposal:
    return Proposal(
        document=proposal.document,
        kind=proposal.kind,
        date=proposal.date,
        title=proposal.title,
        measure=proposal.measure,
        words=proposal.deadline.text,
    )
