"""What a segmented document makes of the measures that are known of it. Pure.

Curated fields follow the official wording: where a sentence moves to another place, its title, summary and phrases move
along. Overview entries (item 0) are never touched; a new document gets one for each sentence that states its term.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from rapidfuzz import fuzz, process

from knowledge import import_texts as texts
from knowledge.changes import KINDS, EntryChange
from knowledge.deadlines import terms
from knowledge.import_plan import Draft, Warned
from knowledge.model import MAX_SUMMARY, Document, Measure, Pack, Status
from knowledge.proposals import Proposal, undecided
from knowledge.sectors import sector_in
from knowledge.segment import Clause, Segmented
from knowledge.stated import SLUG, Fault, Stated
from knowledge.titles import shorten, title_of

SAME = 75.0  # of 100: from here on a sentence elsewhere is the same one, reworded
REWORDED = 60.0  # below, a sentence at the same place may be another one: a person should look
REPLACES = 50.0  # from here on a retired sentence names what replaced it
MAX_PAIRS = 4_000_000  # comparisons; a document beyond is matched by place and equal wording alone


def slug_for(segmented: Segmented, documents: Iterable[Document]) -> str | None:
    """The document that the file says it is, by its number or else its title; None for one that is not known."""
    about = segmented.metadata
    known = tuple(documents)
    by_number = [d.slug for d in known if about.number and _plain(d.number) == _plain(about.number)]
    by_title = [d.slug for d in known if about.title and _plain(d.title) == _plain(about.title)]
    return next(iter([*by_number, *by_title]), None)


def plan_document(draft: Draft, pack: Pack, segmented: Segmented, slug: str) -> None:
    """Adds to the draft what the document would change."""
    file = segmented.file
    clauses = [_with_sector(clause, segmented, pack) for clause in segmented.clauses]
    if not SLUG.fullmatch(slug):
        draft.faults.append(Fault(file, None, None, texts.BAD_GIVEN_SLUG.format(value=slug)))
        return
    if not clauses:
        draft.faults.append(Fault(file, None, None, texts.NO_CLAUSES))
        return
    _plan_own_entry(draft, segmented, slug)
    known = [m for m in pack.measures if m.document == slug and not m.is_overview]
    partners = matched(clauses, slug, known)
    suggested = [
        proposal
        for clause, partner in zip(clauses, partners, strict=True)
        for proposal in _plan_clause(draft, segmented, slug, clause, partner)
    ]
    suggested = [*_plan_terms(draft, segmented, slug), *suggested]
    draft.proposals += undecided(suggested, pack.pilots)
    _follow_moves(draft, slug, clauses, partners)
    _retire(draft, segmented, slug, known)
    _warn(draft, segmented, slug, partners)
    draft.left_out += _left_out(draft, segmented, slug)


def _with_sector(clause: Clause, segmented: Segmented, pack: Pack) -> Clause:
    """The clause with the sector that its wording tells where no heading told one."""
    return replace(clause, sector=clause.sector or sector_in(clause.text, segmented.metadata.title, pack.sectors))


def matched(clauses: Sequence[Clause], slug: str, known: Sequence[Measure]) -> list[Measure | None]:
    """For each clause the measure that it is: of equal wording, else at the same place, else alike."""
    by_text = _unique_texts(known)
    found: list[Measure | None] = [by_text.get(_plain(clause.text)) for clause in clauses]
    taken = {measure.id for measure in found if measure}
    by_id = {measure.id: measure for measure in known}
    for place, clause in enumerate(clauses):
        here = by_id.get(_id(slug, clause))
        if found[place] is None and here and here.id not in taken:
            found[place] = here
            taken.add(here.id)
    _match_alike(found, clauses, [m for m in known if m.text and m.id not in taken])
    return found


def _unique_texts(known: Iterable[Measure]) -> dict[str, Measure]:
    worded = [(_plain(measure.text), measure) for measure in known if measure.text]
    number = Counter(text for text, _ in worded)
    return {text: measure for text, measure in worded if number[text] == 1}


def _match_alike(found: list[Measure | None], clauses: Sequence[Clause], left: Sequence[Measure]) -> None:
    """Pairs clauses without a measure with measures without a clause, the most alike first."""
    open_places = [place for place, measure in enumerate(found) if measure is None]
    if not open_places or not left or len(open_places) * len(left) > MAX_PAIRS:
        return
    scores = process.cdist([clauses[p].text for p in open_places], [m.text for m in left], scorer=fuzz.ratio)
    ranked = sorted(
        (
            (float(scores[a][b]), a, b)
            for a in range(len(open_places))
            for b in range(len(left))
            if scores[a][b] >= SAME
        ),
        key=lambda hit: (-hit[0], hit[1], hit[2]),
    )
    used: set[int] = set()
    for _, a, b in ranked:
        if found[open_places[a]] is None and b not in used:
            found[open_places[a]] = left[b]
            used.add(b)


def _plan_own_entry(draft: Draft, segmented: Segmented, slug: str) -> None:
    """A document that is new gets an entry; one that is known keeps what is curated, and learns of new headings."""
    known = draft.bodies.get(("document", slug))
    if known is not None:
        found = {str(number): heading for number, heading in segmented.items.items() if heading}
        draft.plan(Stated("document", slug, {}, segmented.file, 1), {**known, "items": {**found, **known["items"]}})
        draft.uncounted.add(("document", slug))
        return
    about, last = segmented.metadata, segmented.clauses[-1]
    missing = texts.CUT_OFF.format(item=last.item, ordinal=last.ordinal) if segmented.cut_off else None
    title = about.title or PurePath(segmented.file).stem
    items = {number: heading for number, heading in segmented.items.items() if heading}
    document = Document(slug, title, about.number, about.issuer, about.issued, items=items, missing=missing)
    draft.plan(Stated("document", slug, {}, segmented.file, 1), KINDS["document"].body(document))
    draft.uncounted.add(("document", slug))


def _plan_clause(
    draft: Draft, segmented: Segmented, slug: str, clause: Clause, partner: Measure | None
) -> list[Proposal]:
    """Plans the measure, and tells which milestones its text suggests."""
    key = _id(slug, clause)
    stated = Stated("measure", key, {}, segmented.file, clause.line)
    if partner is None:
        body = KINDS["measure"].body(drafted(slug, clause))
    else:
        body = {**KINDS["measure"].body(partner), "id": key, "item": clause.item, "ordinal": clause.ordinal}
        body["number"] = clause.number
        body["text"] = clause.text if _plain(clause.text) != _plain(partner.text or "") else partner.text
        _warn_of(draft, segmented, key, clause, partner)
    draft.plan(stated, body)
    return [Proposal(key, body["title"], deadline) for deadline in clause.deadlines]


def _plan_terms(draft: Draft, segmented: Segmented, slug: str) -> list[Proposal]:
    """Plans an overview entry for each sentence of a new document that says from when or how long it is in force."""
    if ("document", slug) in draft.original:
        return []
    found = [(s, days) for s in segmented.framing if (days := terms(s.text, segmented.metadata.issued))]
    suggested = []
    for ordinal, (sentence, days) in enumerate(found, start=1):
        text, key = sentence.text, f"{slug}/0.{ordinal}"
        entry = Measure(key, slug, 0, ordinal, (), title_of(text), shorten(text, MAX_SUMMARY), text=text)
        entry = replace(entry, number=sentence.number)
        draft.plan(Stated("measure", key, {}, segmented.file, sentence.line), KINDS["measure"].body(entry))
        draft.uncounted.add(("measure", key))
        suggested += [Proposal(key, entry.title, day) for day in days]
    return suggested


def _warn_of(draft: Draft, segmented: Segmented, key: str, clause: Clause, partner: Measure) -> None:
    if partner.text and fuzz.ratio(partner.text, clause.text) < REWORDED:
        draft.warnings.append(_warned(segmented, clause.line, texts.WARN_REWORDED.format(id=key)))
    if partner.status is Status.RETIRED:
        draft.warnings.append(_warned(segmented, clause.line, texts.WARN_STILL_RETIRED.format(id=key)))


def drafted(slug: str, clause: Clause) -> Measure:
    """A measure that nobody has curated yet: title and summary are cut from the wording."""
    return Measure(
        id=_id(slug, clause),
        document=slug,
        item=clause.item,
        ordinal=clause.ordinal,
        sectors=(clause.sector,) if clause.sector else (),
        title=title_of(clause.text),
        summary=shorten(clause.text, MAX_SUMMARY),
        text=clause.text,
        number=clause.number,
        note=_note(clause),
    )


def _note(clause: Clause) -> str | None:
    """What a table or brackets say beside the wording: who is to do it, and by when."""
    due = "、".join(d.text for d in clause.deadlines if d.text not in clause.text)
    offices = clause.responsible  # printed with a label of its own or, in a table, without
    if offices and "：" not in offices.replace(":", "："):
        offices = texts.OF_RESPONSIBLE.format(value=offices)
    return "；".join(filter(None, (offices, due and texts.OF_DUE.format(value=due)))) or None


def _follow_moves(draft: Draft, slug: str, clauses: Sequence[Clause], partners: Sequence[Measure | None]) -> None:
    """Entries that name a measure by its id name it by its new one."""
    moved = {p.id: _id(slug, c) for c, p in zip(clauses, partners, strict=True) if p and p.id != _id(slug, c)}
    if not moved:
        return
    for (kind, key), body in list(draft.bodies.items()):
        if kind != "measure" or not moved.keys() & {*body["also_in"], body["replaced_by"]}:
            continue
        after = {
            **body,
            "also_in": [moved.get(other, other) for other in body["also_in"]],
            "replaced_by": moved.get(body["replaced_by"], body["replaced_by"]),
        }
        if (kind, key) in draft.planned:
            draft.plan(draft.planned[kind, key][0], after)
        else:
            draft.bodies[kind, key] = after
            draft.silent[kind, key] = EntryChange(kind, key, None, after)


def _retire(draft: Draft, segmented: Segmented, slug: str, known: Sequence[Measure]) -> None:
    """What the document no longer states stays, marked as retired, with what is most like it."""
    stated = {_id(slug, clause): clause.text for clause in segmented.clauses}
    for measure in known:
        if measure.id in stated or measure.status is Status.RETIRED:
            continue
        body = {**KINDS["measure"].body(measure), "status": Status.RETIRED.value}
        body["replaced_by"] = measure.replaced_by or _successor(measure, stated)
        draft.plan(Stated("measure", measure.id, {}, segmented.file, 1), body)


def _successor(measure: Measure, stated: Mapping[str, str]) -> str | None:
    """The measure whose wording is most like that of a retired one; None where none is."""
    if not measure.text:
        return None
    best: Any = process.extractOne(measure.text, stated, scorer=fuzz.ratio, score_cutoff=REPLACES)
    return str(best[2]) if best else None


def _warn(draft: Draft, segmented: Segmented, slug: str, partners: Sequence[Measure | None]) -> None:
    last, ids = segmented.clauses[-1], [_id(slug, clause) for clause in segmented.clauses]
    bare = [key for key in ids if not draft.bodies["measure", key]["sectors"]]
    if bare:
        listed = "、".join(key.rpartition("/")[2] for key in bare)
        draft.warnings.append(_warned(segmented, None, texts.WARN_NO_SECTOR.format(number=len(bare), ids=listed)))
    if segmented.cut_off:
        message = texts.WARN_CUT_OFF.format(item=last.item, ordinal=last.ordinal)
        draft.warnings.append(_warned(segmented, last.line, message))
    new = sum(partner is None for partner in partners)
    if new:
        draft.warnings.append(_warned(segmented, None, texts.WARN_DRAFTED.format(number=new)))


def _left_out(draft: Draft, segmented: Segmented, slug: str) -> Iterator[Warned]:
    """The sentences that are no measures and stand in no overview either."""
    entries = (body for (kind, _), body in draft.bodies.items() if kind == "measure")
    overviews = [body for body in entries if body["document"] == slug and not body["item"]]
    told = "\n".join(_plain(f"{body['summary']}{body['text'] or ''}") for body in overviews)
    for sentence in segmented.framing:
        if _plain(sentence.text) not in told:
            yield _warned(segmented, sentence.line, sentence.text)


def _warned(segmented: Segmented, place: int | None, message: str) -> Warned:
    return Warned(segmented.file, place, message, segmented.unit.value)


def _id(slug: str, clause: Clause) -> str:
    return f"{slug}/{clause.item}.{clause.ordinal}"


def _plain(text: str | None) -> str:
    return "".join((text or "").split())
