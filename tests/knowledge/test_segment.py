"""Documents of several styles, all written for these tests: what becomes a measure, under which number and sector."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from knowledge.model import Sector
from knowledge.readers import read
from knowledge.segment import Clause, Segmented, segment

SECTORS = (Sector("finance", "金融"), Sector("health", "健康医疗"), Sector("talent", "人才"), Sector("tea", "茶业"))


def segmented(text: str, name: str = "文件.txt") -> Segmented:
    return segment(read(name, text.encode()), SECTORS)


def numbered(found: Segmented) -> list[tuple[str, str]]:
    return [(f"{clause.item}.{clause.ordinal}", clause.text) for clause in found.clauses]


def only(found: Segmented) -> Clause:
    (clause,) = found.clauses
    return clause


NUMBERED = """沪茶发〔2025〕3号

各区茶业主管部门：

现将《上海市茶业开放试点方案》印发给你们，请认真执行。

上海市茶业局
2025年2月10日

上海市茶业开放试点方案

一、总体要求
坚持稳中求进。到2027年形成一批成果。

二、主要任务
（一）放宽市场准入
1.茶业金融。金融领域：支持茶企发行债券。鼓励保险机构开发茶叶保险。人才领域：引进评茶师。
2.茶旅融合。允许茶园举办夜游。
（二）优化服务
3.简化流程。取消三项证明。

三、保障措施
加强组织领导。
"""


def test_items_in_sections_are_cut_into_sentences_and_what_frames_them_is_left_out() -> None:
    found = segmented(NUMBERED)
    assert numbered(found) == [
        ("1.1", "支持茶企发行债券。"),
        ("1.2", "鼓励保险机构开发茶叶保险。"),
        ("1.3", "引进评茶师。"),
        ("2.1", "允许茶园举办夜游。"),
        ("3.1", "取消三项证明。"),
    ]
    assert found.items == {1: "茶业金融", 2: "茶旅融合", 3: "简化流程"}


def test_a_label_inside_an_item_tells_the_sector_until_the_next_one() -> None:
    found = segmented(NUMBERED).clauses
    assert [(clause.label, clause.sector) for clause in found[:3]] == [
        ("金融", "finance"),
        ("金融", "finance"),
        ("人才", "talent"),
    ]


def test_the_issuing_note_tells_title_number_issuer_and_date() -> None:
    about = segmented(NUMBERED).metadata
    assert (about.title, about.number) == ("上海市茶业开放试点方案", "沪茶发〔2025〕3号")
    assert (about.issuer, about.issued) == ("上海市茶业局", date(2025, 2, 10))


def test_a_number_above_the_date_is_not_taken_for_the_issuer() -> None:
    about = segmented("茶业试点方案\n\n沪茶发〔2025〕3号\n\n2025年2月10日\n\n一、主要任务\n（一）开放茶市。").metadata
    assert (about.number, about.issuer, about.issued) == ("沪茶发〔2025〕3号", "", date(2025, 2, 10))


WRAPPED = """茶业试点实施方案

一、主要任务

（一）完善管理

1.强化统筹。市茶业局会同有关部门加强对茶业开放试

点工作的统筹，推进茶叶质量分级和溯源体系建设，把审

批时限由 30 个工作日缩短至 15 个工作日。推行“一窗

- 3 -

 受理、并行办理”，为茶企提供便利化服务。

2.完善**评价机制**。建立**茶叶品质**评估机制,并向社

会公布结果.支持第三方机构开展评价(涉及商业秘密的除

外).

3.推进数据共享。试行茶叶溯源数据跨区共享，特别是涉

