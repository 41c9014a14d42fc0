"""References in a message: a document ('63号文'), clauses of it ('第8条', '6.4'), and what is left to look up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge.model import Document
from knowledge.naming import Titles, place_of
from knowledge.normalise import fold

_DIGITS = "零一二三四五六七八九"
_SPOKEN = "yi er san si wu liu qi ba jiu shi".split()
_NUMBER = r"(?:\d{1,4}|[零一二三四五六七八九十百两]{1,5})"
_CHINESE = "[一二三四五六七八九十]{1,3}"
_SMALL = rf"(?:\d{{1,2}}|{_CHINESE})"
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
    rf"第\s*(?P<first>{_NUMBER})\s*{_ITEM}?(?:{_TO}第?\s*(?P<last>{_NUMBER}))?(?P<more>(?:{_AND}第?\s*{_NUMBER})*)\s*(?P<kind>{_ITEM})"
    rf"(?:\s*[的之里中]*\s*(?:第\s*(?P<ordinal>{_NUMBER})\s*(?P<unit>{_PART})|(?P<bare>{_NUMBER})\s*[项款]|[(〔]\s*(?P<bracketed>{_SMALL})\s*[)〕]|(?P<final>{_FINAL}{_PART})))?"
)
# 'article 9', 'art. 5 item 6', 'clause 5(6)'
_ENGLISH = re.compile(
    r"\b(?:articles?|art\.?|clauses?|section)\s*(?P<first>\d{1,3})(?!\d)"
    r"(?:\s*[,.(]?\s*(?:items?|points?|paragraphs?|para\.?|no\.?|sub)?\s*(?P<ordinal>\d{1,3})\b\)?)?"
)
_MEASURED = r"(?![\d.]|\s*(?:[%万亿元年倍个米吨版折]|公[里斤顷]))"  # no unit behind a number of a part
_ENDED = r"(?=$|[\s的里中之,。;:?!、讲说是写规内怎有关和与跟])"  # no noun that is counted
# Right after a document's name: '8条', '6.4', '8-4', '10点1', '2.1到2.3'; the last form also alone
_COUNTED = re.compile(
    rf"^[\s的里中之,:]*(?P<item>{_SMALL})(?:{_TO}(?P<until>{_SMALL}))?(?P<more>(?:{_AND}{_SMALL})*)\s*[两几]?\s*条"
    rf"(?:\s*第?\s*(?P<ordinal>{_SMALL})\s*{_PART}|{_ENDED})"  # '四条原则' are counted
)
# '最后一条', '最后一条最后一项', '最后一条第2项'
_LAST_CLAUSE = re.compile(
    rf"{_FINAL}条(?:\s*的?\s*(?:第\s*(?P<ordinal>{_NUMBER})\s*{_PART}|(?P<final>{_FINAL}{_PART})))?"
)
_DOTTED = re.compile(
    rf"(?<![\d.])(?P<item>{_SMALL})\s*[.·．]\s*(?P<ordinal>\d{{1,3}})"
    rf"(?:{_TO}(?:(?P=item)\s*[.·．]\s*)?(?P<last>\d{{1,3}}))?{_MEASURED}"
)
_DASHED = re.compile(rf"(?<![\d.])(?P<item>\d{{1,2}})\s*[-—–点點]\s*(?P<ordinal>\d{{1,3}})(?!条){_MEASURED}")
# '二点一', but not '一点五亿' or '有一点'
_SPOKEN_POINT = re.compile(rf"^[\s的里中之,:]*(?P<item>{_CHINESE})点(?P<ordinal>{_CHINESE})\s*[条项款]?{_ENDED}")
_ALONE = re.compile(rf"\s*(?P<item>{_SMALL})\s*")
_BARE = re.compile(r"\s*(\d{2,4})\s*")
_POINTED = rf"\d{{1,2}}(?:\s*[.·．]\s*\d{{1,2}}){{1,2}}{_MEASURED}"
_FREE = rf"(?<![第\d.{_DIGITS}十、])"
# One number of a reference that goes by a document's own numbers: '第二部分', '第(三)项', '二、', '2.1', the 4 of '(三)4'
_LEVEL = re.compile(
    rf"第\s*(?P<part>{_NUMBER})\s*大?部分|第\s*(?P<chapter>{_NUMBER})\s*[章篇编](?![程节])"
    rf"|第\s*(?P<section>{_NUMBER})\s*节(?![点目能约])|第\s*(?P<article>{_NUMBER})\s*大?条款?"
    rf"|第\s*(?P<paragraph>{_NUMBER})\s*款(?![式型产])|第\s*(?P<entry>{_NUMBER})\s*[大小]?(?:项(?!目)|[点點])"
    rf"|第?\s*[(〔]\s*(?P<bracketed>{_SMALL})\s*[)〕]\s*[项款点點条]?"
    rf"|第?\s*(?P<decimal>{_POINTED})(?:\s*[条项款点點])?"
    rf"|{_FREE}(?P<named>{_SMALL})\s*(?:、(?=\s*(?:[(〔第]|\d+\.\d))|(?<=[一二三四五六七八九十])、(?=\s*\d)|[.之的-]?\s*(?=[(〔]\s*{_SMALL}\s*[)〕]))"
    rf"|(?:(?<=[)〕])|(?<=[一二三四五六七八九十]、))\s*(?P<behind>\d{{1,2}})(?:[.、]|(?=\s*(?:[,。;?!的里中讲说是条项款点點]|$)))"
)
_ONE = re.sub(r"\?P<\w+>", "?:", _LEVEL.pattern)
_OWN = re.compile(rf"(?:{_ONE})(?:(?:\s*[的之里中]*\s*|{_AND}|{_TO})(?:{_ONE}))*")
_ANNEX = re.compile(
    rf"附[件表录]\s*(?:{_SMALL}(?![览并起共同样般律个份张页次])\s*(?:[的之里中]*\s*第\s*{_NUMBER}\s*[条項项款点章节部])?|[的之里中]*\s*第\s*{_NUMBER}\s*[条项款点章节部])"
)
# Pinyin of the above: '63 hao wen di 8 tiao', 'di ba tiao di er xiang'
_PINYIN = (
    re.compile(r"(\d{1,4})\s*hao\s*wen(?:jian)?"),
    re.compile(rf"(?<![a-z])di\s*(\d{{1,3}}|{'|'.join(_SPOKEN)})\s*(tiao|xiang)"),
)


LAST = -1  # in place of a number: the last one there is


class Kind(StrEnum):
    """How a message writes one number of a reference."""

    ARTICLE = "article"  # 第三条, and the first of 3-2
    PART = "part"  # 第三部分, 三、
    CHAPTER = "chapter"  # 第三章
    SECTION = "section"  # 第三节
    PARAGRAPH = "paragraph"  # 第三款
    ENTRY = "entry"  # 第三项
    BRACKETED = "bracketed"  # （三）, 第（三）项
    DECIMAL = "decimal"  # each of 3.2
    ANNEX = "annex"  # 附件3


_CITED = (Kind.ARTICLE, Kind.ENTRY)  # as citations have it
_KINDS = {"named": Kind.PART, "behind": Kind.ENTRY}  # name of a group of `_LEVEL` -> kind, where they differ
_POINTED_PAIR = (Kind.DECIMAL, Kind.DECIMAL)
_READ_ELSEWHERE = ((Kind.ARTICLE,), _CITED, (Kind.ARTICLE, Kind.PARAGRAPH))  # with ranges and lists


@dataclass(frozen=True, slots=True)
class Level:
    """One number of a reference as it is written."""

    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class Clause:
    item: int  # or LAST; 0 where only a document's own numbers can tell it: '第二部分(三)'
    ordinal: int | None = None  # or LAST; None: the whole item
    documents: tuple[str, ...] = ()  # slugs of the documents named just before it; (): not said
    levels: tuple[Level, ...] = ()  # all its numbers, the outermost first; () where it has none: '最后一条'
    said: str = ""  # in the words of the message, where 第…条第…项 would not do


@dataclass(frozen=True, slots=True)
class References:
    documents: tuple[str, ...]  # slugs, in order of mention
    clauses: tuple[Clause, ...]
    unknown: str | None  # a document that is named but not held: '99号文'
    scope: tuple[str, ...]  # slugs of the documents of a place that is named; (): all that are held
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
        text = self._completed(_unspelled(folded))
        mentions = sorted(self._mentions(text), key=lambda mention: mention.start)
        unknown = next((text[m.start : m.end].strip() for m in mentions if not m.slugs), None)
        clauses: list[Clause] = []
        rest: list[str] = []
        current: tuple[str, ...] = ()
        for mention, following in zip([None, *mentions], [*mentions, None], strict=True):
            stretch = text[mention.end if mention else 0 : following.start if following else len(text)]
            short = bool(mention) or (not mentions and _is_reference(stretch))
            found, left = _clauses(stretch, short=short)
            if mention:
                current = mention.slugs if _has_clauses(clauses, current) else (*current, *mention.slugs)
            clauses += [replace(clause, documents=current) for clause in found]
            rest.append(left)
        documents = dict.fromkeys(slug for m in mentions for slug in m.slugs)
        return References(tuple(documents), tuple(clauses), unknown, self._of_place(text), " ".join(rest).strip())

    def _completed(self, text: str) -> str:
        """'63' alone is the document of that number, where it is held; one digit is rather a clause."""
        alone = _BARE.fullmatch(text)
        held = alone and int(alone[1]) in {serial for _, (_, _, serial) in self._issues}
        return f"{alone[1]}号文" if alone and held else text

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

    def without_places(self, text: str, slugs: Iterable[str]) -> str:
        """A text without the names of these documents' places, which say no more than which of them are meant."""
        for place in sorted({self._places[slug] for slug in slugs}, key=len, reverse=True):
            text = re.sub(f"{place}[市省]?", " ", text)
        return text.strip()

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


