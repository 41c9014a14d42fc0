"""A small knowledge base of our own for tests of matching: two plans that share a topic."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from knowledge.model import Document, Measure, OutOfScope, Pack, Sector

HARBOUR = Document(
    "harbour",
    "示范港建设方案",
    "示商发2022年第7号",
    "示范市",
    date(2022, 1, 1),
    short_names=("7号文", "示范港方案"),
    items={1: "（一）航运服务", 2: "（二）人才服务"},
    missing="7号文手头的文本到第2条为止。",
)
GARDEN = Document(
    "garden",
    "示范园实施办法",
    "示府规〔2021〕9号",
    "示范市",
    date(2021, 1, 1),
    short_names=("9号文",),
    items={1: "园区"},
)


def measure(measure_id: str, title: str, *phrases: str, sector: str = "logistics", **more: object) -> Measure:
    document, _, place = measure_id.partition("/")
    item, _, ordinal = place.partition(".")
    made = Measure(
        measure_id, document, int(item), int(ordinal), (sector,), title, f"{title}的办法。", asked_as=phrases
    )
    return replace(made, **more)  # type: ignore[arg-type]


PACK = Pack(
    documents=(HARBOUR, GARDEN),
    sectors=(Sector("logistics", "物流运输", ("运输",)), Sector("talent", "人才", ("talents",))),
    measures=(
        measure("harbour/1.1", "邮轮船票凭证", "坐邮轮要带什么票", aliases=("cruise ticket",)),
        measure("harbour/1.2", "船舶登记远程办理", "船在外地怎么上牌照", keywords=("船舶登记",)),
        measure("harbour/1.3", "冷链温度追溯", "冻肉路上化了怎么查", not_asked_as=("冰箱坏了怎么修",)),
        measure("harbour/2.1", "外籍引航员执业", "老外能开船进港吗", sector="talent", also_in=("garden/1.2",)),
        measure("garden/1.1", "园区仓库夜间作业", "仓库半夜能装货吗", keywords=("夜班",)),
        measure("garden/1.2", "外籍引航员签证", "请外国引航员签证好办吗", sector="talent", also_in=("harbour/2.1",)),
    ),
    synonyms=(("老外", "外籍", "外国人", "foreigner"), ("驾照", "牌照", "licence")),
    out_of_scope=(
        OutOfScope("天气", "chitchat", ("今天天气怎么样", "明天会下雨吗")),
        OutOfScope("驾校", "policy", ("学车考驾照多少钱", "驾校怎么报名")),
    ),
)
