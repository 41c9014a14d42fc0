"""The numbers that parts of an official document start with: 第一章, 第三条, 一、, （二）, 3., 3.1, (4), ⑤."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum

from knowledge.references import number


class Style(IntEnum):
    """Kinds of numbers, from the outermost to the innermost, in the order that official documents nest them."""

    CHAPTER = 0  # 第一章, 第一编, 第一篇, 第一部分
    SECTION = 1  # 第一节
    ARTICLE = 2  # 第一条
    CHINESE = 3  # 一、
    BRACKETED = 4  # （一）
    ARABIC = 5  # 1. 1． 1、
    DECIMAL = 6  # 1.1
    DECIMAL_OF_THREE = 7  # 1.1.1
    BRACKETED_ARABIC = 8  # （1） 1）
    CIRCLED = 9  # ①


INNERMOST_ITEM = Style.DECIMAL_OF_THREE  # what is numbered further inside is a list in a sentence


@dataclass(frozen=True, slots=True)
class Marker:
    style: Style
    number: int
    printed: str  # as it stands in the text: '（二）'
    above: tuple[int, ...] = ()  # what stands before the last point of a decimal: (1, 2) of '1.2.3'


_CN = "[一二三四五六七八九十百零〇两]"
# What follows a decimal fraction rather than a number of a part: '1.2亿元', '3.5%', but not '1.2元宇宙'.
_MEASURED = r"(?:[万亿倍吨%％‰℃]|元(?!宇宙)|米(?![粉面业])|[千平立][米瓦方]|公[里斤顷]|个(?:百分|月|小时|工作日))"
_PATTERN = re.compile(
    rf"第(?P<CHAPTER>{_CN}{{1,5}}|\d{{1,3}})(?:[编篇章](?![程节])|部分(?:[:：]|(?=\s|$|[（(]|(?:\d{{1,3}}|{_CN}{{1,3}})[.．、])))"
    rf"|第(?P<SECTION>{_CN}{{1,5}}|\d{{1,3}})节"
    # '第三条规定的' inside a sentence is a reference, not an article
    rf"|第(?P<ARTICLE>{_CN}{{1,6}}|\d{{1,3}})条(?:之{_CN})?(?=[\s（(【]|(?![、，,至和或及与的所之规第款项中])|$)"
    # '一、二线城市' is no number of a part
    rf"|(?P<CHINESE>{_CN}{{1,3}})[、．.](?!{_CN}{{1,2}}[、线类级层期产])"
    rf"|[（(](?P<BRACKETED>{_CN}{{1,3}})[)）][、．.]?"
    rf"|(?P<DECIMAL>\d{{1,2}}(?:[.．]\d{{1,2}}){{1,2}})(?!\d)[.．、]?(?=\s|[\u4e00-\u9fff“《〈（(【])(?!\s?{_MEASURED})"
    # a digit after the point makes it a decimal fraction, unless it is 5G or 3D
    r"|(?P<ARABIC>\d{1,3})\s?[.．、](?:(?!\s?\d)|(?=\s?[2-6][GD](?![A-Za-z])))"
    r"|(?:[（(](?P<BRACKETED_ARABIC>\d{1,3})[)）][、．.]?|(?P<HALF_BRACKETED>\d{1,2})[)）])"
    r"|(?P<CIRCLED>[\u2460-\u2473])"
)
_BARE = re.compile(r"(\d{1,2})\s+(?=[\u4e00-\u9fff])")  # '1 总则': a number only in what the format marks as a heading
_OF_STYLE = {**Style.__members__, "HALF_BRACKETED": Style.BRACKETED_ARABIC}
# Characters that hold a whole number of a part: ⑴ is (1), ⒈ is 1., ㈠ is (一).
_LIGATURES = re.compile(r"[\u2474-\u249b\u3220-\u3229]")


def read(text: str, *, heading: bool = False) -> tuple[Marker, str] | None:
    """The number that a line starts with and what follows it, or None.

    :param heading: whether the format marks the line as one.
    """
    if heading and (bare := _BARE.match(text)):
        return Marker(Style.ARABIC, int(bare[1]), bare.group()), text[bare.end() :]
    if _LIGATURES.match(text):
        text = unicodedata.normalize("NFKC", text[0]) + text[1:]
    found = _PATTERN.match(text)
    if not found or found.lastgroup is None:
        return None
    digits = found[found.lastgroup]
    if found.lastgroup == "DECIMAL":
        return _decimal(digits, found.group()), text[found.end() :].lstrip()
    style = _OF_STYLE[found.lastgroup]
    value = ord(digits) - 0x245F if style is Style.CIRCLED else number(digits.replace("〇", "零"))
    return Marker(style, value, found.group()), text[found.end() :].lstrip()


def _decimal(digits: str, printed: str) -> Marker:
    *above, last = map(int, digits.replace("．", ".").split("."))
    return Marker(Style.DECIMAL if len(above) == 1 else Style.DECIMAL_OF_THREE, last, printed, tuple(above))


class Sequence:
    """The numbers seen so far, to tell a new part from a line that happens to start like one."""

    def __init__(self) -> None:
        self._last: dict[Style, Marker] = {}

    def follows(self, marker: Marker) -> bool:
        """Whether the number begins a count or goes on with one."""
        last = self._last.get(marker.style)
        if marker.number == 1:
            return last is None or marker.above >= last.above
        return last is not None and marker.above == last.above and marker.number == last.number + 1

    def add(self, marker: Marker) -> None:
        self._last[marker.style] = marker
