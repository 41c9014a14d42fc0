"""Which sector a clause belongs to, told by its label or heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz import fuzz

from knowledge.model import Sector

LIKENESS = 75.0  # of 100; from here on a name counts as meant though words stand between its parts
MIN_FUZZY = 3  # characters; shorter names are too easily 'like' anything

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


def _similar(text: str, sectors: Iterable[Sector]) -> str | None:
    if len(text) < MIN_FUZZY:
        return None
    scored = [
        (fuzz.partial_ratio(name, text), sector.code)
        for sector in sectors
        for name in (sector.name, *sector.aliases)
        if len(name) >= MIN_FUZZY
    ]
    score, code = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return code if score >= LIKENESS else None
