"""What people call a document whose short names nobody has entered: words of its title in their order, or its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.model import Document
from knowledge.normalise import fold

# The last word of a title: what kind of document it is.
_KIND = re.compile("方案|计划|规划|条例|办法|措施|意见|规定|细则|决定|政策|通知|指南|纲要")
# Words of many titles, which alone name none.
_COMMON = re.compile(
    "关于|印发|总体|综合|实施|试点|若干|行动|工作|改革|发展|建设|推进|促进|加快|支持|全面|深化|的|[年三五十]"
)
LEAST = 2  # characters that tell a title from others, beside those words and the kind
_NO_PLACE = "示范|试验|自贸|自由|开发|先行|保税|高新|合作|服务|产业|国家|城"  # 示范区 is the name of none
_PLACE = re.compile(
    rf"(?!{_NO_PLACE})([\u4e00-\u9fff]{{2,3}}?)"
    r"(?:特别行政区|自治[区州县]|新区|新城|新?片区|自贸(?:试验)?片?区|(?:经济(?:技术)?|高新(?:技术产业)?)?开发区|高新区|[省市区县州])"
)


@dataclass(frozen=True, slots=True)
class Called:
    """A stretch of a text that may be what documents are called."""

    start: int
    end: int
    slugs: tuple[str, ...]


class Titles:
    """Finds titles that are said in short: '临江方案' for '临江市服务业扩大开放总体方案'."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._titles = [(fold(document.title).rstrip("》〉)"), document.slug) for document in documents]

    def called(self, text: str) -> Iterator[Called]:
        """Of each word for a kind of document in a folded text the longest stretch that ends there."""
        for kind in _KIND.finditer(text):
            starts = {slug: _start(text[: kind.end()], title) for title, slug in self._titles if kind.group() in title}
            first = min(starts.values(), default=kind.end())
            said = text[first : kind.start()]
            if len(_COMMON.sub("", said)) >= LEAST:
                yield Called(first, kind.end(), tuple(slug for slug, start in starts.items() if start == first))


def _start(text: str, title: str) -> int:
    """Where the longest end of a text begins whose characters stand in a title in the same order."""
    at, start = len(title), len(text)
    while start and (found := title.rfind(text[start - 1], 0, at)) >= 0:
        at, start = found, start - 1
    return start


def place_of(document: Document) -> str:
    """The name of the place that a document is about or from, without 市 and the like; '' where it names none."""
    found = _PLACE.match(fold(document.title).lstrip("《〈")) or _PLACE.match(fold(document.issuer))
    return found[1] if found else ""
