"""References in a message: a document ('63号文'), clauses of it ('第8条', '6.4'), and what is left to look up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.model import Document
from knowledge.normalise import fold

_DIGITS = "零一二三四五六七八九"
_NUMBER = r"(?:\d{1,4}|[零一二三四五六七八九十百两]{1,5})"
# '商资发2021年第63号', '沪府规〔2020〕24号', '63号文', '商资发63号', '2021-63号'
_ISSUE = re.compile(
    rf"(?P<prefix>[\u4e00-\u9fff]{{2,4}}[发规函办字令公告]|[\u4e00-\u9fff]{{1,3}}府[发规办]?)?\s*"
    rf"[〔\[(【]?\s*(?P<year>(?:19|20)\d\d)?\s*[〕\])】年\-]*\s*第?\s*(?P<serial>{_NUMBER})\s*号(?P<paper>文件|公文|文)?"
)
_CLAUSE = re.compile(
    rf"第\s*(?P<first>{_NUMBER})\s*(?:[条點点]\s*)?(?:[-~到至]\s*第?\s*(?P<last>{_NUMBER})\s*)?(?:大?条款?|[点點])"
    rf"(?:\s*的?\s*第\s*(?P<ordinal>{_NUMBER})\s*(?:小?[项款点點句条]))?"
)
_DOTTED = re.compile(r"(?<![\d.])(?P<item>\d{1,2})\s*[.·]\s*(?P<ordinal>\d{1,3})(?![\d.]|\s*[%万亿元年倍个])")


@dataclass(frozen=True, slots=True)
class Clause:
    item: int
    ordinal: int | None = None  # None: the whole item


@dataclass(frozen=True, slots=True)
class References:
    documents: tuple[str, ...]  # slugs, in order of mention
    clauses: tuple[Clause, ...]
    unknown: str | None  # a document that is named but not held: '99号文'
    rest: str  # the folded message without the references

    def __bool__(self) -> bool:
        return bool(self.documents or self.clauses or self.unknown)


def number(text: str) -> int:
    """'十一' -> 11, '63' -> 63, '二十' -> 20. `text` holds digits or Chinese numerals below 1000."""
    if text.isdecimal():
        return int(text)
    total = digit = 0
    for char in text.replace("两", "二"):
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = (
                digit * 10 + _DIGITS.index(char)
                if digit and "十" not in text and "百" not in text
                else _DIGITS.index(char)
            )
    return total + digit


def _issue_of(text: str) -> tuple[str, int | None, int] | None:
    """(prefix, year, serial) of an official document number."""
    found = _ISSUE.search(fold(text))
    if not found:
        return None
    year = found["year"]
    return found["prefix"] or "", int(year) if year else None, number(found["serial"])


class Recogniser:
    """Knows the names and numbers of the documents at hand."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        self._issues = [(d.slug, issue) for d in documents if (issue := _issue_of(d.number))]
        names = [(fold(name), d.slug) for d in documents for name in (*d.short_names, d.title, d.number) if name]
        self._names = sorted(names, key=lambda pair: -len(pair[0]))

    def read(self, folded: str) -> References:
        """All references in a folded message. Dotted numbers count only where a document is named or nothing else is said."""
        documents, unknown, rest = self._documents(folded)
        clauses, rest = _clauses(rest, dotted=bool(documents) or not re.search(r"[^\d.\s、,和到]", rest))
        return References(tuple(dict.fromkeys(documents)), tuple(clauses), unknown, rest.strip())

    def _documents(self, text: str) -> tuple[list[str], str | None, str]:
        slugs: list[str] = []
        unknown = None
        for name, slug in self._names:
            if name in text:
                slugs.append(slug)
                text = text.replace(name, " ")
        for found in list(_ISSUE.finditer(text)):
            if not (found["paper"] or found["prefix"] or found["year"]):
                continue  # a bare '8号' is a date or a metro line
            held = self._held(found)
            if held:
                slugs += held
            else:
                unknown = found.group().strip()
            text = text.replace(found.group(), " ", 1)
        return slugs, unknown, text

    def _held(self, found: re.Match[str]) -> Sequence[str]:
        year = int(found["year"]) if found["year"] else None
        prefix, serial = found["prefix"] or "", number(found["serial"])
        return [
            slug
            for slug, (own_prefix, own_year, own_serial) in self._issues
            if own_serial == serial
            and (year is None or own_year in (None, year))
            and (not prefix or not own_prefix or prefix.endswith(own_prefix) or own_prefix.startswith(prefix))
        ]


def _clauses(text: str, *, dotted: bool) -> tuple[list[Clause], str]:
    clauses: list[Clause] = []

    def take(found: re.Match[str]) -> str:
        first = number(found["first"])
        last = number(found["last"]) if found["last"] else first
        ordinal = number(found["ordinal"]) if found["ordinal"] else None
        clauses.extend(Clause(item, ordinal) for item in range(first, min(last, first + 50) + 1))
        return " "

    text = _CLAUSE.sub(take, text)
    if dotted and not clauses:

        def take_dotted(found: re.Match[str]) -> str:
            clauses.append(Clause(int(found["item"]), int(found["ordinal"])))
            return " "

        text = _DOTTED.sub(take_dotted, text)
    return clauses, text
