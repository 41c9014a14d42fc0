"""The parts of a document: which of them are numbered items, what frames them, and what they are headed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from knowledge.markers import INNERMOST_ITEM, Marker, Style
from knowledge.paragraphs import Paragraph
from knowledge.sentences import cut, has_sentence, is_ended

MAX_HEADING = 40  # characters of a heading on a line of its own
MAX_HEADING_SENTENCE = 30  # characters of a heading that runs into the text: '强化统筹协调机制。'
MAX_SIGNATURE = 40  # characters of the line above the date at the end

# Sections that frame the measures instead of holding any.
_FRAME = re.compile(
    r"(?!.*(?:任务|举措|政策))(?:总体(?:要求|思路|目标|考虑|安排)|指导思想|(?:基本|工作)原则|基本思路"
    r"|[^，。；]{0,4}目标|附则|(?:名词|术语)(?:解释|和定义|说明)|(?:编制|工作|发展)?背景|发展(?:现状|基础|环境|形势)|面临形势"
    r"|(?:加强|强化|完善|健全|做好|落实|认真)*(?:组织(?:实施|领导|保障)|实施保障|保障措施|工作保障|保障机制)"
    r"|(?:工作|有关|实施|相关)要求)(?:[和与及、].{1,10})?"
)
# Sentences in which a document speaks of itself: why it was made, what it applies to, its principles, what its words mean, from when on.
_ITSELF = "本(?:条例|办法|规定|规则|细则|章程|法|措施|政策|意见|方案|计划|行动计划|通知)"
_FORMALITY = re.compile(
    rf"(?:为|根据|依据).*制定{_ITSELF}。|.*适用{_ITSELF}(?:的?规定)?。|{_ITSELF}适用于.*"
    rf"|(?:{_ITSELF})?(?:中|里)?(?:所称|下列用语).*(?:是?指|含义).*"
    rf"|{_ITSELF}(?:自|从).*(?:施行|实施|执行|生效|有效期).*|{_ITSELF}由.*解释。|.*(?:同时废止|即行废止)。|.*(?:遵循|坚持|贯彻).*原则。"
)
_NAME = re.compile(r"[^。；;，：:]{2,24}")
_HEADING_SENTENCE = re.compile(rf"[^。；;？！]{{2,{MAX_HEADING_SENTENCE - 1}}}。")
_ARTICLE_HEADING = re.compile(r"[（(【]([^（()）【】]{2,20})[)）】]")
_ANNEX = re.compile(r"附件?\d{0,2}(?:[:：]|$)")
_DATE = re.compile(
    r"[（(]?[\d〇零○一二三四五六七八九]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日[)）]?$"
)
_COLOPHON = re.compile(r"[（(](?:此件|联系).*[)）]$|(?:抄送|联系人|联系电话|信息公开属性)[:：]?")


@dataclass(slots=True)
class Part:
    """A stretch of the document under one number or heading."""

    marker: Marker | None
    heading: str  # its own; '' for none
    section: str  # heading of the part around it; '' for none
    framing: bool  # belongs to what the document says as a whole
    line: int
    body: list[Paragraph] = field(default_factory=list)
    above: tuple[Marker, ...] = ()  # the numbers of the parts around it, the outermost first

    @property
    def numbers(self) -> tuple[Marker, ...]:
        """Those, and its own."""
        return (*self.above, self.marker) if self.marker else self.above


@dataclass(frozen=True, slots=True)
class _Section:
    """A part that the current place may lie in."""

    part: Part
    level: int  # of its heading in the file's format; 0 where that marks none

    def ends_at(self, paragraph: Paragraph) -> bool:
        """Whether a number or heading ends it: by the order of numbers, or by levels where one of them has none."""
        if self.part.marker and paragraph.marker:
            return self.part.marker.style >= paragraph.marker.style
        return paragraph.heading > 0 and not 0 < self.level < paragraph.heading


def outline(paragraphs: Sequence[Paragraph]) -> list[Part]:
    """The parts in their order: title and issuing note, sections, items, signature. Items have `framing=False`."""
    text = _without_stray_numbers(paragraphs)
    for framed in (True, False):  # where everything would be framing, the headings misled
        parts = _Outliner(text, framed=framed).parts()
        if any(not part.framing for part in parts):
            break
    return parts


def item_style(paragraphs: Sequence[Paragraph]) -> Style | None:
    """The kind of number that items carry: the innermost that most parts of the kind above it are made of.

    A list that a colon announces belongs to the sentence that announces it and does not count.
    """
    found = [
        (paragraph.marker.style, bool(before and before.text.endswith(("：", ":"))))
        for before, paragraph in zip([None, *paragraphs], paragraphs, strict=False)
        if paragraph.marker
    ]
    styles = [style for style, _ in found if style <= INNERMOST_ITEM] or [style for style, _ in found]
    if Style.ARTICLE in styles or not styles:
        return Style.ARTICLE if styles else None
    style = min(styles)
    while True:
        children = Counter(
            after
            for (own, _), (after, announced) in pairwise(found)
            if own == style < after <= INNERMOST_ITEM and not announced
        )
        if 2 * children.total() < styles.count(style) or not children:
            return style
        style = children.most_common(1)[0][0]


def _without_stray_numbers(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Numbers in a list of annexes, and 第…条 where the document is not made of articles, number no part."""
    articles = [p.marker.number for p in paragraphs if p.marker and p.marker.style is Style.ARTICLE]
    has_articles = len(articles) > 1 and 1 in articles
    kept = []
    in_annexes = False
    for paragraph in paragraphs:
        marker = paragraph.marker
        listed = marker is not None and marker.style is Style.ARABIC and not is_ended(paragraph.text)
        in_annexes = _is_annex(paragraph) or (in_annexes and listed)
        stray = in_annexes or (marker is not None and marker.style is Style.ARTICLE and not has_articles)
        kept.append(_unnumbered(paragraph) if stray else paragraph)
    return kept