及内部管理和风险控
更多文件请访问 https://example.com/download
扫码关注公众号，下载完整版
"""


def test_hard_wrapped_lines_page_breaks_bold_marks_and_half_width_punctuation_do_no_harm() -> None:
    found = segmented(WRAPPED)
    assert numbered(found)[:4] == [
        ("1.1", "市茶业局会同有关部门加强对茶业开放试点工作的统筹，推进茶叶质量分级和溯源体系建设，把审批时限由30个工作日缩短至15个工作日。"),
        ("1.2", "推行“一窗受理、并行办理”，为茶企提供便利化服务。"),
        ("2.1", "建立茶叶品质评估机制,并向社会公布结果."),
        ("2.2", "支持第三方机构开展评价(涉及商业秘密的除外)."),
    ]  # fmt: skip


def test_a_cut_off_ending_is_a_measure_and_noticed_and_the_advertisement_is_none() -> None:
    found = segmented(WRAPPED)
    assert numbered(found)[-1] == ("3.1", "试行茶叶溯源数据跨区共享，特别是涉及内部管理和风险控")
    assert found.cut_off
    assert len(found.left_out) == 3
    assert not segmented(NUMBERED).cut_off


ARTICLES = """上海市茶叶促进条例

第一章 总则
第一条 为了促进茶业发展，制定本条例。
第二条 本条例适用于本市茶叶的生产和销售。

第二章 扶持
第三条（资金支持）市级财政安排专项资金。专项资金用于茶园改造。
第四条 鼓励符合下列条件的企业申报：
（一）注册在本市；
（二）从业满三年。
"""


def test_articles_are_items_and_a_list_belongs_to_the_sentence_that_announces_it() -> None:
    found = segmented(ARTICLES)
    assert numbered(found) == [
        ("3.1", "市级财政安排专项资金。"),
        ("3.2", "专项资金用于茶园改造。"),
        ("4.1", "鼓励符合下列条件的企业申报：（一）注册在本市；（二）从业满三年。"),
    ]
    assert found.items[3] == "资金支持"


TASKS = """茶业重点任务清单

一、加快茶园改造。2025年底前完成五个茶园改造。（责任单位：市茶业局、市农业局）

二、提升服务水平。开设茶企服务专窗。推行线上办理。
责任单位：市政务局

三、培育消费热点。举办茶文化节（市商务局负责）。
"""


def test_responsible_offices_go_to_the_sentences_before_them_and_out_of_their_text() -> None:
    found = segmented(TASKS)
    assert [(clause.text, clause.responsible) for clause in found.clauses] == [
        ("2025年底前完成五个茶园改造。", "责任单位：市茶业局、市农业局"),
        ("开设茶企服务专窗。", "责任单位：市政务局"),
        ("推行线上办理。", "责任单位：市政务局"),
        ("举办茶文化节。", "市商务局负责"),
    ]


@pytest.mark.parametrize(
    "offices", ["责任单位：市茶业局、市农业局", "牵头单位：市茶业局；配合单位：市农业局、各区政府"]
)
def test_offices_may_be_the_last_sentence_of_their_paragraph(offices: str) -> None:
    found = segmented(f"茶业方案\n\n一、改造茶园。扩种绿茶。{offices}。\n\n二、开设窗口。推行线上办理。{offices}\n")
    assert [(clause.text, clause.responsible) for clause in found.clauses] == [
        ("扩种绿茶。", offices),
        ("推行线上办理。", offices),
    ]


def test_deadlines_in_the_text_are_found() -> None:
    (deadline,) = segmented(TASKS).clauses[0].deadlines
    assert (deadline.text, deadline.date, deadline.firm) == ("2025年底前", date(2025, 12, 31), True)


MARKDOWN = """# 茶业行动方案

## 一、主要任务

| 序号 | 领域 | 重点任务 | 责任单位 | 完成时限 |
| --- | --- | --- | --- | --- |
| 1 | 金融 | 设立茶业基金 | 市金融局 | 2026年6月底前 |
| 2 | 人才 | 开办评茶师学校 | 市人社局 | 2026年 |
"""


def test_each_row_of_a_table_of_tasks_is_a_measure_with_its_field_office_and_deadline() -> None:
    found = segmented(MARKDOWN, "行动.md")
    assert [(c.text, c.sector, c.responsible) for c in found.clauses] == [
        ("设立茶业基金", "finance", "市金融局"),
        ("开办评茶师学校", "talent", "市人社局"),
    ]
    assert found.clauses[0].deadlines[0].date == date(2026, 6, 30)


HTML = """<html><head><title>x</title><script>alert(1)</script></head><body>
<h1>茶业支持措施</h1>
<p>一、支持茶企上市。对上市茶企给予补贴。</p>
<p>二、支持茶园数字化。建设数字茶园。</p>
<footer>打印本页 关闭窗口</footer></body></html>"""


def test_a_web_page_is_read_without_its_buttons_and_scripts() -> None:
    assert numbered(segmented(HTML, "页面.html")) == [("1.1", "对上市茶企给予补贴。"), ("2.1", "建设数字茶园。")]


def docx(*paragraphs: str, extra: dict[str, str] | None = None) -> bytes:
    """A Word file of plain paragraphs, as small as the format allows."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f'<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>',
        **(extra or {}),
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return written.getvalue()


