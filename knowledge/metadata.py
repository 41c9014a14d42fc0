"""What the head of a document says of itself: title, number, issuer and date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from knowledge.paragraphs import HEAD, Paragraph
from knowledge.references import number as numeral
from knowledge.sentences import is_ended

MAX_TITLE = 80  # characters
MAX_ISSUER = 40


@dataclass(frozen=True, slots=True)
class Metadata:
    """A proposal for a person to check; '' and None for what was not found."""

    title: str
    number: str  # 发文字号 as printed: '沪府规〔2020〕24号'
    issuer: str
    issued: date | None


_KINDS = "方案|规划|计划|意见|措施|办法|规定|条例|细则|通知|要点|清单|决定|批复|指引|公告|纲要|行动|政策|指南|规则|准则"
_TITLE = re.compile(rf"[^。；：，]{{4,}}(?:{_KINDS})(?:[（(][^（()）]{{1,20}}[)）])?$")
_QUOTED_TITLE = re.compile(r"(?:印发|发布|公布|制定|下发|现将|同意)(?:给你们)?《([^《》]{4,80})》")
_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{2,12}[〔\[（(【［](?:19|20)\d\d[〕\])）】］]第?\d{1,5}号"
    r"|[\u4e00-\u9fff]{2,10}(?:19|20)\d\d年第?\d{1,5}号|[\u4e00-\u9fff]{2,16}令第?[\d一二三四五六七八九十百]{1,5}号"
)
_YEAR = r"(?:19|20)\d\d|[一二][九〇零○Oo0][〇零○Oo0一二三四五六七八九]{2}"
_DATE = re.compile(rf"({_YEAR})[年\-/.]([\d一二三四五六七八九十]{{1,3}})[月\-/.]([\d一二三四五六七八九十]{{1,3}})日?")
_ENDS = re.compile(rf"[）)]?\s*(?:{_DATE.pattern})?\s*")
_LABELLED = re.compile(
    r"[【\[]?(?:(?P<number>发文字号|发布文号|公文文号|文件编号|文号)|(?P<issuer>发布单位|发布机构|发文机关|发文单位|制定机关|发布部门)"
    r"|(?P<issued>发文日期|成文日期|印发日期)|(?P<published>发布日期|公布日期|发布时间)|(?P<title>标题|名称))[】\]]?[:：]?(?P<value>.+)"
)
_ADOPTED = re.compile(  # '（2021年9月28日某市第十六届人民代表大会常务委员会第三次会议通过'
    rf"[（(](?P<day>{_DATE.pattern})(?P<by>[^，。；（()）]{{2,40}}?)(?P<session>第[\d一二三四五六七八九十百]+次[^，。；（()）]{{0,12}})?(?:通过|公布|批准|制定)"
)
_TERM = re.compile(r"第[\d一二三四五六七八九十百]+届")
_HEADLINE = re.compile(r"[^。；：，,;:]{12,}(?<!政府)(?<!委员会)(?<!办公室)(?<!文件)(?<![局厅部委院号日])")
_BY = re.compile(r"([\u4e00-\u9fff、]{2,40}?)关于")


def metadata(paragraphs: Sequence[Paragraph]) -> Metadata:
    """Title, number, issuer and date, looked for before the first numbered part, then in the signature at the end."""
    first = next((n for n, p in enumerate(paragraphs) if p.marker), len(paragraphs))
    head = [p for p in paragraphs[: min(first, HEAD)] if len(p.text) < 1000]
    facts = _labelled(head)
    lines = [p.text for p in head]
    signer, signed = (
        _signature(lines) or _signature([p.text for p in paragraphs[max(first, len(paragraphs) - 8) :]]) or ("", None)
    )
    adopter, adopted = _adopted(lines)
    title = facts.get("title") or _title(lines)
    return Metadata(
        title=title,
        number=_first(_NUMBER, facts.get("number", "")) or _number(lines) or facts.get("number", ""),
        issuer=signer or adopter or _by(lines) or facts.get("issuer", ""),
        issued=read_date(facts.get("issued", ""))
        or adopted
        or signed
        or read_date(facts.get("published", ""))
        or _dated(lines),
    )


def read_date(text: str) -> date | None:
    """'2020年11月5日', '二〇二〇年十一月五日', '2020-11-05'; None where there is none or no such day."""
    found = _DATE.search(text)
    if not found:
        return None
    try:
        return date(_year(found[1]), numeral(found[2]), numeral(found[3]))
    except ValueError:
        return None


def _year(text: str) -> int:
    digits = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | dict.fromkeys("零○Oo", "0")
    return int("".join(digits.get(c, c) for c in text))


def _labelled(head: Iterable[Paragraph]) -> dict[str, str]:
    """Facts that carry their name: 【发布文号】…, 发文字号：…, or in neighbouring cells of a table."""
    facts: dict[str, str] = {}
    for text in _candidates(head):
        found = _LABELLED.match(text)
        name = next((key for key in ("number", "issuer", "issued", "published", "title") if found and found[key]), None)
        if found and name:
            facts.setdefault(name, found["value"].strip())
    return facts


def _candidates(head: Iterable[Paragraph]) -> Iterator[str]:
    for paragraph in head:
        cells = paragraph.cells or (paragraph.text,)
        yield from cells
        for name, value in pairwise(cells):
            yield name.rstrip(":：") + "：" + value


def _title(lines: Sequence[str]) -> str:
    """What the issuing note names, else the last line that stands alone and ends like a title, else the first line."""
    quoted = next((found[1] for line in lines if (found := _QUOTED_TITLE.search(line))), None)
    if quoted:
        return quoted
    alone = [line for line in _unwrapped(lines) if len(line) <= MAX_TITLE and _TITLE.match(line)]
    return alone[-1] if alone else next((line for line in lines if len(line) <= MAX_TITLE and not is_ended(line)), "")


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """The lines, a title that is set on two of them as one."""
    pairs = pairwise([*lines, ""])
    for line, after in pairs:
        wrapped = _HEADLINE.fullmatch(line) and not _TITLE.match(line) and _TITLE.match(line + after)
        yield line + after if wrapped else line
        if wrapped:
            next(pairs, None)


def _number(lines: Sequence[str]) -> str:
    """A number that a line ends with, but for a date: on a line of its own, or in brackets after the title; those cited inside sentences are others'."""
    for line in lines:
        found = _NUMBER.search(line)
        if found and (found.group() == line.strip("（）() ") or _ENDS.fullmatch(line, found.end())):
            return found.group()
    return ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""


def _signature(lines: Sequence[str]) -> tuple[str, date | None] | None:
    """The name above a date that stands on a line of its own."""
    for name, line in pairwise(lines):
        found = _DATE.fullmatch(line.strip("（）() "))
        if found and len(name) <= MAX_ISSUER and not is_ended(name) and name[-1:] not in "：:":
            return ("" if _NUMBER.search(name) else name), read_date(line)
    return None


def _adopted(lines: Sequence[str]) -> tuple[str, date | None]:
    """Who adopted a regulation and when, by the brackets under its title; ('', None) where there are none."""
    found = next((found for line in lines if (found := _ADOPTED.match(line))), None)
    if not found:
        return "", None
    return (_TERM.sub("", found["by"]) if found["session"] else ""), read_date(found["day"])


def _by(lines: Sequence[str]) -> str:
    found = next((found for line in lines if len(line) <= MAX_TITLE and (found := _BY.match(line))), None)
    return found[1] if found else ""


def _dated(lines: Sequence[str]) -> date | None:
    return next((day for line in lines if len(line) <= MAX_TITLE and (day := read_date(line))), None)
