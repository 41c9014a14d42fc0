"""Messages that name what they want: a document, clauses of it, a sector. No ranking is needed for these."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import resources

import yaml

from knowledge import pinyin
from knowledge.model import Document, Measure, Pack, Sector
from knowledge.normalise import fold, plain
from knowledge.numbering import Numbering
from knowledge.references import LAST, Clause, Kind, Recogniser, References

SPELLED_OUT = 3  # documents of which each is told to lack a clause, where a message names none
WHOLE = "（款不单独收录，列出整条）"


@dataclass(frozen=True, slots=True)
class Request:
    """What a message names, resolved against the knowledge base."""

    measures: tuple[Measure, ...] = ()  # what it names in full, in the documents' order
    heading: str | None = None  # what the list is about
    names: str = ""  # what kind of name led to it: 'clause', 'sector', 'document'
    missing: str | None = None  # it names a part that is not at hand: a sentence for people
    documents: tuple[str, ...] = ()  # only these documents are meant …
    rest: str = ""  # … and this is to be ranked within them
    scope: tuple[str, ...] = ()  # nothing but these documents is asked about, though only their place is named


class Lookup:
    """Resolves references and sector names. `measures` are the active ones in the documents' order."""

    def __init__(self, pack: Pack, measures: Sequence[Measure]) -> None:
        self._documents = {d.slug: d for d in pack.documents}
        rank = {slug: n for n, slug in enumerate(self._documents)}
        self._all = sorted(measures, key=lambda m: (rank.get(m.document, len(rank)), m.document, m.item, m.ordinal))
        self.measures = tuple(m for m in self._all if not m.is_overview)  # in the documents' order
        self._overall = {(m.document, phrase): m for m in self._all if m.is_overview for phrase in _phrases(m)}
        held: dict[str, list[Measure]] = {slug: [] for slug in self._documents}
        for measure in self._all:
            held.setdefault(measure.document, []).append(measure)
        self._numbering = {slug: Numbering(found) for slug, found in held.items()}
        self._recogniser = Recogniser(pack.documents)
        self._sectors = _sector_names(pack.sectors)
        self._sector_pattern = _any_of(self._sectors)
        self._sector = {s.code: s for s in pack.sectors}

    def own_number(self, measure: Measure) -> str:
        """What the document itself prints for a measure, where that is not what our citation says; else ''."""
        numbering = self._numbering.get(measure.document)
        return numbering.beside(measure) if numbering else ""

    def find(self, folded: str) -> Request:
        """What the folded message names; an empty Request when it names nothing."""
        references = self._recogniser.read(folded)
        if not references:
            rest = self._recogniser.without_places(folded, references.scope) if references.scope else ""
            return self._by_sector(plain(folded), self.measures) or Request(scope=references.scope, rest=rest)
        if references.unknown and not references.documents:
            return Request(missing=f"资料库里没有“{references.unknown}”这份文件。")
        if references.clauses:
            return self._by_clause(replace(references, clauses=tuple(self._counted(references))))
        return self._in_documents(references)

    def _by_clause(self, references: References) -> Request:
        named = {m.id for clause in references.clauses for m in self._named(clause, references)}
        found = [m for m in self._all if m.id in named]
        if found:
            heading = "、".join(self._headings(references))
            return Request(tuple(self._narrowed(found, references.rest)), heading, "clause")
        clause = references.clauses[0]
        if self._is_beside(clause, references) and without_fillers(plain(references.rest), listing=True):
            return self._in_documents(references)
        return Request(missing=self._lacking(self._slugs(clause, references), clause))

    def _is_beside(self, clause: Clause, references: References) -> bool:
        """Whether a topic can stand for a part that nothing is looked up by: '7号文第二部分 人才'."""
        told = any(self._numbering[slug].is_known for slug in references.documents)
        return not (clause.item or told or _of_annex(clause))

    def _counted(self, references: References) -> Iterator[Clause]:
        """The clauses, with the number of what was called the last one; one too high where the copy lacks the end."""
        for clause in references.clauses:
            if LAST not in (clause.item, clause.ordinal):
                yield clause
                continue
            for slug in self._slugs(clause, references):
                yield self._last(clause, self._documents[slug])

    def _last(self, clause: Clause, document: Document) -> Clause:
        held = [m for m in self.measures if m.document == document.slug]
        numbering = self._numbering[document.slug]
        end = max([*document.items, *(m.item for m in held), numbering.last_article], default=0)
        if clause.item == LAST and document.missing:
            return Clause(end + 1, None, (document.slug,))
        if clause.item != LAST and numbering.is_known:  # the last of which list, sentence or paragraph is not said
            return replace(clause, ordinal=None, documents=(document.slug,))
        item = end if clause.item == LAST else clause.item
        ordinal = clause.ordinal
        if ordinal == LAST:
            is_cut = document.missing is not None and item == end
            ordinal = max((m.ordinal for m in held if m.item == item), default=0) + is_cut
        return Clause(item, ordinal, (document.slug,))

    def _slugs(self, clause: Clause, references: References) -> Sequence[str]:
        return clause.documents or references.documents or references.scope or tuple(self._documents)

    def _named(self, clause: Clause, references: References) -> Iterator[Measure]:
        for slug in self._slugs(clause, references):
            numbering = self._numbering[slug]
            if _of_annex(clause):
                continue
            if numbering.is_known:
                yield from numbering.find(clause)
            elif clause.item:
                held = (m for m in self.measures if (m.document, m.item) == (slug, clause.item))
                yield from (m for m in held if clause.ordinal in (None, m.ordinal))

    def _headings(self, references: References) -> list[str]:
        """'63号文第8条', '24号文第1条'; the document's name once for clauses that follow each other."""
        told: list[str] = []
        before: tuple[Sequence[str], str] = ((), "")
        for clause in references.clauses:
            slugs = clause.documents or references.documents
            called = self._called(clause, slugs)
            names = "、".join(_names(self._documents[s]) for s in slugs) if slugs != before[0] else ""
            told += [names + called] if (slugs, called) != before else []  # '（一）和（三）' are called so together
            before = slugs, called
        return told

    def _called(self, clause: Clause, slugs: Sequence[str]) -> str:
        """A clause in the words of a citation, or in those of the message where it goes by a document's own numbers."""
        known = [self._numbering[slug] for slug in slugs if self._numbering[slug].is_known]
        if any(numbering.shows_whole(clause) for numbering in known):
            return _said(clause) + WHOLE
        return _said(clause) if clause.said and (known or not clause.item) else _clause_name(clause)

    def _narrowed(self, found: list[Measure], rest: str) -> list[Measure]:
        """Only those of a clause that a topic beside it names, if it names some."""
        topic = without_fillers(plain(rest))
        if not without_fillers(topic, listing=True):
            return found
        by_sector = self._by_sector(topic, found)
        if by_sector:
            return list(by_sector.measures)
        headings = {self._heading(m) for m in found}
        if any(topic.replace(" ", "") in fold(heading) for heading in headings):
            return found
        return [m for m in found if _mentions(m, topic, *m.keywords, *m.aliases)] or found

    def _in_documents(self, references: References) -> Request:
        slugs = references.documents
        heading = "、".join(_names(self._documents[s]) for s in slugs)
        overall = tuple(self._overall[key] for s in slugs if (key := (s, plain(references.rest))) in self._overall)
        if overall:
            return Request(overall, heading, "document")
        within = [m for m in self._all if m.document in slugs]
        topic = without_fillers(plain(references.rest))
        if not without_fillers(topic, listing=True):
            return Request(_overview(within) or tuple(within), heading, "document")
        measures = [m for m in within if not m.is_overview]
        by_sector = self._by_sector(topic, measures)
        if by_sector:
            return Request(by_sector.measures, f"{heading}“{by_sector.heading}”", "sector")
        headed = tuple(m for m in measures if without_fillers(plain(fold(self._heading(m)))) == topic)
        found = headed or tuple(m for m in measures if _mentions(m, topic))
        if found:
            return Request(found, f"{heading}“{topic}”", "document")
        return Request(documents=slugs, rest=topic)

    def _heading(self, measure: Measure) -> str:
        return self._documents[measure.document].items.get(measure.item, "")

    def _by_sector(self, text: str, measures: Iterable[Measure]) -> Request | None:
        """The measures of the sectors that a plain text names, if it says nothing else."""
        codes, rest = self._sectors_in(text)
        if not codes or without_fillers(rest, listing=True):
            return None
        found = tuple(m for m in measures if m.sectors[:1] and m.sectors[0] in codes)
        return Request(found, "、".join(self._sector[c].name for c in codes), "sector") if found else None

    def _sectors_in(self, text: str) -> tuple[list[str], str]:
        codes: dict[str, None] = {}

        def take(found: re.Match[str]) -> str:
            codes[self._sectors[found.group()]] = None
            return " "

        rest = self._sector_pattern.sub(take, text)
        return list(codes), rest

    def _lacking(self, slugs: Sequence[str], clause: Clause) -> str:
        """Why a clause is not at hand. The copy's own gap is told before the document's true end."""
        if len(slugs) > SPELLED_OUT and not clause.documents:
            return f"资料库里的{len(slugs)}份文件都没有“{_said(clause) or _clause_name(clause)}”。请写明是哪份文件。"
        return "\n".join(self._lacking_in(self._documents[slug], clause) for slug in slugs)

    def _lacking_in(self, document: Document, clause: Clause) -> str:
        name, numbering = _names(document), self._numbering[document.slug]
        last = max(document.items, default=0)
        if _of_annex(clause):
            return f"{name}的附件没有按编号收录，查不了“{_said(clause)}”。"
        if document.missing and clause.item >= last:
            return document.missing
        if numbering.is_known:
            first, end = numbering.ends
            told = f"{name}里没有收录“{self._called(clause, [document.slug])}”。它的编号从“{first}”到“{end}”。"
            return "\n".join(filter(None, (told, document.missing)))
        if not clause.item:
            return f"{name}是按条收录的，查不了“{_said(clause)}”。请发“{name}第1条”这样的条款，或发“{name}”看整体内容。"
        if clause.item > last:
            return f"{name}的任务措施到第{last}条为止，没有{_clause_name(Clause(clause.item))}。"
        return f"{name}里没有{_clause_name(clause)}。"


