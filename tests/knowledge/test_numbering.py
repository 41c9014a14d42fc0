"""Look-ups by the numbers that an imported document prints itself, all documents written for these tests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.document_plan import plan_document
from knowledge.import_plan import Draft
from knowledge.lookup import Lookup, Request
from knowledge.model import Pack
from knowledge.normalise import fold
from knowledge.readers import read
from knowledge.segment import segment

DECIMALS = """云政办发〔2030〕37号

云州市支持无人机若干措施

一、总体要求
坚持安全第一。
二、支持企业
2.1 支持整机。补贴场地。
2.2 支持配套。奖励采购。鼓励联采。
三、完善设施
3.1 建起降场。建成一百个。
3.2 建基站。架设基站。
四、附则
本措施自2030年4月1日起施行。
"""
ANEW = """# 临江市银发行动方案

临江府发〔2030〕8号

## 一、发展服务

（一）社区食堂。开设食堂。

（二）上门护理。上门护理。多点执业。

## 二、培育产业

（一）老年用品。研发助行器。

（二）老年旅游。开行专列。

（三）辅具租赁。租赁辅具。
"""
ARTICLES = """海棠市数据条例

第一章 总则
第一条 为了规范数据，制定本条例。
第二条 市政府建立机制。
区政府确定单位。
第二章 主体
第三条 数据商应当具备下列条件：
（一）有资本；
（二）有机房。
变更名称的应当告知。
第四条 评估机构不得交易。
第三章 附则
第五条 本条例自2030年5月1日起施行。
"""
DEEP = """青政发〔2030〕15号

青原市消费方案

一、重点任务
（一）建设地标
1.步行街。改造步行街。
2.免税店。设立免税店。
（二）丰富供给
1.首店。奖励首店。
（1）国内首店。奖一万。另行公布。
（2）全球首店。奖二万。另行公布。
2.展会。举办展会。
"""
TABLE = """南办发〔2030〕3号

南岭市乡村任务表

