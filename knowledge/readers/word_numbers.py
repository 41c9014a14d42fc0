"""The numbers that Word writes before paragraphs by itself (ECMA-376 part 1, section 17.9)."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_DIGITS = "零一二三四五六七八九"
_PLACEHOLDER = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    format: str  # 'decimal', 'chineseCounting', 'bullet' …
    pattern: str  # '（%2）': %n stands for the number of level n, counted from 1
    start: int


def named(element: Element | None, child: str, default: str = "") -> str:
    """The w:val of a child element."""
    found = element.find(f"{W}{child}") if element is not None else None
    return default if found is None else found.get(f"{W}val", default)


def chinese(number: int) -> str:
    """11 -> '十一', 20 -> '二十', 105 -> '一百零五'; digits from 1000 on."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    if not hundreds:
        return ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    rest = f"{_DIGITS[tens]}十{_DIGITS[ones] if ones else ''}" if tens else f"零{_DIGITS[ones]}" if ones else ""
    return f"{_DIGITS[hundreds]}百{rest}"


class Numbering:
    """Counts the numbered paragraphs of one document, which must come in their order."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        """:param numbering: root of word/numbering.xml; `styles`: of word/styles.xml; None where absent."""
        self._levels = _levels(numbering)
        self._styles = (
            {style.get(f"{W}styleId", ""): style.find(f"{W}pPr/{W}numPr") for style in styles.iter(f"{W}style")}
            if styles is not None
            else {}
        )
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)

    def next(self, paragraph: Element) -> str:
        """What stands before this paragraph: '（二）'; empty for one that is not numbered."""
        properties = paragraph.find(f"{W}pPr")
        own = properties.find(f"{W}numPr") if properties is not None else None
        numbered = own if own is not None else self._styles.get(named(properties, "pStyle"))
        list_id, depth = named(numbered, "numId"), _integer(named(numbered, "ilvl"), 0)
        level = self._levels.get((list_id, depth))
        if level is None:
            return ""
        counts = self._counts[list_id]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if level.format in ("bullet", "none"):
            return ""
        return _PLACEHOLDER.sub(lambda found: self._printed(list_id, int(found[1]) - 1), level.pattern)

    def _printed(self, list_id: str, depth: int) -> str:
        level = self._levels.get((list_id, depth))
        number = self._counts[list_id].get(depth, level.start if level else 1)
        counting = level is not None and "ounting" in level.format  # chineseCounting, japaneseCounting …
        return chinese(number) if counting else str(number)


def _levels(numbering: Element | None) -> dict[tuple[str, int], _Level]:
    """(id of a list, depth from 0) -> how its paragraphs are numbered."""
    if numbering is None:
        return {}
    abstract = {element.get(f"{W}abstractNumId", ""): element for element in numbering.iter(f"{W}abstractNum")}
    found = {}
    for number in numbering.iter(f"{W}num"):
        definition = abstract.get(named(number, "abstractNumId"))
        for level in definition.iter(f"{W}lvl") if definition is not None else ():
            depth = _integer(level.get(f"{W}ilvl", ""), 0)
            found[number.get(f"{W}numId", ""), depth] = _Level(
                named(level, "numFmt", "decimal"), named(level, "lvlText"), _integer(named(level, "start"), 1)
            )
    return found


def _integer(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default
