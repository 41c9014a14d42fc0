"""References in a message: a document ('63号文'), clauses of it ('第8条', '6.4'), and what is left to look up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from knowledge.model import Document
from knowledge.naming import Titles, place_of
from knowledge.normalise import fold

_DIGITS = "零一二三四五六七八九"
_SPOKEN = "yi er san si wu liu qi ba jiu shi".split()
_NUMBER = r"(?:\d{1,4}|[零一二三四五六七八九十百两]{1,5})"
_SMALL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
# '商资发2021年第63号', '沪府规〔2020〕24号', '63号文', '商资发63号', '2021-63号'
_ISSUE = re.compile(
    rf"(?P<prefix>[\u4e00-\u9fff]{{2,4}}[发规函办字令公告]|[\u4e00-\u9fff]{{1,3}}府[发规办]?)?\s*"
    rf"[〔\[(【]?\s*(?P<year>(?:19|20)\d\d)?\s*[〕\])】年\-]*\s*第?\s*(?P<serial>{_NUMBER})\s*号(?P<paper>文件|公文|文)?"
)
_TO = r"\s*(?:[-~—–到至]|to)\s*"
_AND = r"\s*[、,和及与]\s*"
_ITEM = r"(?:大?条款?|大?[点點])"
_PART = r"(?:小?[项款点點句条]|个)"
_FINAL = r"最后[一1]?\s*"
# '第8条', '第一条第十六项', '第六到七条', '第1、3条', '第六条(2)'
_CLAUSE = re.compile(
    rf"第\s*(?P<first>{_NUMBER})\s*{_ITEM}?(?:{_TO}第?\s*(?P<last>{_NUMBER}))?(?P<more>(?:{_AND}第?\s*{_NUMBER})*)\s*{_ITEM}"
    rf"(?:\s*[的之里中]*\s*(?:第\s*(?P<ordinal>{_NUMBER})\s*{_PART}|(?P<bare>{_NUMBER})\s*[项款]|[(〔]\s*(?P<bracketed>{_SMALL})\s*[)〕]|(?P<final>{_FINAL}{_PART})))?"
)
# 'article 9', 'art. 5 item 6', 'clause 5(6)'
_ENGLISH = re.compile(
    r"\b(?:articles?|art\.?|clauses?|section)\s*(?P<first>\d{1,3})(?!\d)"
    r"(?:\s*[,.(]?\s*(?:items?|points?|paragraphs?|para\.?|no\.?|sub)?\s*(?P<ordinal>\d{1,3})\b\)?)?"
)
# Right after a document's name: '8条', '6.4', '8-4', '10点1', '四(二)', '2.1到2.3'; the last form also alone
_BRACKETED = re.compile(rf"(?P<item>{_SMALL})\s*[(（〔]\s*(?P<ordinal>{_SMALL})\s*[)）〕]")
_COUNTED = re.compile(
    rf"(?<![第\d{_DIGITS}十])(?P<item>{_SMALL})(?:{_TO}(?P<until>{_SMALL}))?(?P<more>(?:{_AND}{_SMALL})*)\s*[两几]?\s*条"
    rf"(?:\s*第?\s*(?P<ordinal>{_SMALL})\s*{_PART})?"
)
# '最后一条', '最后一条最后一项', '最后一条第2项'
_LAST_CLAUSE = re.compile(
    rf"{_FINAL}条(?:\s*的?\s*(?:第\s*(?P<ordinal>{_NUMBER})\s*{_PART}|(?P<final>{_FINAL}{_PART})))?"
)
_DOTTED = re.compile(
    rf"(?<![\d.])(?P<item>{_SMALL})\s*[.·．]\s*(?P<ordinal>\d{{1,3}})"
    rf"(?:{_TO}(?:(?P=item)\s*[.·．]\s*)?(?P<last>\d{{1,3}}))?(?![\d.]|\s*[%万亿元年倍个])"
)
_DASHED = re.compile(r"(?<![\d.])(?P<item>\d{1,2})\s*[-—–点點]\s*(?P<ordinal>\d{1,3})(?![\d.条]|\s*[%万亿元年倍个])")
_ALONE = re.compile(rf"\s*(?P<item>{_SMALL})\s*")
# Parts above the clauses, by which nothing is looked up: '第二部分(三)', '第三章', '二、(三)'
_SECTION = re.compile(
    rf"第\s*{_NUMBER}\s*(?:大?部分|[章节篇])(?:\s*[(〔]\s*{_SMALL}\s*[)〕])?|{_SMALL}\s*、\s*[(〔]\s*{_SMALL}\s*[)〕]"
)
# Pinyin of the above: '63 hao wen di 8 tiao', 'di ba tiao di er xiang'
_PINYIN = (
    re.compile(r"(\d{1,4})\s*hao\s*wen(?:jian)?"),
    re.compile(rf"(?<![a-z])di\s*(\d{{1,3}}|{'|'.join(_SPOKEN)})\s*(tiao|xiang)"),
)


LAST = -1  # in place of a number: the last one there is


@dataclass(frozen=True, slots=True)
class Clause:
    item: int  # or LAST
    ordinal: int | None = None  # or LAST; None: the whole item
    documents: tuple[str, ...] = ()  # slugs of the documents named just before it; (): not said


@dataclass(frozen=True, slots=True)
class References:
    documents: tuple[str, ...]  # slugs, in order of mention
    clauses: tuple[Clause, ...]
    unknown: str | None  # a document that is named but not held: '99号文'
    scope: tuple[str, ...]  # slugs of the documents of a place that is named; (): all that are held
    section: str | None  # of a document that is named: a part above the clauses
    rest: str  # the folded message without the references

    def __bool__(self) -> bool:
        return bool(self.documents or self.clauses or self.unknown)


def number(text: str) -> int:
    """'十一' -> 11, '63' -> 63, '六三' -> 63, '二十' -> 20. `text` holds digits or Chinese numerals below 1000."""
    if text.isdecimal():
        return int(text)
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS.index(char)) for char in text.replace("两", "二")))
    total = digit = 0
    for char in text.replace("两", "二"):
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS.index(char)
    return total + digit


def _issue_of(text: str) -> tuple[str, int | None, int] | None:
    """(prefix, year, serial) of an official document number."""
    found = _ISSUE.search(fold(text))
    if not found:
        return None
    year = found["year"]
    return found["prefix"] or "", int(year) if year else None, number(found["serial"])


@dataclass(frozen=True, slots=True)
class _Mention:
    """A place in a message that names documents."""

    start: int
    end: int
    slugs: tuple[str, ...]  # () for a document that is not held


class Recogniser:
    """Knows the names and numbers of the documents at hand."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        self._titles = Titles(documents)
        self._places = {document.slug: place_of(document) for document in documents}
        self._issues = [(d.slug, issue) for d in documents if (issue := _issue_of(d.number))]
        names = [(fold(name), d.slug) for d in documents for name in (*d.short_names, d.title, d.number) if fold(name)]
        self._names = [(_whole(name), slug) for name, slug in sorted(names, key=lambda pair: -len(pair[0]))]

    def read(self, folded: str) -> References:
        """All references in a folded message. Short forms ('6.4', '四(二)') count only behind a document's name, or,
        the dotted one, where nothing else is said.
        """
        text = _unspelled(folded)
        mentions = sorted(self._mentions(text), key=lambda mention: mention.start)
        unknown = next((text[m.start : m.end].strip() for m in mentions if not m.slugs), None)
        clauses: list[Clause] = []
        rest: list[str] = []
        section: str | None = None
        current: tuple[str, ...] = ()
        for mention, following in zip([None, *mentions], [*mentions, None], strict=True):
            stretch = text[mention.end if mention else 0 : following.start if following else len(text)]
            short = bool(mention) or (not mentions and not re.search(r"[^\d.\s、,和到至~-]", stretch))
            found, left = _clauses(stretch, short=short)
            if mention:
                current = mention.slugs if _has_clauses(clauses, current) else (*current, *mention.slugs)
            clauses += [Clause(c.item, c.ordinal, current) for c in found]
            if mention and not found and (part := _SECTION.search(left)):
                section = part.group()
                left = _SECTION.sub(" ", left)
            rest.append(left)
        documents = dict.fromkeys(slug for m in mentions for slug in m.slugs)
        return References(
            tuple(documents), tuple(clauses), unknown, self._of_place(text), section, " ".join(rest).strip()
        )

    def _mentions(self, text: str) -> Iterator[_Mention]:
        free = text  # the same length, named parts blanked
        for mention in self._named(text):
            if "\n" not in free[mention.start : mention.end]:
                yield mention
                free = free[: mention.start] + "\n" * (mention.end - mention.start) + free[mention.end :]
        for found in _ISSUE.finditer(free):
            held = tuple(self._held(found))
            told = found["paper"] or found["prefix"] or found["year"]
            # A bare '8号' is a date or a metro line.
            if told or (held and _CLAUSE.match(free[found.end() :].lstrip(" ,的"))):
                yield self._with_place(_Mention(found.start(), found.end(), held), free)

    def _named(self, text: str) -> list[_Mention]:
        """Names and titles said in short, the longest first; of two as long the name that somebody has entered."""
        entered = [_Mention(*found.span(), (slug,)) for name, slug in self._names for found in name.finditer(text)]
        said = [_Mention(called.start, called.end, called.slugs) for called in self._titles.called(text)]
        return sorted((*entered, *said), key=lambda mention: mention.start - mention.end)

    def _with_place(self, mention: _Mention, text: str) -> _Mention:
        """'云州37号文': the place before a number belongs to it."""
        for slug in mention.slugs:
            place = self._places[slug]
            before = text[: mention.start].rstrip(" 市省区县")
            if place and before.endswith(place):
                same = tuple(s for s in mention.slugs if self._places[s] == place)
                return _Mention(len(before) - len(place), mention.end, same)
        return mention

    def _of_place(self, text: str) -> tuple[str, ...]:
        """The documents of the places that a text names, where those at hand are of several places."""
        if len(set(self._places.values())) < 2:
            return ()
        return tuple(slug for slug, place in self._places.items() if place and place in text)

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