def _is_reference(text: str) -> bool:
    """Whether a text is nothing but numbers: '6.4', '第二部分第(一)项'; '第六项' alone may be one of a list."""
    whole = _OWN.fullmatch(text.strip()) is not None and len(_LEVEL.findall(text)) > 1
    return whole or not re.search(r"[^\d.\s、,和到至~-]", text)


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
    taker = _Taker(short=short)
    if short:
        text = _LAST_CLAUSE.sub(taker.last, _ANNEX.sub(taker.annex, text))
    text = _OWN.sub(taker.own, text)
    for pattern in (_CLAUSE, _ENGLISH):
        text = pattern.sub(taker.clause, text)
    if short and not taker.clauses:
        text = _COUNTED.sub(taker.counted, text)
        for pattern in (_DOTTED, _DASHED, _SPOKEN_POINT):
            text = pattern.sub(taker.pointed, text)
        if not taker.clauses and (alone := _ALONE.fullmatch(text)) and not alone["item"].startswith("0"):
            text = taker.counted(alone)
    return taker.clauses, text


class _Taker:
    """Collects the clauses that patterns find, and leaves a space in their place."""

    def __init__(self, *, short: bool) -> None:
        self.clauses: list[Clause] = []
        self._short = short

    def annex(self, found: re.Match[str]) -> str:
        self.clauses.append(Clause(0, levels=(Level(Kind.ANNEX, 0),), said=found.group()))
        return " "

    def own(self, found: re.Match[str]) -> str:
        clauses = _by_own_numbers(found.group().strip(), short=self._short)
        self.clauses += clauses
        return " " if clauses else found.group()

    def clause(self, found: re.Match[str]) -> str:
        parts = found.groupdict()
        unit = Kind.BRACKETED if parts.get("bracketed") else _kind_of(parts.get("unit") or "")
        kinds = (Kind.ARTICLE if "条" in (parts.get("kind") or "条") else Kind.ENTRY, unit)
        ordinal = parts.get("ordinal") or parts.get("bare") or parts.get("bracketed")
        whole = _range(found["first"], parts.get("last"), ordinal, kinds)
        if parts.get("final"):
            whole = [replace(clause, ordinal=LAST) for clause in whole]
        if unit is Kind.PARAGRAPH:
            whole = [replace(clause, said=found.group()) for clause in whole]
        self.clauses += whole
        self._more(_NUMBER, parts.get("more"), kinds)
        return " "

    def counted(self, found: re.Match[str]) -> str:
        parts = found.groupdict()
        self.clauses += _range(found["item"], parts.get("until"), parts.get("ordinal"))
        self._more(_SMALL, parts.get("more"))
        return " "

    def pointed(self, found: re.Match[str]) -> str:
        item, first = number(found["item"]), number(found["ordinal"])
        last = number(found.groupdict().get("last") or found["ordinal"])
        for ordinal in range(first, min(last, first + 50) + 1):
            clause = _clause(item, ordinal, _POINTED_PAIR)
            self.clauses.append(replace(clause, said=f"{item}.{ordinal}"))
        return " "

    def last(self, found: re.Match[str]) -> str:
        ordinal = LAST if found["final"] else number(found["ordinal"]) if found["ordinal"] else None
        self.clauses.append(Clause(LAST, ordinal))
        return " "

    def _more(self, pattern: str, listed: str | None, kinds: Sequence[Kind] = _CITED) -> None:
        self.clauses += [_clause(number(more), None, kinds) for more in re.findall(pattern, listed or "")]


