"""Deciding about the milestones that a text suggests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from handlers import import_texts as texts
from handlers.entries import Entries, Signed
from handlers.store.work import Session
from knowledge.changes import Change, EntryChange
from knowledge.codec import from_json, to_json
from knowledge.library import Library
from knowledge.model import Document, Measure, PilotFact
from knowledge.proposals import Proposal, proposed, undecided
from knowledge.store import versions
from scheduler.model import Pilot
from scheduler.proposals import accepted, founded, ignored
from scheduler.store.outbox import Storage
from scheduler.updates import Weight

Body = Mapping[str, Any]
Decision = Callable[[Pilot, Sequence[Proposal]], Pilot]


def waiting(library: Library, slug: str | None = None) -> tuple[Proposal, ...]:
    """The proposals about which nobody has decided yet.

    :param slug: of the document that suggests them; None: of any, which takes a while where much is known.
    """
    measures: dict[str, list[Measure]] = {}
    for measure in library.pack.measures:
        measures.setdefault(measure.document, []).append(measure)
    documents = [document for document in library.pack.documents if slug in (None, document.slug)]
    found = (proposal for each in documents for proposal in proposed(each, measures.get(each.slug, ())))
    return undecided(found, library.pack.pilots)


async def accept(entries: Entries, library: Library, proposal: Proposal, author: str) -> Change | None:
    """Makes the proposal a milestone of its document's pilot, which is founded where there is none.

    :raises Conflict: somebody has changed the pilot meanwhile; nothing was written.
    :raises PilotError: there can be no such pilot; nothing was written.
    :raises Unavailable: the database does not answer; nothing was written.
    """
    return await _decide(entries, library, proposal, accepted, Signed(author, texts.ACCEPTED, Weight.MINOR))


async def ignore(entries: Entries, library: Library, proposal: Proposal, author: str) -> Change | None:
    """Notes that this is no milestone. Raises as `accept`."""
    return await _decide(entries, library, proposal, ignored, Signed(author, texts.IGNORED, Weight.MINOR))


async def accepting(
    storage: Storage, proposals: Iterable[Proposal], changes: Sequence[EntryChange]
) -> list[EntryChange]:
    """The changes of pilots that make the proposals milestones, on top of other changes.

    :raises PilotError: there can be no such pilot.
    """
    by_document: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        by_document.setdefault(proposal.document, []).append(proposal)
    planned = {(change.kind, change.key): change.body for change in changes}
    found = []
    async with storage.session() as session:
        for slug, chosen in by_document.items():
            pilot = planned.get(("pilot", slug)) or await _latest(session, "pilot", slug)
            document = planned.get(("document", slug)) or await _latest(session, "document", slug)
            after = accepted(_pilot(pilot, from_json(Document, document or {}), chosen), chosen)
            found.append(EntryChange("pilot", slug, None, to_json(after.fact)))
    return found


async def _decide(
    entries: Entries, library: Library, proposal: Proposal, decision: Decision, signed: Signed
) -> Change | None:
    slug = proposal.document
    known = await entries.history("pilot", slug)
    before = _pilot(known[0].body if known else None, library.documents[slug], [proposal])
    body = to_json(decision(before, [proposal]).fact)
    return await entries.write("pilot", slug, body, known[0].revision if known else 0, signed)


def _pilot(body: Body | None, document: Document, proposals: Sequence[Proposal]) -> Pilot:
    if body is not None:
        return Pilot.of(from_json(PilotFact, body))
    return founded(document, max(proposal.date for proposal in proposals))


async def _latest(session: Session, kind: str, key: str) -> Body | None:
    known = await versions.history(session, kind, key)
    return known[0].body if known else None