def _overview(entries: Iterable[Measure]) -> tuple[Measure, ...]:
    """What a document says as a whole, if somebody has written that down: a term that an import found is not all."""
    found = tuple(m for m in entries if m.is_overview)
    return found if any(m.asked_as for m in found) else ()


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Finds names, longer ones first; Latin ones only as whole words. Nothing where there are none."""
    longest_first = sorted(names, key=lambda name: -len(name))
    parts = (rf"(?<![a-z]){re.escape(n)}(?![a-z])" if n.isascii() else re.escape(n) for n in longest_first)
    return re.compile("|".join(parts) or r"(?!)")


def _sector_names(sectors: Iterable[Sector]) -> dict[str, str]:
    """Plain name -> code of all sectors; Chinese names in pinyin too."""
    names: dict[str, str] = {}
    for sector in sectors:
        for name in (sector.name, *sector.aliases, sector.code):
            key = plain(fold(name))
            names.setdefault(key, sector.code)
            if not key.isascii():
                syllables = [pinyin.readings(c)[0] if pinyin.readings(c) else c for c in key]
                names.setdefault("".join(syllables), sector.code)
                names.setdefault(" ".join(syllables), sector.code)
    return names


def _phrases(measure: Measure) -> set[str]:
    """What people ask a measure with, and its keywords, word for word; plain."""
    return {plain(fold(text)) for text in (*measure.asked_as, *measure.keywords)}


def _names(document: Document) -> str:
    return document.short_names[0] if document.short_names else document.number or document.title


def _of_annex(clause: Clause) -> bool:
    return any(level.kind is Kind.ANNEX for level in clause.levels)


def _said(clause: Clause) -> str:
    """The words of the message, its brackets as they are printed."""
    return "".join(clause.said.split()).replace("(", "（").replace(")", "）")


def _clause_name(clause: Clause) -> str:
    return f"第{clause.item}条" + (f"第{clause.ordinal}项" if clause.ordinal else "")


def _mentions(measure: Measure, topic: str, *more: str) -> bool:
    """Whether every word of a plain topic stands in the measure's own wording, or in `more`."""
    wording = plain(fold(" ".join((measure.title, measure.summary, measure.text or "", *more))))
    return all(word in wording for word in topic.split())


@functools.cache
def _fillers(listing: bool) -> re.Pattern[str]:
    words = yaml.safe_load(resources.files("knowledge").joinpath("data/fillers.yaml").read_text("utf-8"))
    chosen = sorted((str(w) for w in words["asking"] + (words["listing"] if listing else [])), key=len, reverse=True)
    latin = "|".join([*(re.escape(w) for w in chosen if w.isascii()), *map(_spelled, filter(_is_long, chosen))])
    chinese = "|".join(re.escape(w) for w in chosen if not w.isascii())
    counted = rf"[那这哪有]?(?:多少|[几两一二三四五六七八九十]+)(?:{'|'.join(words['counted'])})"
    return re.compile(rf"\b(?:{latin})\b|{counted}|{chinese}")


def _is_long(word: str) -> bool:
    return len(word) > 1 and not word.isascii()


def _spelled(word: str) -> str:
    """A pattern for the pinyin of a Chinese word, its syllables apart or together."""
    return r"\s*".join(pinyin.readings(char)[0] for char in word)


def without_fillers(text: str, *, listing: bool = False) -> str:
    """A plain text without the words around its subject; with `listing` also without those that ask for a list."""
    return " ".join(_fillers(listing).sub(" ", text).split())