def _kind_of(unit: str) -> Kind:
    return Kind.PARAGRAPH if "款" in unit else Kind.ENTRY


def _by_own_numbers(said: str, *, short: bool) -> list[Clause]:
    """References that other patterns do not read whole: '第二部分第(一)项和第(三)项', '第3条第2款第(一)项', '2.1.3'.

    Without an article in them, they count only where the document is named.
    """
    groups = list(_groups(said))
    pointed = said[0].isdecimal() and said[-1].isdecimal()
    kinds = {tuple(level.kind for level in group) for group in groups}
    listed = len(groups) > said.count("条") > 0  # '第3条第1项和第2项'
    elsewhere = kinds <= {_POINTED_PAIR} if pointed else kinds <= {*_READ_ELSEWHERE} and not listed
    if elsewhere or not (short or "条" in said) or not all(groups):  # a number may count only by what is before it
        return []
    return [_clause_of(group, said) for group in groups]


def _groups(said: str) -> Iterator[tuple[Level, ...]]:
    """The numbers of each reference; one behind 和 or 至 keeps those of the one before it that stand around its own."""
    group: tuple[Level, ...] = ()
    end = 0
    for found in _LEVEL.finditer(said):
        levels, joint = tuple(_levels(found)), said[end : found.start()]
        is_range = re.fullmatch(_TO, joint) is not None
        again = levels[0].kind is Kind.PART and levels[0].kind in (level.kind for level in group)
        if is_range or again or re.fullmatch(_AND, joint):
            yield group
            at = next((at for at, level in enumerate(group) if level.kind is levels[0].kind), 0)
            begin = group[at].number + 1 if is_range else levels[0].number
            group = group[:at]
            for between in range(begin, min(levels[0].number, begin + 50)):
                yield (*group, Level(levels[0].kind, between))
        group, end = (*group, *levels), found.end()
    yield group


