"""Milestones that the text of a document suggests; a person decides about each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.deadlines import Deadline, deadlines, terms
from knowledge.model import Document, Measure, PilotFact, Status

_DUE = "due-"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One deadline of one measure."""

    measure: str  # id
    subject: str  # what is to be done by then: the measure's title
    deadline: Deadline

    @property
    def id(self) -> str:
        """Of the milestone that it would become: '<document slug>/due-<item>-<ordinal>-<yyyymmdd>'."""
        return f"{self.document}/{self.kind}"

    @property
    def document(self) -> str:
        return self.measure.partition("/")[0]

    @property
    def kind(self) -> str:
        place = self.measure.partition("/")[2].replace(".", "-")
        return f"{_DUE}{place}-{self.date:%Y%m%d}"

    @property
    def date(self) -> date:
        return self.deadline.date

    @property
    def title(self) -> str:
        """Of the milestone."""
        return f"{self.subject}（{self.deadline.text}）"


def proposed(document: Document, measures: Iterable[Measure]) -> Iterator[Proposal]:
    """What the official wording of the document's measures suggests, in their order."""
    for measure in measures:
        if measure.document == document.slug and measure.status is Status.ACTIVE:
            stated = terms if measure.is_overview else deadlines
            found = stated(f"{measure.text or ''} {measure.note or ''}", document.issued)
            yield from (Proposal(measure.id, measure.title, deadline) for deadline in found)


def undecided(proposals: Iterable[Proposal], pilots: Iterable[PilotFact]) -> tuple[Proposal, ...]:
    """Those about which nobody has decided yet, each milestone once."""
    decided = {f"{pilot.document}/{stated.kind}" for pilot in pilots for stated in pilot.milestones}
    return tuple({p.id: p for p in reversed(tuple(proposals)) if p.id not in decided}.values())[::-1]


def is_stated(kind: str, day: date) -> bool:
    """Whether a milestone of that kind, on that day, is what the document's text states."""
    return kind.startswith(_DUE) and kind.endswith(f"-{day:%Y%m%d}")
