"""An official document cut into its measures: numbered items, and in each item one measure a sentence.

Pure: lines in, values out. docs/segmentation.md says which rules this follows and where they end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from knowledge import sentences
from knowledge.deadlines import Deadline, deadlines
from knowledge.markers import Marker
from knowledge.metadata import Metadata, metadata
from knowledge.model import Sector
from knowledge.numbering import of_row, printed
from knowledge.outline import Part, outline
from knowledge.paragraphs import Paragraph, paragraphs
from knowledge.readers import Line, Text, Unit
from knowledge.sectors import sector_of
from knowledge.task_table import Task, tasks


@dataclass(frozen=True, slots=True)
class Clause:
    """One measure as the document states it."""

    item: int  # 第N条
    ordinal: int  # 第M项, from 1
    heading: str  # of the item
    label: str | None  # what a label in the item says of the sentences behind it: '科技服务' of '科技服务领域：'
    sector: str | None  # code; None where neither label nor heading names one
    text: str  # official wording, white space and bold marks removed
    line: int  # where it starts, in the unit of the file
    number: str | None = None  # its own number as knowledge.model.Measure has it
    responsible: str = ""  # who is to do it, as printed: '市商务委、市财政局'
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class Framing:
    """A sentence of the document that is no measure: of its aims, its organisation, its issuing note."""

    text: str
    line: int  # where it starts, in the unit of the file
    number: str | None = None  # of the part that it stands in, as printed


@dataclass(frozen=True, slots=True)
class Segmented:
    """A document as far as it can be told by its form."""

    file: str
    unit: Unit
    metadata: Metadata
    items: Mapping[int, str]  # number -> heading
    clauses: tuple[Clause, ...]
    left_out: tuple[Line, ...] = ()  # page numbers, contents, advertisements
    framing: tuple[Framing, ...] = ()  # what became no measure
    cut_off: bool = False  # whether the last clause stops inside a sentence


_LABEL = re.compile(r"(?P<label>[^，。；、：:（）()]{2,14}?)(?:领域|方面)[:：]")
# A sentence that says nothing without the one before it: it refers to that, or is a mere exception to it.
_LEANS_BACK = re.compile(
    r"\s*(?:其(?![他它余])|该|上述|前述|但(?!凡)|(?:拒不|逾期|仍|确[有需因]|情节)[^，。；：]{1,12}的，)"
)
# 'X是Y。' tells what the next sentence is about; it is nothing that anybody does.
_INTRODUCES = re.compile(r"\s*[^，。；：]{2,20}(?<![特但凡还要于都只就别])是(?!否)[^，。；：]{2,30}。\s*")
_OFFICES = r"(?:责任|牵头|主办|配合|协办|承办|落实)(?:单位|部门)"
_RESPONSIBLE = re.compile(
    rf"[（(【\[](?P<named>{_OFFICES}[:：][^（()）【】\[\]]{{2,200}})[)）】\]][。.]?"
    r"|[（(](?P<plain>[^（()）。；：:]{2,120}(?:负责|牵头|配合))[)）][。.]?$"
    rf"|(?<=。)\s*(?P<bare>{_OFFICES}[:：][^。]{{2,200}})(?:。|$)"  # a sentence of its own behind what they are to do
)
_RESPONSIBLE_LINE = re.compile(rf"{_OFFICES}[:：]")


def segment(text: Text, sectors: Iterable[Sector]) -> Segmented:
    """The measures of a document in their order; none where it has neither numbers nor a table of tasks."""
    known = tuple(sectors)
    body, left_out = paragraphs(text)
    about = metadata(body)
    parts = outline(body)
    items = [part for part in parts if not part.framing]
    clauses = tuple(_of_items(items, known, about) if items else _of_tables(parts, known, about))
    headings = {clause.item: clause.heading for clause in clauses}
    cut_off = bool(items and clauses) and not sentences.is_ended(clauses[-1].text) and not clauses[-1].responsible
    framing = tuple(_framing(parts, {clause.line for clause in clauses}))
    return Segmented(text.file, text.unit, about, headings, clauses, tuple(left_out), framing, cut_off)


def _of_items(items: Sequence[Part], sectors: Sequence[Sector], about: Metadata) -> Iterator[Clause]:
    for number, part in zip(_numbers(items), items, strict=True):
        for ordinal, piece in enumerate(_pieces(part), start=1):
            yield Clause(
                number,
                ordinal,
                part.heading or part.section,
                piece.label,
                sector_of(piece.label, part.heading, sectors, part.section),
                piece.text,
                piece.line,
                printed(part.numbers, piece.entries),
                piece.responsible,
                deadlines(f"{piece.text} {piece.due}", about.issued),
            )


def _of_tables(parts: Sequence[Part], sectors: Sequence[Sector], about: Metadata) -> Iterator[Clause]:
    """Of a document that is one table of tasks, each row is an item."""
    rows = [task for part in parts for task in tasks(part.body)]
    for number, task in enumerate(rows, start=1):
        due = deadlines(f"{task.text} {task.due}", about.issued)
        sector = sector_of(task.group or None, task.text, sectors)
        yield Clause(
            number,
            1,
            task.group,
            None,
            sector,
            task.text,
            task.line,
            printed(of_row(task.number)),
            task.responsible,
            due,
        )


def _framing(parts: Sequence[Part], taken: Collection[int]) -> Iterator[Framing]:
    """What is said in the parts that frame the measures, and headings with nothing below; names, dates, titles are not.

    :param taken: lines of the rows that are measures.
    """
    begun = False  # what stands below a heading before the first number are addressees and names
    for part, after in zip(parts, [*parts, None][1:], strict=True):
        begun = begun or part.marker is not None
        if part.marker and part.heading and not part.body and (after is None or after.section != part.heading):
            yield Framing(part.heading, part.line, printed(part.numbers))
        for paragraph in part.body if part.framing else ():
            if not (paragraph.cells and paragraph.line in taken):
                for said in _said(paragraph, whatever=begun and part.heading != ""):
                    yield replace(said, number=printed(part.numbers))


def _said(paragraph: Paragraph, *, whatever: bool) -> Iterator[Framing]:
    """The sentences, the list entry or the row. :param whatever: whether also what has no such form is told."""
    if paragraph.cells:
        yield Framing(" ".join(filter(None, paragraph.cells)), paragraph.line)
    elif whatever or paragraph.marker or sentences.has_sentence(paragraph.text):
        for start, end in sentences.cut(paragraph.text):
            yield Framing(paragraph.text[start:end], paragraph.line_at(start))


def _numbers(items: Sequence[Part]) -> list[int]:
    """The printed numbers where they tell the items apart, else their places."""
    printed: list[int] = []
    for part in items:  # an item without a number goes on with the count
        printed.append(part.marker.number if part.marker else [0, *printed][-1] + 1)
    if all(before < after for before, after in zip([0, *printed], printed, strict=False)):
        return printed
    return list(range(1, len(items) + 1))


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    line: int
    label: str | None
    entries: tuple[Marker, ...] = ()  # the numbers of the entries of a list that it is or holds
    responsible: str = ""
    due: str = ""  # what a table says of the deadline


def _pieces(part: Part) -> Iterator[_Piece]:
    """The sentences of an item. A label holds until the next one, an office for all sentences before it."""
    label: str | None = None
    waiting: list[_Piece] = []
    rows = {task.line: task for task in tasks(part.body)}
    for paragraph, entries in _joined(part.body):
        if paragraph.cells:
            found = [_row(rows[paragraph.line], label)] if paragraph.line in rows else []
        else:
            found = list(_sentences(paragraph, label, entries))
        label = found[-1].label if found else label
        named = _offices(paragraph)
        waiting += [piece for piece in found if sentences.has_words(piece.text)]
        if named:
            waiting = [_given(piece, named) for piece in waiting]
        if named or paragraph.marker:
            yield from waiting
            waiting = []
    yield from waiting


def _row(task: Task, label: str | None) -> _Piece:
    return _Piece(task.text, task.line, task.group or label, of_row(task.number), task.responsible, task.due)


def _given(piece: _Piece, responsible: str) -> _Piece:
    if piece.responsible:
        return piece
    return replace(piece, responsible=responsible)


def _sentences(paragraph: Paragraph, label: str | None, entries: Sequence[Marker]) -> Iterator[_Piece]:
    """:param entries: the numbers of the list that the paragraph announces and is one sentence with."""
    if _RESPONSIBLE_LINE.match(paragraph.text):
        return
    text = _RESPONSIBLE.sub(_blank, paragraph.text)
    own = (*((paragraph.marker,) if paragraph.marker else ()), *entries)
    for start, end in [(0, len(text))] if entries else _self_contained(text):
        sentence = text[start:end]
        found = _LABEL.match(sentence)
        if found:
            label = found["label"]
        begin = start + (found.end() if found else 0)
        stripped = sentences.tight(text[begin:end].strip())
        if stripped or found:
            yield _Piece(stripped, paragraph.line_at(begin), label, own)


def _self_contained(text: str) -> list[tuple[int, int]]:
    """The sentences, as (start, end), together with those that say nothing on their own."""
    found: list[tuple[int, int]] = []
    for start, end in sentences.cut(text):
        leans = found and _LEANS_BACK.match(text, start)
        introduced = found and _INTRODUCES.fullmatch(text, *found[-1]) and not _LABEL.match(text, start)
        if leans or introduced:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _blank(found: re.Match[str]) -> str:
    """Spaces in place of an office, so that offsets stay; the full stop behind it stays where it ends the sentence."""
    stop = (
        found.group()[-1:]
        if found.group()[-1:] in "。." and not sentences.is_ended(found.string[: found.start()])
        else ""
    )
    return stop + " " * (len(found.group()) - len(stop))


def _offices(paragraph: Paragraph) -> str:
    """Who a paragraph makes responsible, '' for nobody."""
    if _RESPONSIBLE_LINE.match(paragraph.text):
        return paragraph.text.rstrip("。.")
    found = [match["named"] or match["plain"] or match["bare"] for match in _RESPONSIBLE.finditer(paragraph.text)]
    return "；".join(dict.fromkeys(found))


def _joined(body: Sequence[Paragraph]) -> Iterator[tuple[Paragraph, Sequence[Marker]]]:
    """The paragraphs; a list of single sentences is joined to the sentence whose colon announces it: its numbers."""
    place = 0
    while place < len(body):
        entries = _entries(body, place)
        yield _with_entries(body[place], entries), [entry.marker for entry in entries if entry.marker]
        place += 1 + len(entries)


def _entries(body: Sequence[Paragraph], place: int) -> list[Paragraph]:
    """The numbered single sentences that the paragraph announces."""
    if body[place].cells or not body[place].text.endswith(("：", ":")):
        return []
    entries = list(takewhile(lambda paragraph: paragraph.marker is not None, body[place + 1 :]))
    single = all(len(sentences.cut(entry.text)) == 1 for entry in entries)
    return entries if single else []


def _with_entries(lead: Paragraph, entries: Iterable[Paragraph]) -> Paragraph:
    text, starts = lead.text, list(lead.starts)
    for entry in entries:
        starts.append((len(text), entry.line))
        text += entry.printed
    return replace(lead, text=text, starts=tuple(starts))