def _whole(name: str) -> re.Pattern[str]:
    """Finds a name that is no part of a longer number or word: '63号文' is not in '163号文'."""
    before = rf"(?<![\d{_DIGITS}十百])" if name[:1].isdecimal() or name[:1] in f"{_DIGITS}十" else ""
    return re.compile(before + re.escape(name) + (r"(?![0-9a-z])" if name[-1:].isascii() else ""))


def _has_clauses(clauses: Sequence[Clause], current: tuple[str, ...]) -> bool:
    """Whether the documents named last already have their clauses, so that the next name begins anew."""
    return bool(clauses) and clauses[-1].documents == current


def _unspelled(text: str) -> str:
    """Pinyin of references as characters: '63 hao wen di ba tiao' -> '63号文 第八条'."""
    paper, clause = _PINYIN
    text = paper.sub(r"\1号文", text)

    def spell(found: re.Match[str]) -> str:
        digits = found[1] if found[1].isdecimal() else str(_SPOKEN.index(found[1]) + 1)
        return f"第{digits}{'条' if found[2] == 'tiao' else '项'}"

    return clause.sub(spell, text)


def _clauses(text: str, *, short: bool) -> tuple[list[Clause], str]:
    """The clauses of a stretch of text, and the stretch without them."""
    clauses: list[Clause] = []

    def take(found: re.Match[str]) -> str:
        parts = found.groupdict()
        ordinal = parts.get("ordinal") or parts.get("bare") or parts.get("bracketed")
        whole = _range(found["first"], parts.get("last"), ordinal)
        clauses.extend(Clause(c.item, LAST) if parts.get("final") else c for c in whole)
        clauses.extend(Clause(number(n)) for n in re.findall(_NUMBER, parts.get("more") or ""))
        return " "

    def take_short(found: re.Match[str]) -> str:
        parts = found.groupdict()
        if parts.get("ordinal") is None:
            clauses.extend(_range(parts["item"], parts.get("until"), None))
            clauses.extend(Clause(number(n)) for n in re.findall(_SMALL, parts.get("more") or ""))
        else:
            item = number(parts["item"])
            clauses.extend(Clause(item, c.item) for c in _range(parts["ordinal"], parts.get("last"), None))
        return " "

    def take_last(found: re.Match[str]) -> str:
        clauses.append(Clause(LAST, LAST if found["final"] else number(found["ordinal"]) if found["ordinal"] else None))
        return " "

    for pattern in (_CLAUSE, _ENGLISH):
        text = pattern.sub(take, text)
    if short:
        text = _LAST_CLAUSE.sub(take_last, text)
    if short and not clauses:
        for pattern in (_BRACKETED, _COUNTED, _DOTTED, _DASHED):
            text = pattern.sub(take_short, text)
        if not clauses and (alone := _ALONE.fullmatch(text)) and not alone["item"].startswith("0"):
            text = take_short(alone)
    return clauses, text


def _range(first: str, last: str | None, ordinal: str | None) -> list[Clause]:
    begin = number(first)
    end = number(last) if last else begin
    return [Clause(item, number(ordinal) if ordinal else None) for item in range(begin, min(end, begin + 50) + 1)]
