"""Which sector a clause belongs to, told by its label or heading, else by its wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from knowledge.model import Sector

LIKENESS = 75.0  # of 100; from here on a name counts as meant though words stand between its parts
MIN_FUZZY = 3  # characters; shorter names are too easily 'like' anything
SHARED = 3  # sectors; two characters that the names of so many have (服务) tell none of them
LONG = 4  # characters; a term of so many in a wording counts as two
ENOUGH = 2  # terms that tell the sector of a wording

_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_OFFICE = r"(?!主管|行政|部门|[部局厅委])"  # behind a term: who is to act (商务部门), not what is done

# Words of headings that tell a sector but are no name of it.
KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "tech": ("科技创新", "技术转移", "成果转化", "研发"),
    "business": ("专业服务", "检测维修", "会展", "特许经营"),
    "logistics": ("航运", "航空", "邮轮", "货运", "口岸物流"),
    "education": ("办学", "职业培训", "学校"),
    "finance": ("资金流动", "资金", "银行", "保险", "证券", "跨境投融资", "外汇"),
    "health": ("医疗", "医药", "养老", "康养"),
    "tourism": ("旅行社", "文旅"),
    "telecom": ("通信", "互联网"),
    "hongqiao": ("虹桥",),
    "pudong-software-park": ("软件园",),
    "governance": ("放管服", "统筹协调", "政务服务", "行政审批", "管理体制", "事中事后监管"),
    "business-environment": ("法治环境", "公平竞争", "投诉"),
    "trade-facilitation": ("贸易便利", "投资便利", "通关", "单一窗口"),
    "market-opening": ("扩大开放", "市场准入", "负面清单", "先行先试"),
    "talent": ("人员流动", "自然人", "执业", "出入境", "外籍人员"),
    "ip-and-data": ("知识产权", "数据", "专利", "版权"),
    "financial-risk": ("金融风险", "风险防控", "风险防范"),
}


def sector_of(label: str | None, heading: str, sectors: Iterable[Sector], section: str = "") -> str | None:
    """The code of the sector that the label names, else the heading, else the heading of the section around it.

    The longest name, alias or keyword that stands in the text decides; of equally long ones the last, since Chinese
    puts what is meant behind what describes it; where none stands in it, the name most like a part of it.
    """
    known = tuple(sectors)
    for text in (label, heading, section):
        if text and (code := _contained(text, known) or _similar(text, known)):
            return code
    return None


def sector_in(wording: str, title: str, sectors: Iterable[Sector]) -> str | None:
    """The code of the sector that a measure's own words tell where no heading does; None unless they are clear.

    :param title: of the document; what it names counts as one more term where the wording names it, too.
    """
    terms = {term: sector.code for sector in sectors for term in _terms(sector) if len(term) > 1 and not term.isascii()}
    if not terms:
        return None
    longest_first = "|".join(map(re.escape, sorted(terms, key=len, reverse=True)))
    pattern = re.compile(f"(?:{longest_first}){_OFFICE}")
    found: Counter[str] = Counter()
    for term in set(pattern.findall(wording)):
        found[terms[term]] += 2 if len(term) >= LONG else 1
    for code in found.keys() & {terms[term] for term in pattern.findall(title)}:
        found[code] += 1
    ranked = [*found.most_common(2), ("", 0), ("", 0)]
    return ranked[0][0] if ranked[0][1] >= max(ENOUGH, ranked[1][1] + 1) else None


def _terms(sector: Sector) -> Iterator[str]:
    yield from (sector.name, *sector.aliases, *KEYWORDS.get(sector.code, ()))


def _contained(text: str, sectors: Iterable[Sector]) -> str | None:
    folded = text.casefold()
    found = [
        (len(term), folded.rfind(term.casefold()), sector.code)
        for sector in sectors
        for term in _terms(sector)
        if len(term) > 1 and term.casefold() in folded
    ]
    return max(found, key=lambda hit: hit[:2])[2] if found else None


def _similar(text: str, sectors: Sequence[Sector]) -> str | None:
    shared = _shared(sectors)
    rest = shared.sub("", text)
    if len(rest) < MIN_FUZZY:
        return None
    names = [(shared.sub("", name), sector.code) for sector in sectors for name in (sector.name, *sector.aliases)]
    scored = [(fuzz.partial_ratio(name, rest), code) for name, code in names if len(name) >= MIN_FUZZY]
    score, code = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return code if score >= LIKENESS else None


def _shared(sectors: Iterable[Sector]) -> re.Pattern[str]:
    """What names of several sectors have in common, which makes none of them like a text."""
    number: Counter[str] = Counter()
    for sector in sectors:
        number.update({pair for name in (sector.name, *sector.aliases) for pair in _PAIR.findall(name)})
    common = [pair for pair, sectors_with_it in number.items() if sectors_with_it >= SHARED]
    return re.compile("|".join(common) or r"(?!)")