| 序号 | 工作任务 | 责任单位 |
| --- | --- | --- |
| 1 | 建直播间 | 商务局 |
| 3 | 推广农机 | 农业局 |
"""
FILES = {"yun.txt": DECIMALS, "lin.md": ANEW, "hai.txt": ARTICLES, "qing.txt": DEEP, "nan.md": TABLE}


def imported(pack: Pack, name: str, text: str) -> Pack:
    draft = Draft.of(pack)
    plan_document(draft, pack, segment(read(name, text.encode()), pack.sectors), name.partition(".")[0])
    return draft.finish().result(pack)


def library_of(files: dict[str, str]) -> Pack:
    pack = Pack()
    for name, text in files.items():
        pack = imported(pack, name, text)
    return pack


PACK = library_of(FILES)
LOOKUP = Lookup(PACK, PACK.measures)


def find(text: str) -> Request:
    return LOOKUP.find(fold(text))


def texts(text: str) -> list[str]:
    return [measure.text or "" for measure in find(text).measures]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("37号文2.1", ["补贴场地。"]),
        ("37号文第3.2条", ["架设基站。"]),
        ("37号文三、3.1", ["建成一百个。"]),
        ("37号文第二部分", ["补贴场地。", "奖励采购。", "鼓励联采。"]),
        ("37号文第二部分第2项", ["奖励采购。", "鼓励联采。"]),
        ("8号文第二部分第（一）项", ["研发助行器。"]),
        ("8号文二（三）", ["租赁辅具。"]),
        ("8号文二、（二）", ["开行专列。"]),
        ("8号文第一章（二）", ["上门护理。", "多点执业。"]),
        ("8号文（三）", ["租赁辅具。"]),
        ("8号文第一项", ["开设食堂。", "研发助行器。"]),
        ("15号文一（一）2", ["设立免税店。"]),
        ("15号文第一部分第（二）项第2点", ["举办展会。"]),
        ("15号文一（二）1（2）", ["全球首店。", "奖二万。", "另行公布。"]),
        ("8号文第二部分第（一）项和第（三）项", ["研发助行器。", "租赁辅具。"]),
        ("8号文二（一）至（三）", ["研发助行器。", "开行专列。", "租赁辅具。"]),
        ("8号文第一部分（一）和第二部分（二）", ["开设食堂。", "开行专列。"]),
        ("37号文2.1和3.2", ["补贴场地。", "架设基站。"]),
        ("数据条例第三条第二项", ["数据商应当具备下列条件：（一）有资本；（二）有机房。"]),
        ("数据条例第三条第（一）项", ["数据商应当具备下列条件：（一）有资本；（二）有机房。"]),
        ("数据条例第二章第四条", ["评估机构不得交易。"]),
        ("数据条例第二章", ["数据商应当具备下列条件：（一）有资本；（二）有机房。", "变更名称的应当告知。", "评估机构不得交易。"]),
        ("数据条例第五条", ["本条例自2030年5月1日起施行。"]),
        ("数据条例最后一条", ["本条例自2030年5月1日起施行。"]),
        ("南办发〔2030〕3号第1项", ["建直播间"]),
    ],
)  # fmt: skip
def test_what_a_document_numbers_itself_is_found_by_that_number(text: str, found: list[str]) -> None:
    assert texts(text) == found
    assert find(text).names == "clause"


@pytest.mark.parametrize(
    "text",
    [
        "37号文1.1", "37号文2.3", "8号文第一部分（三）", "8号文一（三）", "8号文第三部分", "15号文一（三）", "数据条例第六项",
        "数据条例第四条第二款", "数据条例第三条第（三）项", "数据条例第一章第四条", "数据条例第一条", "8号文第四项", "南办发〔2030〕3号第2项",
    ],
)  # fmt: skip
def test_a_number_that_it_does_not_print_is_not_answered_with_another(text: str) -> None:
    assert find(text).measures == ()
    assert "没有收录" in (find(text).missing or "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8号文第二条第1项", ["上门护理。", "研发助行器。"]),
        ("8号文第3条", ["研发助行器。", "租赁辅具。"]),
        ("南办发〔2030〕3号第3条", ["推广农机"]),
    ],
)
def test_where_our_citation_and_the_print_may_both_be_meant_both_are_listed(text: str, found: list[str]) -> None:
    assert texts(text) == found


def test_each_citation_of_ours_still_finds_its_measure() -> None:
    names = {d.slug: d.number or d.title for d in PACK.documents}
    cited = [m for m in PACK.measures if not m.is_overview and m.document != "hai"]
    assert all(m in find(f"{names[m.document]}{m.clause}").measures for m in cited)


def test_a_paragraph_of_an_article_is_shown_with_the_whole_of_it_and_said_to_be() -> None:
    assert texts("数据条例第二条第二款") == ["市政府建立机制。", "区政府确定单位。"]
    assert find("数据条例第二条第二款").heading == "海棠市数据条例第二条第二款（款不单独收录，列出整条）"


def test_annexes_are_said_not_to_be_looked_up() -> None:
    assert find("37号文附件第3项").missing == "云政办发〔2030〕37号的附件没有按编号收录，查不了“附件第3项”。"
    assert "查不了“附件2第1条”" in (find("8号文附件2第1条").missing or "")


def test_what_is_printed_is_told_where_our_count_is_another() -> None:
    told = {m.text: LOOKUP.own_number(m) for m in PACK.measures}
    assert told["奖励采购。"] == "二、2.2"
    assert told["研发助行器。"] == "二、（一）"
    assert told["奖二万。"] == "一、（二）1.（2）"
    assert told["评估机构不得交易。"] == ""


def test_without_the_numbers_of_the_parts_around_them_a_pointed_number_is_not_guessed() -> None:
    pack = library_of(
        {"sha.md": "# 沙河市冰雪措施\n\n## 场馆\n\n1. 补助冰场。\n\n2. 补贴电费。\n\n## 赛事\n\n1. 奖励比赛。\n"}
    )
    assert Lookup(pack, pack.measures).find("沙河冰雪措施2.1").measures == ()


def test_a_document_that_only_tells_its_term_is_listed_whole() -> None:
    assert len(find("云州37号文").measures) == len([m for m in PACK.measures if m.document == "yun"]) > 5
    curated = [replace(m, asked_as=("何时起施行",)) if m.is_overview else m for m in PACK.measures]
    assert [m.item for m in Lookup(PACK, curated).find("云州37号文").measures] == [0]


def test_a_heading_lists_what_stands_below_it() -> None:
    assert texts("数据条例主体那一章") == texts("数据条例第二章")


def test_a_list_of_numbers_is_headed_in_the_words_of_the_message() -> None:
    assert find("8号文第二部分第（一）项和第（三）项").heading == "临江府发〔2030〕8号第二部分第（一）项和第（三）项"


def test_a_pointed_entry_of_a_list_is_found_by_itself_alone() -> None:
    measures = [replace(PACK.measures[0], id=f"yun/2.{n}", item=2, ordinal=n) for n in (1, 2, 3)]
    printed = [replace(m, number=own) for m, own in zip(measures, ("2.", "2. 2.1", "2. 2.2"), strict=True)]
    lookup = Lookup(replace(PACK, measures=tuple(printed)), printed)
    assert [m.id for m in lookup.find("37号文2.1").measures] == ["yun/2.2"]
    assert [m.id for m in lookup.find("37号文第2条").measures] == ["yun/2.1", "yun/2.2", "yun/2.3"]


def test_going_on_through_the_parts_a_bracketed_number_may_be_one_of_a_part_or_of_an_item() -> None:
    going_on = """苏湖办发〔2030〕21号

苏湖方案

一、政务
（一）一件事。一件事通办。只跑一次。
（二）少材料。材料精简。线上办理。
二、市场
（三）清壁垒。壁垒清理。
"""
    pack = library_of({"su.txt": going_on})
    lookup = Lookup(pack, pack.measures)

    def found(text: str) -> list[str]:
        return [measure.text or "" for measure in lookup.find(fold(text)).measures]

    assert found("21号文第一条第（二）项") == ["只跑一次。", "材料精简。", "线上办理。"]
    assert found("21号文第1条第2项") == ["只跑一次。"]
    assert found("21号文第三条") == found("21号文二（三）") == ["壁垒清理。"]
    assert lookup.own_number(pack.measures[0]) == "一、（一）"


def test_where_no_document_is_named_they_are_not_all_told_to_lack_a_clause() -> None:
    assert find("第九十九条").missing == "资料库里的5份文件都没有“第99条”。请写明是哪份文件。"


def test_each_entry_of_a_list_with_plain_numbers_is_told_apart() -> None:
    listed = "白石县措施\n一、支持展会\n（一）对来本县参展的外地企业，按实际支出补贴下列各项费用：\n1.场租；\n2.搭建。\n（二）开设专窗。周末开放。\n"
    pack = library_of({"bai.txt": listed})
    lookup = Lookup(pack, pack.measures)
    assert pack.measures[0].number == "一、（一） 1. 2."
    assert [m.id for m in lookup.find("白石措施(一)第2项").measures] == ["bai/1.1"]
    assert lookup.find("白石措施一(一)3").measures == ()