def _clause_of(levels: tuple[Level, ...], said: str) -> Clause:
    kinds = tuple(level.kind for level in levels)
    at = kinds.index(Kind.ARTICLE) if Kind.ARTICLE in kinds else 0
    pair = kinds == _POINTED_PAIR or (kinds == (Kind.PART, Kind.BRACKETED) and not re.search("[部、]", said))
    if not pair and kinds[at] is not Kind.ARTICLE:
        return Clause(0, levels=levels, said=said)
    ordinal = levels[at + 1].number if len(levels) == at + 2 else None
    return Clause(levels[at].number, ordinal, levels=levels, said=said)


def _levels(found: re.Match[str]) -> Iterator[Level]:
    """The numbers that `_LEVEL` has found at a place; 2(1) is ours like 第2条第1项, 二(一) may be printed so."""
    name = found.lastgroup or ""
    cited = name == "named" and found[name].isdecimal() and not found.group().rstrip().endswith(("、", "."))
    kind = Kind.ARTICLE if cited else _KINDS.get(name) or Kind(name)
    for digits in re.split(r"\s*[.·．]\s*", found[name]):
        yield Level(kind, number(digits))


def _clause(item: int, ordinal: int | None, kinds: Sequence[Kind] = _CITED) -> Clause:
    numbers = (item,) if ordinal is None else (item, ordinal)
    return Clause(item, ordinal, levels=tuple(map(Level, kinds, numbers)))


def _range(first: str, last: str | None, ordinal: str | None, kinds: Sequence[Kind] = _CITED) -> list[Clause]:
    begin = number(first)
    end = number(last) if last else begin
    inner = number(ordinal) if ordinal else None
    return [_clause(item, inner, kinds) for item in range(begin, min(end, begin + 50) + 1)]
