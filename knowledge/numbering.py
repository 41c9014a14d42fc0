"""A document's own numbers: as they stand with a measure ('二、（一）'), and what a reference to them finds.

They win over our own count, since they are what people read: 第二部分第（一）项 is what is printed under 二、 as （一）.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge import markers
from knowledge.markers import Marker, Style
from knowledge.model import Measure
from knowledge.references import Clause, Kind, Level

_CHINESE = re.compile("[一二三四五六七八九十]{1,3}")
_DECIMALS = frozenset((Style.DECIMAL, Style.DECIMAL_OF_THREE))
_PLAIN = _DECIMALS | {Style.ARABIC}
_BRACKETED = frozenset((Style.BRACKETED, Style.BRACKETED_ARABIC))
_AROUND = frozenset((Style.CHAPTER, Style.SECTION, Style.ARTICLE))


def printed(path: Iterable[Marker], entries: Iterable[Marker] = ()) -> str | None:
    """The numbers around an item and its own, then those of entries of a list, each behind a space; None for none."""
    kept: list[Marker] = []
    for marker in path:
        if kept and kept[-1].style in _PLAIN and marker.above[-1:] == (kept[-1].number,):
            del kept[-1]  # '2.1' says '2.' too
        kept.append(marker)
    return " ".join(("".join(map(_shown, kept)), *map(_shown, entries))).strip() or None


def of_row(cell: str) -> tuple[Marker, ...]:
    """The number in a cell of a table: '3', '三', '2.1'; () where it is none."""
    cell = cell.strip()
    text = cell + ("." if cell.isdecimal() else "、" if _CHINESE.fullmatch(cell) else " ")
    read = markers.read(text)
    return (read[0],) if read and not read[1].strip() else ()


def _shown(marker: Marker) -> str:
    text = "".join(marker.printed.split())
    return f"{text}." if text.isdecimal() else text


@lru_cache(maxsize=20_000)  # an edit of the knowledge leaves most as they are
def _read(text: str) -> tuple[Marker, ...]:
    """The numbers that a text is made of, as far as it is; '2.1' holds 2, too."""
    found: list[Marker] = []
    while read := markers.read(f"{text.strip()} "):
        marker, text = read
        found += [*_implied(marker, found), marker]
    return tuple(found)


def _listed(text: str) -> tuple[Marker, ...]:
    """The numbers of entries of a list, without what decimals imply."""
    return tuple(marker for entry in text.split() for marker in _read(entry)[-1:])


def _implied(marker: Marker, before: Sequence[Marker]) -> list[Marker]:
    """What a decimal says of the numbers around it, unless the one before it has said so."""
    said = (*before[-1].above, before[-1].number) if before else ()
    if said == marker.above:
        return []
    styles = (Style.ARABIC, Style.DECIMAL)
    return [Marker(styles[n], number, "", marker.above[:n]) for n, number in enumerate(marker.above)]


@dataclass(frozen=True, slots=True)
class _Own:
    """A measure and its numbers."""

    measure: Measure
    path: tuple[Marker, ...]  # of its item, the outermost first
    entries: tuple[Marker, ...]  # of the entries of a list that it is, or that it consists of

    @classmethod
    def of(cls, measure: Measure) -> _Own:
        item, _, entries = (measure.number or "").partition(" ")
        return cls(measure, _read(item), _listed(entries))

    @property
    def paths(self) -> list[tuple[Marker, ...]]:
        """With each of its entries."""
        return [(*self.path, entry) for entry in self.entries] or [self.path]


class Numbering:
    """The own numbers of one document's measures, in their order."""

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._own = [_Own.of(measure) for measure in measures]
        items = [own for own in self._own if own.path and own.measure.item]
        self.is_known = bool(items)
        # Whether our count of the items is theirs, so that 第3条 is but one.
        self._is_ours = all(own.path[-1].number == own.measure.item for own in items)
        # Whether items have the same numbers, so that those of the parts around them are not known.
        self._is_torn = len({own.path for own in items}) < len({own.measure.item for own in items})
        self._styles = {marker.style for own in self._own for path in own.paths for marker in path}
        self._has_articles = Style.ARTICLE in self._styles
        self._is_bracketed = any(own.path[-1].style in _BRACKETED for own in items)
        # Whether 第二条第一项 of ours cannot be taken for what is printed under 二、 as （一）.
        self._is_alike = self._is_ours and not (self._is_bracketed and any(len(own.path) > 1 for own in items))

    @property
    def ends(self) -> tuple[str, str]:
        """The numbers of the first item and of the last."""
        items = [m.number.split()[0] for m in (own.measure for own in self._own) if m.item and m.number]
        return items[0], items[-1]

    @property
    def last_article(self) -> int:
        """The number of the last article, also of one that is no measure; 0 where the document has none."""
        return max((m.number for own in self._own for m in own.path if m.style is Style.ARTICLE), default=0)

    def beside(self, measure: Measure) -> str:
        """The own number of a measure where a citation would mislead without it; '' elsewhere."""
        item, _, entries = (measure.number or "").partition(" ")
        listed = _listed(entries)
        is_told = self._is_alike and not (len(listed) == 1 and listed[0].number != measure.ordinal)
        return "" if is_told else item + (entries if len(listed) == 1 else "")

    def shows_whole(self, clause: Clause) -> bool:
        """Whether a paragraph of an article is named: they are not told apart."""
        return self._has_articles and any(level.kind is Kind.PARAGRAPH for level in clause.levels)

    def find(self, clause: Clause) -> list[Measure]:
        """The measures that a reference names; where it can be read in several ways, those of all."""
        decimals = tuple(level.number for level in clause.levels if level.kind is Kind.DECIMAL)
        if decimals and self._styles & _DECIMALS:
            found = [own for own in self._own if any(_is_decimal(m, decimals) for path in own.paths for m in path)]
        elif not clause.item:
            found = self._matching(clause.levels)
        elif self._has_articles:
            found = self._of_article(clause)
        elif self._is_ours:
            found = self._of_item(clause)
        else:
            found = self._of_any(clause)
        return [own.measure for own in found]

    def _of_article(self, clause: Clause) -> list[_Own]:
        named = (Style.ARTICLE, clause.item)
        held = [own for own in self._own if any((marker.style, marker.number) == named for marker in own.path)]
        held = self._below(_around(clause.levels), held)
        paragraph = max((level.number for level in clause.levels if level.kind is Kind.PARAGRAPH), default=0)
        if paragraph:
            return held if paragraph <= len(held) else []
        return self._inside(held, clause)

    def _of_item(self, clause: Clause) -> list[_Own]:
        """Where our count is the document's: 二（三） may name a part and an item, or an item and a sentence."""
        around = _around(clause.levels)
        if clause.levels and clause.levels[0].kind is Kind.PART and not around:
            found = self._matching(clause.levels)
            is_part = any(own.path and own.path[0].number == clause.item for own in self._own)
            if found or is_part or self._is_bracketed:
                return found
        counted = self._below(around, self._counted(clause))
        if self._is_bracketed and clause.levels and clause.levels[-1].kind is Kind.BRACKETED:  # 第二条第（一）项
            return self._in_order([*self._matching(clause.levels), *counted])
        return counted

    def _of_any(self, clause: Clause) -> list[_Own]:
        """Where our count differs: 第3条 may be a part, an item printed so, or what a citation of ours calls so."""
        levels = clause.levels
        found = self._matching(levels) if levels else []
        kinds = {level.kind for level in levels[:1]}
        if kinds - {Kind.ARTICLE, Kind.DECIMAL} or (Kind.DECIMAL in kinds and self._is_torn):
            return found
        last = [own for own in self._own if len(levels) == 1 and own.path and own.path[-1].number == clause.item]
        return self._in_order([*found, *last, *self._counted(clause)])

    def _in_order(self, named: Sequence[_Own]) -> list[_Own]:
        ids = {own.measure.id for own in named}
        return [own for own in self._own if own.measure.id in ids]

    def _counted(self, clause: Clause) -> list[_Own]:
        return self._inside([own for own in self._own if own.measure.item == clause.item], clause)

    def _below(self, around: Sequence[Level], held: list[_Own]) -> list[_Own]:
        """Those that lie in the part that is named."""
        inside = {own.measure.id for own in self._matching(around)} if around else set()
        return [own for own in held if own.measure.id in inside] if around else held

    def _inside(self, held: list[_Own], clause: Clause) -> list[_Own]:
        """Of an item the entry of a list, or else what citations count so: the whole item where that could mislead."""
        if clause.ordinal is None:
            return held
        entries = [own for own in held if any(entry.number == clause.ordinal for entry in own.entries)]
        counted = [own for own in held if own.measure.ordinal == clause.ordinal]
        bracketed = bool(clause.levels) and clause.levels[-1].kind is Kind.BRACKETED
        if bracketed and (entries or self._has_articles):
            return entries
        if not self._has_articles:  # 第1项 is the entry （1） or, as citations count, the first sentence
            return [own for own in held if own in entries or own in counted]
        if entries or not any(own.entries for own in held):
            return entries or counted
        return held if counted and len(held) > 1 else []

    def _matching(self, levels: Sequence[Level]) -> list[_Own]:
        """Those whose numbers begin with these, or else have them in this order."""
        first = [own for own in self._own if any(self._begins(path, levels) for path in own.paths)]
        return first or [own for own in self._own if any(self._holds(path, levels) for path in own.paths)]

    def _begins(self, path: Sequence[Marker], levels: Sequence[Level]) -> bool:
        pairs = zip(path, levels, strict=False)
        return len(levels) <= len(path) and all(self._fits(path, at, level) for at, (_, level) in enumerate(pairs))

    def _holds(self, path: Sequence[Marker], levels: Sequence[Level]) -> bool:
        places = iter(range(len(path)))
        return all(any(self._fits(path, at, level) for at in places) for level in levels)

    def _fits(self, path: Sequence[Marker], at: int, level: Level) -> bool:
        style = path[at].style
        if path[at].number != level.number:
            return False
        match level.kind:
            case Kind.PART:
                return at == 0 and style is not Style.ARTICLE
            case Kind.CHAPTER:
                return style is Style.CHAPTER or (at == 0 and not self._styles & _AROUND)
            case Kind.SECTION:
                return style is Style.SECTION
            case Kind.BRACKETED:
                return style in _BRACKETED
            case Kind.ENTRY | Kind.PARAGRAPH:
                loose = level.kind is Kind.PARAGRAPH and self._has_articles  # paragraphs are not told apart
                return style not in _AROUND and (at > 0 or len(path) == 1) and not loose
            case _:
                return at == 0 or style not in _AROUND


def _around(levels: Sequence[Level]) -> Sequence[Level]:
    """The parts that are named before 第…条."""
    return next((levels[:at] for at, level in enumerate(levels) if level.kind is Kind.ARTICLE), ())


def _is_decimal(marker: Marker, numbers: tuple[int, ...]) -> bool:
    return marker.style in _DECIMALS and (*marker.above, marker.number) == numbers
