"""Importing a file as an admin does: look first, then confirm; see what to mend; take it back."""

from __future__ import annotations

import asyncio
import io
import re

import pytest
from aiohttp import FormData
from openpyxl import Workbook, load_workbook

from bot.web.admin.jobs import KEPT
from tests.bot.web.admin.desk import Browser, Page, Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Written by us; no such document exists.
PLAN = """某市茶叶流通便利化工作方案

某茶发〔2025〕8号

一、拓宽销路
（一）允许茶园直接向境外客商出售当年绿茶。
（二）支持茶馆开展夜间品鉴活动。
二、改进管理
（一）发酵室改为备案管理，2026年底前完成。
"""
CHANGED = PLAN.replace("当年绿茶", "当年绿茶和红茶")
HEAD = ["编号", "标题", "摘要", "板块", "生效日期"]


def sheet(*rows: list[str]) -> bytes:
    book = Workbook()
    for row in (HEAD, *rows):
        book.worksheets[0].append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


async def upload(admin: Browser, name: str, data: bytes, slug: str = "") -> Page:
    page = await admin.open("/admin/import")
    form = FormData(quote_fields=False)
    form.add_field("form_token", page.token)
    form.add_field("slug", slug)
    form.add_field("file", data, filename=name, content_type="application/octet-stream")
    return await admin.settled(await admin.send("/admin/import", form))


async def confirm(admin: Browser, page: Page) -> Page:
    done = await admin.send(page.path, {"form_token": page.token, "version": page.value("version"), "reason": "试导入"})
    return await admin.settled(done)


async def received(service: Service, user: str, words: str) -> None:
    """Waits for a message with these words."""
    for _ in range(100):
        if any(words in reply for reply in service.platform.replies(user)):
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"no message with {words}")


async def test_the_preview_shows_what_became_no_measure(admin: Browser) -> None:
    framed = f"{PLAN}三、保障措施\n市茶业局按季度公布茶园名单。\n"
    page = await upload(admin, "方案.txt", framed.encode(), "tea-2025-9")
    assert "1 句没有列为措施" in page.text
    assert "市茶业局按季度公布茶园名单。" in page.text
    assert "没有列为措施" not in (await upload(admin, "方案.txt", PLAN.encode(), "tea-2025-9")).text


async def test_the_preview_tells_what_the_document_s_head_was_read_as(admin: Browser) -> None:
    page = await upload(admin, "方案.txt", f"{PLAN}三、附则\n本方案自2026年1月1日起施行。\n".encode(), "tea-2025-10")
    assert "某茶发〔2025〕8号 没有认出发布机关 没有认出日期" in page.text
    assert "总体内容 tea-2025-10/0.1" in page.text


async def test_sectors_are_shown_by_their_names(admin: Browser) -> None:
    page = await upload(admin, "方案.txt", PLAN.replace("支持茶馆", "金融领域：支持茶馆").encode(), "tea-2025-11")
    assert "板块 金融" in page.text
    assert "finance" not in page.text


async def test_a_document_is_previewed_then_imported_then_answered(service: Service, admin: Browser) -> None:
    page = await upload(admin, "方案.txt", PLAN.encode(), "tea-2025-8")
    assert "新增" in page.text
    assert "tea-2025-8/" in page.text
    assert (await admin.open("/measures?document=tea-2025-8")).text.count("茶园") == 0  # nothing is loaded yet
    page = await confirm(admin, page)
    assert page.path == "/admin/imports"
    assert "已导入" in page.text
    assert "茶园" in (await admin.open("/measures?document=tea-2025-8")).text
    assert "茶园" in await service.ask(service.platform.people[0].user, "茶园直接向境外客商出售当年绿茶")


async def test_the_same_file_again_changes_nothing_and_another_wording_is_shown_word_by_word(admin: Browser) -> None:
    assert "完全一样" in (await upload(admin, "方案.txt", PLAN.encode(), "tea-2025-8")).text
    page = await upload(admin, "方案.txt", CHANGED.encode())
    assert "认出的文件：《某市茶叶流通便利化工作方案》 tea-2025-8" in page.text
    assert "<ins>和红茶</ins>" in page.html
    assert "修改" in page.text


