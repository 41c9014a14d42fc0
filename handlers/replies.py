"""Findings and measures as replies. Pure: values in, `Reply` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from handlers import texts
from handlers.model import Block, Listing, Reply
from handlers.render import LIMIT_BYTES
from knowledge.library import Library
from knowledge.model import Measure

PAGE = 8  # items of a list at once: what a phone shows without scrolling
_ROOM = 300  # bytes kept free for the lines around a list


def safe(text: str) -> str:
    """Text that cannot be taken for a link: angle brackets become full-width ones."""
    return text.replace("<", "＜").replace(">", "＞")


@dataclass(frozen=True, slots=True)
class Page:
    """What a list shows at a time."""

    reply: Reply
    listing: Listing  # from which numbers choose, and which goes on after this page


@dataclass(frozen=True, slots=True)
class Speaker:
    """Words replies with what they need to know of the world."""

    measure_url: Callable[[str], str]  # id -> address of the measure's page
    status_note: Callable[[str], str | None]  # document slug -> a line for answers of an ended pilot
    limit: int = LIMIT_BYTES  # bytes that one reply may have
    validity_note: Callable[[Measure], str | None] = lambda _: None  # a line for a measure that is not in force

    def link(self, measure: Measure, label: str) -> str:
        """A link to a measure's page."""
        return f'<a href="{self.measure_url(measure.id)}">{safe(label)}</a>'

    def answer(self, library: Library, measures: Sequence[Measure], akin: Measure | None = None) -> Reply:
        """One measure, or one for each of two things asked about.

        :param akin: says nearly the same in another document, as far as words tell; only cited.
        """
        head = (Block(texts.TWO_TOPICS),) if len(measures) > 1 else ()
        blocks = [block for measure in measures for block in self._one(library, measure)]
        blocks += [self._citation(library, akin, texts.AKIN)] if akin else []
        notes = map(Block, self._notes(library, [*measures, *filter(None, [akin])]))
        return Reply((*head, *blocks, *notes), when_cut=texts.MORE_BY_DETAIL)

    def _one(self, library: Library, measure: Measure) -> list[Block]:
        blocks = [
            Block(texts.ABOUT_ONE.format(title=safe(measure.title))),
            Block(safe(measure.summary), cuttable=True),
            self._citation(library, measure, texts.BASIS),
        ]
        return blocks + [self._citation(library, other, texts.ALSO) for other in _also(library, measure)]

    def _citation(self, library: Library, measure: Measure, pattern: str) -> Block:
        """Document and clause, with the link to the page; a document that is not there has no number to quote."""
        document = library.documents.get(measure.document)
        number = safe(document.number or document.title) if document else texts.NO_DOCUMENT
        cited = pattern.format(document=number, clause=safe(library.clause(measure)), title=safe(measure.title))
        return Block(f"{cited} {self.link(measure, texts.LINK)}")

    def _notes(self, library: Library, measures: Sequence[Measure]) -> list[str]:
        """Caveats: of the measures themselves, then of their documents' pilots, named where there are several."""
        shown = [other for measure in measures for other in (measure, *_also(library, measure))]
        dated = dict.fromkeys(note for m in shown if (note := self.validity_note(m)))
        own = dict.fromkeys(safe(m.note) for m in shown if m.note)
        return [*dated, *own, *self._ended(library, shown)]

    def _ended(self, library: Library, shown: Sequence[Measure]) -> list[str]:
        """A line for each document of these measures whose pilot has ended, which it names where there are several."""
        slugs = dict.fromkeys(measure.document for measure in shown)
        notes = {slug: note for slug in slugs if (note := self.status_note(slug))}
        return [f"{_name(library, slug)}{note}" if len(slugs) > 1 else note for slug, note in notes.items()]

    def page(self, library: Library, listing: Listing) -> Page:
        """The items of a list of measures from `listing.start` on, as many as fit, numbered over the whole list."""
        lines: list[str] = []
        ids = listing.ids[listing.start : listing.start + PAGE]
        notes = self._ended(library, [library.measures[i] for i in ids if i in library.measures])
        room = self.limit - _ROOM - sum(len(note.encode()) + 1 for note in notes)
        for number, measure_id in enumerate(ids, listing.start + 1):
            line = self._line(library, number, measure_id)
            room -= len(line.encode()) + 1
            if lines and room < 0:
                break
            lines.append(line)
        end = listing.start + len(lines)
        blocks = [Block(_headline(listing, end)), *map(Block, (*lines, *notes))]
        if end < len(listing.ids):
            blocks.append(Block(texts.MORE_PAGES.format(rest=len(listing.ids) - end)))
        return Page(Reply(tuple(blocks)), replace(listing, end=end))

    def _line(self, library: Library, number: int, measure_id: str) -> str:
        measure = library.measures.get(measure_id)
        if measure is None:  # retired since the list was made
            return f"{number}. —"
        place = f"{_name(library, measure.document)}{safe(library.clause(measure))}"
        about = f"{place}；{safe(measure.note).rstrip('。')}" if measure.note else place
        return f"{number}. {self.link(measure, measure.title)}（{about}）"

    def detail(self, library: Library, measure: Measure) -> Reply:
        """A measure with everything that is known of it."""
        document = library.documents.get(measure.document)
        sectors = "、".join(library.sectors[code].name for code in measure.sectors if code in library.sectors)
        lines = [Block(texts.DETAIL_TITLE.format(title=safe(measure.title)))]
        lines.append(Block(texts.DETAIL_SUMMARY.format(summary=safe(measure.summary)), cuttable=True))
        if measure.text:
            lines.append(Block(texts.DETAIL_TEXT.format(text=safe(measure.text)), cuttable=True))
        else:
            lines.append(Block(texts.DETAIL_NO_TEXT))
        if document:
            known = (document.number, document.issuer, document.issued.isoformat() if document.issued else "")
            facts = "，".join(filter(None, known))
            lines.append(Block(safe(texts.DETAIL_DOCUMENT.format(title=document.title, facts=facts or texts.NO_FACTS))))
        clause = texts.DETAIL_CLAUSE.format(clause=safe(library.clause(measure)))
        lines.append(Block(f"{clause} {self.link(measure, texts.LINK)}"))
        if sectors:
            lines.append(Block(texts.DETAIL_SECTORS.format(sectors=safe(sectors))))
        lines += [self._citation(library, other, texts.ALSO) for other in _also(library, measure)]
        lines += map(Block, self._notes(library, [measure]))
        return Reply(tuple(lines), when_cut=texts.MORE_BY_LINK)


def _headline(listing: Listing, end: int) -> str:
    if not listing.heading:
        return texts.CHOICES
    if listing.heading == texts.NEAR_MISSES:
        return f"{texts.NOT_FOUND}\n{texts.NEAR_MISSES}"
    whole = listing.start == 0 and end == len(listing.ids)
    pattern = texts.LISTED if whole else texts.LISTED_PAGE
    return pattern.format(heading=safe(listing.heading), total=len(listing.ids), first=listing.start + 1, last=end)


def _name(library: Library, slug: str) -> str:
    """What people call a document."""
    document = library.documents.get(slug)
    if document is None:
        return texts.NO_DOCUMENT
    return safe(document.short_names[0] if document.short_names else document.number or document.title)


def _also(library: Library, measure: Measure) -> list[Measure]:
    return [library.measures[i] for i in measure.also_in if i in library.measures]


def say(*lines: str) -> Reply:
    """A reply of fixed lines."""
    return Reply(tuple(Block(line) for line in lines))