def test_a_word_file_gives_the_same_measures_as_its_text() -> None:
    data = docx(*[line for line in NUMBERED.splitlines() if line])
    assert numbered(segment(read("方案.docx", data), SECTORS)) == numbered(segmented(NUMBERED))


def pdf(text: str) -> bytes:
    """A one-page PDF with a Chinese font that the reader knows by its character map."""
    content = "BT /F1 12 Tf 14 TL 50 800 Td " + " ".join(
        f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in text.splitlines()
    )
    stream = f"{content} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 850] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
    ]
    written, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(written)


def test_a_pdf_gives_its_measures_page_by_page() -> None:
    text = "茶业短期方案\n一、加快审批。三天内办结。\n二、减免费用。免收检测费。"
    found = segment(read("方案.pdf", pdf(text)), SECTORS)
    assert numbered(found) == [("1.1", "三天内办结。"), ("2.1", "免收检测费。")]
    assert found.clauses[0].line == 1


RESTARTED = """茶业综合方案
一、扩大开放
1.外资准入。允许外资办茶厂。
2.口岸通关。推行提前申报。
二、强化支撑
1.人才引进。引进评茶师。
"""


def test_items_whose_numbers_begin_anew_are_counted_through() -> None:
    assert [clause.item for clause in segmented(RESTARTED).clauses] == [1, 2, 3]


BARE = """茶业发展行动计划
1 做强种植
1.1 引进新品种，建设苗圃。
1.2 推广滴灌，三年内覆盖所有茶园。
2 做活市场
2.1 开通冷链专列。
2.2 设立拍卖中心，每季度举办一次。
"""


def test_a_number_without_a_point_heads_a_section_where_decimals_of_it_follow() -> None:
    found = segmented(BARE.replace("做活市场", "金融服务"))
    assert [(clause.sector, clause.text[:4]) for clause in found.clauses] == [
        (None, "引进新品"),
        (None, "推广滴灌"),
        ("finance", "开通冷链"),
        ("finance", "设立拍卖"),
    ]


@pytest.mark.parametrize("text", ["只有一句话，没有编号。", "通知\n\n各单位：\n\n请周五开会。"])
def test_a_text_without_numbers_or_tables_has_no_measures(text: str) -> None:
    assert segmented(text).clauses == ()


def test_what_became_no_measure_is_told_sentence_by_sentence_but_for_names_and_dates() -> None:
    assert [(sentence.line, sentence.text) for sentence in segmented(NUMBERED).framing] == [
        (5, "现将《上海市茶业开放试点方案》印发给你们，请认真执行。"),
        (13, "坚持稳中求进。"),
        (13, "到2027年形成一批成果。"),
        (23, "加强组织领导。"),
    ]


def test_rows_beside_numbered_items_are_told_and_those_that_are_measures_are_not() -> None:
    table = "| 序号 | 任务 | 时限 |\n| --- | --- | --- |\n| 1 | 建茶仓 | 六月 |\n"
    beside = segmented(f"# 茶业措施\n\n一、开放茶市。\n\n附件\n\n{table}", "措施.md")
    assert [sentence.text for sentence in beside.framing][-1] == "1 建茶仓 六月"
    alone = segmented(MARKDOWN, "行动.md")
    assert not any("茶" in sentence.text for sentence in alone.framing)


def test_a_numbered_line_that_announces_a_list_is_its_sentence_rather_than_a_heading() -> None:
    entries = "（1）茶园灌溉；\n（2）茶园道路。\n"
    text = f"茶业方案\n一、主要任务\n1.扩种绿茶。\n2.改造老茶园，内容包括：\n{entries}3.推广机采。\n"
    assert numbered(segmented(text)) == [
        ("1.1", "扩种绿茶。"),
        ("2.1", "改造老茶园，内容包括：（1）茶园灌溉；（2）茶园道路。"),
        ("3.1", "推广机采。"),
    ]