async def test_a_spreadsheet_with_bad_rows_says_where_and_gives_them_back(admin: Browser) -> None:
    data = sheet(
        ["mofcom-2021-63/2.13", "好的标题", "好的摘要。", "金融"],
        ["mofcom-2021-63/2.14", "好的标题", "好的摘要。", "金融", "2026-13-45"],
        ["没有编号", "好的标题", "好的摘要。", "金融"],
        ["mofcom-2021-63/2.15", "好的标题", "好的摘要。", "没有的板块"],
    )
    page = await upload(admin, "更正.xlsx", data)
    assert page.status == 422
    assert "什么都没有导入" in page.text
    for cell in ("<td>3</td><td>E</td>", "<td>4</td><td>A</td>", "<td>5</td><td>D</td>"):
        assert cell in page.html
    async with admin.session.get(f"{admin.base}{page.path}/failed.xlsx") as answer:
        rows = list(load_workbook(io.BytesIO(await answer.read())).worksheets[0].values)
    assert len(rows) == 4  # the header and the three
    assert "没有的板块" in rows[3]


async def test_an_import_is_undone_and_later_changes_stay(service: Service, admin: Browser) -> None:
    data = sheet(["mofcom-2021-63/2.13", "导入的标题", "", ""], ["mofcom-2021-63/2.16", "导入的标题二", "", ""])
    await confirm(admin, await upload(admin, "更正.xlsx", data))
    path = "/admin/measures/mofcom-2021-63/2.16"
    form = (await admin.open(path)).form()
    assert form["title"] == "导入的标题二"
    await admin.send(path, form | {"title": "后来改的标题"})
    history = await admin.open("/admin/imports")
    number = history.html.partition("/admin/imports/")[2].partition('"')[0]
    page = await admin.open(f"/admin/imports/{number}")
    assert "有1项会保持现在的样子。 措施 mofcom-2021-63/2.16：后来又改过" in page.text
    assert "导入的标题" in page.text
    undo = page.path
    page = await admin.send(undo, {"form_token": page.token})
    assert "已撤销" in page.text
    assert f'/admin/imports/{number}"' not in page.html  # it is not offered again
    assert re.search(r"已由 li 于 2026-11-24 10:\d\d 撤销", page.text)
    assert re.search(r"已由 li 于 2026-11-24 10:\d\d 撤销", (await admin.open(undo)).text)
    assert "确认撤销" not in (await admin.open(undo)).text
    assert (await admin.open("/admin/measures/mofcom-2021-63/2.13")).form()["title"] != "导入的标题"
    assert (await admin.open(path)).form()["title"] == "后来改的标题"


async def test_what_was_taught_of_an_undone_document_keeps_it(service: Service, admin: Browser) -> None:
    plan = PLAN.replace("茶叶", "瓷器").replace("茶", "瓷").replace("绿瓷", "青花瓷盘")
    await confirm(admin, await upload(admin, "瓷.txt", plan.encode(), "china-2025-8"))
    path = "/admin/measures/china-2025-8/1.1"
    page = await admin.open(path)
    await admin.send(path, page.form() | {"sector": "finance", "asked_as": "青花瓷盘怎么卖", "weight": "minor"})
    number = (await admin.open("/admin/imports")).html.partition("/admin/imports/")[2].partition('"')[0]
    page = await admin.open(f"/admin/imports/{number}")
    for line in (
        "有2项会保持现在的样子。",
        "措施 china-2025-8/1.1：后来又改过",
        "文件 china-2025-8：措施 china-2025-8/1.1还要用到它",
    ):
        assert line in page.text
    page = await admin.send(page.path, {"form_token": page.token})
    assert "已撤销这次导入。后来又改过的和还在用的内容保持现在的样子。" in page.text
    assert "某瓷发〔2025〕8号 第1条第1项" in await service.ask(service.platform.people[0].user, "青花瓷盘怎么卖")
    page = await admin.fill("/admin/knowledge/document/edit?key=china-2025-8", {"act": "delete", "revision": "1"})
    assert "已保存" not in page.text
    assert "某瓷发〔2025〕8号" in (await admin.open("/measures/china-2025-8/1.1")).text


async def test_a_measure_does_not_come_back_without_its_document(admin: Browser) -> None:
    plan = PLAN.replace("茶叶", "丝绸").replace("茶", "丝")
    await confirm(admin, await upload(admin, "丝.txt", plan.encode(), "silk-2025-8"))
    number = (await admin.open("/admin/imports")).html.partition("/admin/imports/")[2].partition('"')[0]
    await admin.fill(f"/admin/imports/{number}", {})
    page = await admin.fill("/admin/measures/silk-2025-8/1.1/history", {"revision": "1"})
    assert page.status == 409
    assert "措施 silk-2025-8/1.1要用到文件 silk-2025-8，所以没有改动" in page.text
    assert (await admin.open("/measures/silk-2025-8/1.1")).status == 404


