"""Dates that a plan sets: '2025年底前', '到2026年6月', '2027年'."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.references import number as numeral


@dataclass(frozen=True, slots=True)
class Deadline:
    text: str  # as printed: '2025年6月底前'
    date: date  # the last day that is meant
    firm: bool  # whether words such as 前, 底 or 到 make it a limit; False for a bare '2027年'


_DATE = re.compile(
    r"(?P<to>力争到|截至|到|至)?(?P<year>20\d\d)年"
    r"(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})日|(?P<part>上旬|中旬))?"
    r"|第?(?P<quarter>[一二三四1-4])季度|(?P<half>上半年|年中|下半年))?"
    r"(?P<end>年?[底末内])?(?P<before>之?前|以前|止)?"
)
_QUARTERS = {**{c: n for n, c in enumerate("一二三四", start=1)}, **{str(n): n for n in range(1, 5)}}
_NO_LIMIT_AFTER = re.compile(
    r"[起版]|以来|开始|第?\s*\d+\s*号|[\-—–~～至到]{1,2}(?:20\d\d|\d{1,2}月)|度?(?:版|版本)|》"
)
_NO_LIMIT_BEFORE = re.compile(r"(?:自|从|根据|按照|《[^》]*|〔)$")
_TERM = re.compile(r"施行|实施|生效|有效期|试点|试行|为期|期限")
_START = re.compile(r"自(20\d\d)年(\d{1,2})月(\d{1,2})日(?:起[^，。；、至到]{0,4}|启动|开始)?")
_LENGTH = re.compile(r"(?:为期|(?:有效期|试点期|试行期)限?为?|期限为?)([一二两三四五六七八九十\d]{1,3})年")


def terms(text: str, since: date | None = None) -> tuple[Deadline, ...]:
    """The days on which a document, by this sentence of it, comes into force and lapses; () for any other sentence.

    :param since: date of the document; from then on a term runs that states no first day.
    """
    if not _TERM.search(text):
        return ()
    found = _START.search(text)
    start = _day(*map(int, found.groups())) if found else None
    first = [Deadline(found.group(), start, firm=True)] if found and start and (not since or start >= since) else []
    last = _end_of_term(text, start or since)
    return tuple({d.date: d for d in (*first, *deadlines(text, since), *last)}.values())


def _end_of_term(text: str, begins: date | None) -> Iterator[Deadline]:
    """The last day of a term that is given by its length."""
    length = _LENGTH.search(text)
    if length and begins and (after := _day(begins.year + numeral(length[1]), begins.month, begins.day)):
        yield Deadline(length.group(), after - timedelta(days=1), firm=True)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def deadlines(text: str, since: date | None = None) -> tuple[Deadline, ...]:
    """The dates up to which something is to be done, in the text's order.

    :param since: date of the document; earlier dates are history, and left out.
    """
    return tuple(dict.fromkeys(_all(text, since)))


def _all(text: str, since: date | None) -> Iterator[Deadline]:
    for found in _DATE.finditer(text):
        if _NO_LIMIT_AFTER.match(text, found.end()) or _NO_LIMIT_BEFORE.search(
            text, max(0, found.start() - 40), found.start()
        ):
            continue
        last = _last_day(found)
        if last and (since is None or last >= since):
            yield Deadline(found.group(), last, firm=bool(found["to"] or found["end"] or found["before"]))


def _last_day(found: re.Match[str]) -> date | None:
    """The last day of the time named; the day before it for '2025年6月前'. None for days that do not exist."""
    year = int(found["year"])
    month = _month(found)
    if not 1 <= month <= 12:
        return None
    days = calendar.monthrange(year, month)[1]
    day = int(found["day"]) if found["day"] else {"上旬": 10, "中旬": 20}.get(found["part"] or "", days)
    if not 1 <= day <= days:
        return None
    exact = found["day"] or found["part"] or found["half"] or found["end"]
    if found["before"] in ("前", "之前", "以前") and not exact:
        return _before(found, year)
    return date(year, month, day)


def _month(found: re.Match[str]) -> int:
    if found["month"]:
        return int(found["month"])
    if found["quarter"]:
        return _QUARTERS[found["quarter"]] * 3
    return 6 if found["half"] in ("上半年", "年中") else 12


def _before(found: re.Match[str], year: int) -> date:
    """The day before a month, a quarter or a year begins."""
    month = int(found["month"]) if found["month"] else _QUARTERS[found["quarter"]] * 3 - 2 if found["quarter"] else 1
    return date(year, month, 1) - timedelta(days=1)