def _unnumbered(paragraph: Paragraph) -> Paragraph:
    if paragraph.marker is None:
        return paragraph
    shift = len(paragraph.marker.printed)
    starts = tuple((at + shift if at else 0, line) for at, line in paragraph.starts)
    return replace(paragraph, text=paragraph.printed, marker=None, starts=starts)


def _is_annex(paragraph: Paragraph) -> bool:
    return paragraph.marker is None and _ANNEX.match(paragraph.text) is not None


def _is_frame(text: str) -> bool:
    name = _NAME.match(text)
    return name is not None and _FRAME.fullmatch(name.group()) is not None


class _Outliner:
    def __init__(self, paragraphs: Sequence[Paragraph], *, framed: bool) -> None:
        """:param framed: whether sections named like 总体要求 or 组织实施 are set apart."""
        self._paragraphs = list(paragraphs)
        styles = [p.marker.style for p in paragraphs if p.marker and p.marker.style <= INNERMOST_ITEM]
        self._outermost = min(styles, default=None)
        self._framed = framed and Style.ARTICLE not in styles
        self._item = item_style([p for p, framing in self._with_framing() if not framing])
        self._headed = self._items_are_headed()

    def parts(self) -> list[Part]:
        self._parts = [Part(None, "", "", framing=True, line=1)]
        self._sections: list[_Section] = []  # the parts around the current place, the outermost first
        for place, (paragraph, framing) in enumerate(self._with_framing()):
            if _is_annex(paragraph):
                self._begin(Part(None, "", "", framing=True, line=paragraph.line, body=[paragraph]))
            elif paragraph.heading and paragraph.marker is None:
                self._begin_loose(paragraph, framing)
            elif self._starts_part(place, paragraph, framing):
                self._begin_numbered(place, paragraph, framing)
            else:
                self._parts[-1].body.append(paragraph)
        self._set_headings_apart()
        self._set_formalities_apart()
        self._set_signature_apart()
        return [part for part in self._parts if part.body or part.heading]

    def _with_framing(self) -> Iterator[tuple[Paragraph, bool]]:
        """Each paragraph, and whether it stands before the first number or in a section that frames the others."""
        framed_by_number, frame = True, 0  # the level of the heading that names a frame
        for paragraph in self._paragraphs:
            if paragraph.marker and (self._outermost is None or paragraph.marker.style == self._outermost):
                framed_by_number = self._framed and _is_frame(paragraph.text)
            if paragraph.heading and not 0 < frame < paragraph.heading:
                names_one = self._framed and not paragraph.marker and _is_frame(_ANNEX.sub("", paragraph.text))
                frame = paragraph.heading if names_one else 0
            yield paragraph, framed_by_number or frame > 0

    def _starts_part(self, place: int, paragraph: Paragraph, framing: bool) -> bool:
        marker = paragraph.marker
        if marker is None or self._item is None:
            return False
        below = self._paragraphs[place + 1 : place + 2]
        if paragraph.heading and below and not (below[0].heading or below[0].marker):
            return True  # whatever its number
        return marker.style <= (INNERMOST_ITEM if framing else self._item)

    def _begin(self, part: Part) -> None:
        self._parts.append(part)

    def _begin_loose(self, paragraph: Paragraph, framing: bool) -> None:
        """A heading without a number: an item where text stands below it. Those before the first number are titles."""
        part = Part(None, paragraph.text, "", framing, paragraph.line)
        if any(part.marker for part in self._parts):
            self._enter(part, paragraph)
        else:
            part.framing = True
        self._begin(part)

    def _enter(self, part: Part, paragraph: Paragraph) -> None:
        """Puts a part into the one around it, whose own text then introduces items and is none itself."""
        ended = next((n for n, section in enumerate(self._sections) if section.ends_at(paragraph)), None)
        if ended is not None:
            del self._sections[ended:]
        if self._sections:
            around = self._sections[-1].part
            part.section = around.heading or around.section
            around.framing = around.framing or not part.framing
            part.above = around.numbers
        self._sections.append(_Section(part, paragraph.heading))

    def _begin_numbered(self, place: int, paragraph: Paragraph, framing: bool) -> None:
        marker = paragraph.marker
        assert marker is not None  # noqa: S101 - _starts_part has seen it
        end = self._heading_end(place, runs_in=framing or marker.style != self._item or self._headed)
        part = Part(marker, _heading(paragraph.text[:end]), "", framing, paragraph.line)
        if paragraph.text[end:] or paragraph.cells:
            part.body.append(paragraph.after(end))
        self._enter(part, paragraph)
        self._begin(part)

    def _items_are_headed(self) -> bool:
        """Whether most items open with a heading that ends like a sentence: '1.强化统筹协调机制。市推进……'."""
        items = [(n, p.text) for n, p in enumerate(self._paragraphs) if p.marker and p.marker.style == self._item]
        headings = [text[: self._heading_end(place, runs_in=True)] for place, text in items]
        return 2 * sum(bool(heading) and "，" not in heading for heading in headings) >= len(items)

    def _heading_end(self, place: int, *, runs_in: bool) -> int:
        """How many characters of the numbered paragraph are its heading, 0 for none.

        :param runs_in: whether a first sentence may be one.
        """
        paragraph = self._paragraphs[place]
        text = paragraph.text
        if paragraph.marker and paragraph.marker.style is Style.ARTICLE:
            bracketed = _ARTICLE_HEADING.match(text)
            return bracketed.end() if bracketed else 0
        sentence = _HEADING_SENTENCE.match(text)
        end = sentence.end() if sentence else 0
        if end == len(text) or not end:
            end = len(text) if self._stands_alone(place) and (runs_in or not sentence) else 0
        return end if runs_in or end == len(text) else 0

    def _stands_alone(self, place: int) -> bool:
        """Whether the paragraph is short, is no full sentence or only one, and has something below it."""
        paragraph = self._paragraphs[place]
        text = paragraph.text
        if len(text) > MAX_HEADING or paragraph.cells or (is_ended(text) and not _HEADING_SENTENCE.fullmatch(text)):
            return False
        if "，" in text and text.endswith(("：", ":")):  # it announces a list and is one sentence with it
            return False
        if paragraph.heading and not is_ended(text):
            return True
        if place + 1 == len(self._paragraphs):
            return False
        below = self._paragraphs[place + 1]
        if below.marker and paragraph.marker:
            return below.marker.style > paragraph.marker.style
        if below.heading:
            return 0 < paragraph.heading < below.heading
        return not (_is_annex(below) or _is_closing(self._paragraphs, place + 1))

    def _set_headings_apart(self) -> None:
        """A heading without text is no item; below one without a number there has to be a sentence or a table."""
        for part in self._parts:
            says = any(has_sentence(paragraph.text) or paragraph.cells for paragraph in part.body)
            part.framing = part.framing or not (says if part.marker is None else part.body)

    def _set_formalities_apart(self) -> None:
        """An item in which the document speaks of nothing but itself frames the others."""
        for part in self._parts:
            said = [paragraph.text[start:end] for paragraph in part.body for start, end in cut(paragraph.text)]
            part.framing = part.framing or all(_FORMALITY.fullmatch(sentence) for sentence in said)

    def _set_signature_apart(self) -> None:
        """Who signed and when, at the end of the last part, belongs to no part."""
        body = self._parts[-1].body
        start = len(body)
        while start and _is_closing(body, start - 1):
            start -= 1
        if start < len(body):
            self._begin(Part(None, "", "", framing=True, line=body[start].line, body=body[start:]))
            del body[start:]


def _is_closing(body: Sequence[Paragraph], place: int) -> bool:
    """Whether a paragraph is a date, a remark for the file, or the name above a date."""
    text = body[place].text
    if _DATE.match(text) or _COLOPHON.match(text):
        return True
    signs = place + 1 < len(body) and _DATE.match(body[place + 1].text) is not None
    return signs and len(text) <= MAX_SIGNATURE and not is_ended(text) and body[place].marker is None


def _heading(text: str) -> str:
    bracketed = _ARTICLE_HEADING.fullmatch(text)
    return bracketed[1] if bracketed else text.rstrip("。：: ")