async def test_who_would_hear_of_an_undoing_is_shown_before(service: Service, admin: Browser) -> None:
    asker = service.platform.people[0].user
    await service.ask(asker, "订阅 全部")
    await confirm(admin, await upload(admin, "更正.xlsx", sheet(["mofcom-2021-63/2.16", "又一个标题", "", ""])))
    await received(service, asker, "又一个标题")
    number = (await admin.open("/admin/imports")).html.partition("/admin/imports/")[2].partition('"')[0]
    page = await admin.open(f"/admin/imports/{number}")
    assert "已经通知过1人，他们会收到一条撤回通知" in page.text
    await admin.send(page.path, {"form_token": page.token})
    await received(service, asker, "【更新撤回】")


async def test_a_title_that_a_spreadsheet_may_bring_is_one_that_the_form_can_save(admin: Browser) -> None:
    longest = "长" * 60
    row = ["mofcom-2021-63/2.15", longest, "", ""]
    assert "最多60字" in (await upload(admin, "太长.xlsx", sheet([row[0], longest + "长", "", ""]))).text
    await confirm(admin, await upload(admin, "标题.xlsx", sheet(row)))
    path = f"/admin/measures/{row[0]}"
    form = (await admin.open(path)).form()
    refused = await admin.send(path, form | {"title": longest + "长"})
    assert (refused.status, "最多60个字" in refused.text) == (422, True)
    saved = await admin.send(path, form | {"title": "另" + longest[1:]})
    assert saved.status == 200
    assert (await admin.open(path)).form()["title"] == "另" + longest[1:]


async def test_what_was_shown_is_what_is_imported(admin: Browser) -> None:
    data = sheet(["mofcom-2021-63/2.17", "甲标题", "", ""])
    page = await upload(admin, "更正.xlsx", data)
    path = "/admin/measures/mofcom-2021-63/2.18"
    await admin.send(path, (await admin.open(path)).form() | {"title": "插队的标题"})
    again = await confirm(admin, page)
    assert again.path == page.path
    assert "预览之后有人改过内容，什么都没有导入" in again.text
    assert "预览之后有人改过内容" not in (await admin.open(page.path)).text
    assert (await admin.open("/admin/measures/mofcom-2021-63/2.17")).form()["title"] != "甲标题"


async def test_what_this_process_has_not_in_memory_is_imported_as_it_was_shown(admin: Browser) -> None:
    shown = await upload(admin, "更正.xlsx", sheet(["mofcom-2021-63/2.17", "乙标题", "", ""]))
    for number in range(KEPT):
        await upload(admin, "更正.xlsx", sheet(["mofcom-2021-63/2.17", f"丙标题{number}", "", ""]))
    assert (await confirm(admin, shown)).path == "/admin/imports"
    assert (await admin.open("/admin/measures/mofcom-2021-63/2.17")).form()["title"] == "乙标题"


@pytest.mark.parametrize(
    ("name", "data"), [("坏.docx", b"PK\x03\x04nonsense"), ("坏.exe", b"MZ"), ("空.txt", b""), ("坏.yaml", b"a: [")]
)
async def test_bad_files_are_refused_in_plain_words(admin: Browser, name: str, data: bytes) -> None:
    page = await upload(admin, name, data, "bad-1")
    assert page.status == 422
    assert "什么都没有导入" in page.text


async def test_nothing_chosen_and_a_bad_slug_are_said(admin: Browser) -> None:
    assert "请选择一个文件" in (await upload(admin, "", b"")).text
    assert "只用小写字母" in (await upload(admin, "a.txt", b"x", "Not A Slug")).text


async def test_template_and_exports_are_workbooks_and_packs(admin: Browser) -> None:
    for path in ("/admin/import/template.xlsx", "/admin/export.xlsx"):
        async with admin.session.get(admin.base + path) as answer:
            assert answer.status == 200
            assert load_workbook(io.BytesIO(await answer.read())).sheetnames
    assert "measures:" in (await admin.open("/admin/export.yaml")).html
    assert (await admin.open("/admin/export.exe")).status == 404