@pytest.mark.parametrize(
    "formality",
    [
        "为了促进茶业发展，根据有关法律，制定本条例。",
        "本市茶叶的生产和销售，适用本条例。",
        "本条例所称茶业，是指茶叶的种植和销售。本条例所称茶园是指种茶的园地。",
        "本条例自2030年1月1日起施行。2001年公布的《上海市茶叶管理办法》同时废止。",
        "本条例由市茶业局负责解释。",
        "茶业发展遵循绿色优先、开放合作的原则。",
    ],
)
def test_an_article_in_which_the_document_speaks_of_itself_is_no_measure(formality: str) -> None:
    found = segmented(f"上海市茶叶条例\n\n第一条 {formality}\n第二条 市茶业局发放茶券。\n")
    assert numbered(found) == [("2.1", "市茶业局发放茶券。")]
    assert "".join(sentence.text for sentence in found.framing) == formality


def test_an_article_that_says_more_than_what_it_applies_to_stays_whole() -> None:
    text = "上海市茶叶条例\n\n第一条 本条例适用于茶园。违反本条例的，处一千元罚款。\n第二条 市茶业局发放茶券。\n"
    assert [item for item, _ in numbered(segmented(text))] == ["1.1", "1.2", "2.1"]


@pytest.mark.parametrize(
    "dependent",
    [
        "其家属可以同行。",
        "该补贴每年发放一次。",
        "上述茶园可以申请贷款。",
        "拒不改正的，取消资格。",
        "确有困难的，可以延期。",
    ],
)
def test_a_sentence_that_says_nothing_on_its_own_belongs_to_the_one_before_it(dependent: str) -> None:
    found = segmented(f"茶业方案\n一、人才。引进评茶师。{dependent}其他人才另行安排。\n二、市场。开设夜市。\n")
    assert numbered(found)[:2] == [("1.1", f"引进评茶师。{dependent}"), ("1.2", "其他人才另行安排。")]


def test_a_sentence_that_only_tells_what_the_next_one_is_about_belongs_to_it() -> None:
    text = "茶业方案\n一、茶城。东湖茶城是全市茶业的中心。支持茶城扩建。特别是夜市。\n二、证明。是否开具证明是茶企的权利。\n"
    assert [text for _, text in numbered(segmented(text))] == [
        "东湖茶城是全市茶业的中心。支持茶城扩建。",
        "特别是夜市。",
        "是否开具证明是茶企的权利。",
    ]


def test_phrases_below_a_heading_and_numbers_with_nothing_below_are_told_too() -> None:
    text = (
        "# 茶业措施\n\n## 一、种茶\n\n扩种绿茶。\n\n## 二、卖茶\n\n## 三、品茶\n\n### 茶馆\n\n- 延长营业\n- 减免租金\n"
    )
    assert [sentence.text for sentence in segmented(text, "措施.md").framing] == ["卖茶", "延长营业", "减免租金"]


def test_what_frames_the_measures_is_told_where_the_file_counts_only_pages() -> None:
    found = segment(
        read("方案.pdf", pdf("茶业短期方案\n一、总体要求。稳中求进。\n二、减免费用。免收检测费。")), SECTORS
    )
    assert [sentence.text for sentence in found.framing] == ["稳中求进。"]
    assert numbered(found) == [("2.1", "免收检测费。")]


def test_a_pointed_number_before_a_quotation_or_a_word_that_begins_like_a_unit_is_one() -> None:
    found = segmented(
        "某市方案\n一、产业\n1.1 软件产业。支持软件。\n1.2 元宇宙产业。支持元宇宙。\n1.3“一件事”改革。推行改革。\n1.4元宇宙人才。引进人才。\n二、农业\n2.1 米业。支持米业。\n"
    )
    assert [clause.number for clause in found.clauses] == ["一、1.1", "一、1.2", "一、1.3", "一、1.4", "二、2.1"]
