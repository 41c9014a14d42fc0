"""What becomes of the milestones that a document's text suggests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from knowledge.model import Document
from knowledge.proposals import Proposal
from scheduler import texts
from scheduler.milestones import add_months, dates, removed
from scheduler.model import MAX_MONTHS, Override, Pilot, PilotError

MONTHS = 36  # of a pilot whose document states no term


def accepted(pilot: Pilot, proposals: Sequence[Proposal]) -> Pilot:
    """The pilot with the proposals as milestones that its document states."""
    return _decided(pilot, [Override(p.kind, p.date, p.title) for p in proposals])


def ignored(pilot: Pilot, proposals: Sequence[Proposal]) -> Pilot:
    """The pilot with a note that these are no milestones, so that nobody is asked again."""
    return _decided(pilot, [Override(p.kind, p.date, p.title, removed=True) for p in proposals])


def founded(document: Document, last: date) -> Pilot:
    """A pilot of a document that has none: it starts on the document's date and runs up to `last` at least.

    Nobody has said that it has its halves, full years and a final review, so none of these is announced.

    :raises PilotError: the document has no date.
    """
    if document.issued is None:
        raise PilotError(texts.NO_ISSUED.format(title=document.title))
    start = document.issued
    months = next((n for n in range(MONTHS, MAX_MONTHS) if add_months(start, n) >= last), MAX_MONTHS)
    name = document.short_names[0] if document.short_names else document.title
    pilot = Pilot(document.slug, name, start, "document", months)
    for kind in dates(pilot):
        pilot = pilot if kind == "start" else removed(pilot, kind)
    return pilot


def _decided(pilot: Pilot, overrides: Sequence[Override]) -> Pilot:
    kinds = {override.kind for override in overrides}
    kept = tuple(o for o in pilot.overrides if o.kind not in kinds)
    return replace(pilot, overrides=(*kept, *overrides))
