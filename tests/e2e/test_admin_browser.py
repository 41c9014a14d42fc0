"""A new admin at work, in the browser alone: each journey of the admin pages at the first attempt."""

from __future__ import annotations

import asyncio
import io
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.async_api import Browser, FilePayload, Page, async_playwright

from tests.bot.web.admin.desk import TOKEN, Service, running
from tests.e2e.browsing import CHROMIUM, DESK, FLAGS, NARROWEST, PHONE, overflow, serious_findings, small_targets
from tests.reference import MEASURES, SEEDS, needs_reference, plain

pytestmark = pytest.mark.browser

# Written by us; no such document exists.
PLAN = """某市茶叶流通便利化工作方案

某茶发〔2025〕8号

一、拓宽销路
（一）允许茶园直接向境外客商出售当年绿茶。
（二）支持茶馆开展夜间品鉴活动。
二、改进管理
（一）发酵室改为备案管理，2026年底前完成。
"""
PATHS = (
    "/admin/measures",
    "/admin/measures/new",
    "/admin/measures/mofcom-2021-63/2.13",
    "/admin/measures/mofcom-2021-63/2.13/history",
    "/admin/explain?q=QFLP",
    "/admin/learning?all=1",
    "/admin/import",
    "/admin/imports",
    "/admin/knowledge/document",
    "/admin/knowledge/pilot/edit?key=mofcom-2021-63",
    "/admin/proposals/mofcom-2021-63",
    "/admin/people",
    "/admin/deliveries",
    "/admin/broadcasts",
    "/admin/statistics",
    "/admin/audit",
)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser, service: Service) -> Page:
    """The pages, with somebody signed in."""
    page = await browser.new_page(viewport=DESK, locale="zh-CN")
    await signed_in(page, service)
    return page


async def signed_in(page: Page, service: Service) -> None:
    await page.goto(f"{service.base}/admin/")
    await page.get_by_label("管理口令").fill(TOKEN)
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("heading", level=1, name="措施").wait_for()


async def upload(page: Page, name: str, data: bytes, slug: str = "") -> None:
    await page.get_by_role("link", name="导入", exact=True).click()
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=data)
    await page.get_by_label("文件", exact=True).set_input_files(file)
    await page.get_by_label("文件代号").fill(slug)
    await page.get_by_role("button", name="上传并预览").click()
    await page.get_by_role("heading", level=1, name=name).wait_for()


def sheet(*rows: list[str]) -> bytes:
    book, data = Workbook(), io.BytesIO()
    for row in (["编号", "标题", "摘要", "板块", "生效日期"], *rows):
        book.worksheets[0].append(row)
    book.save(data)
    return data.getvalue()


async def test_a_document_is_loaded_and_its_import_undone(page: Page, service: Service) -> None:
    await upload(page, "方案.txt", PLAN.encode(), "tea-2025-8")
    await page.get_by_role("button", name="确认导入").click()
    await page.get_by_text("已导入，聊天里马上生效").wait_for()
    asker = service.platform.people[0].user
    assert "茶园" in await service.ask(asker, "茶园直接向境外客商出售当年绿茶")
    await page.get_by_role("link", name="撤销这次导入").first.click()
    await page.get_by_role("button", name="确认撤销").click()
    await page.get_by_text("已撤销这次导入").wait_for()
    assert "茶园" not in await service.ask(asker, "茶园直接向境外客商出售当年绿茶")


@needs_reference
async def test_both_official_documents_give_every_measure_its_wording(page: Page, service: Service) -> None:
    rows = [json.loads(line) for line in MEASURES.read_text("utf-8").splitlines()]
    wanted = {row["id"]: (row["sector"], plain(row["text"])) for row in rows}
    by_document = Counter(row["doc"] for row in rows)
    for document, seed in zip(("mofcom-2021-63", "shanghai-2020-24"), SEEDS, strict=True):
        await upload(page, seed.name, seed.read_bytes())
        await page.get_by_text(f"新增 0，修改 {by_document[document]}，不变 0，停用 0").wait_for()
        await page.get_by_role("button", name="确认导入").click()
        await page.get_by_text("已导入，聊天里马上生效").wait_for()
    assert by_document == {"mofcom-2021-63": 92, "shanghai-2020-24": 34}
    found = {id_: await _sector_and_wording(page, f"{service.base}/measures/{id_}") for id_ in wanted}
    assert found == wanted
    for document, number in by_document.items():  # and there are no others
        await page.goto(f"{service.base}/measures?document={document}")
        await page.get_by_text(f"共 {number} 条措施").wait_for()


async def _sector_and_wording(page: Page, address: str) -> tuple[str, str]:
    """What the page of a measure shows as its primary sector (code) and official wording."""
    await page.goto(address)
    first = page.get_by_role("list", name="板块").get_by_role("link").first
    wording = await page.get_by_role("region", name="官方原文").get_by_role("blockquote").inner_text()
    return str(await first.get_attribute("href")).partition("sector=")[2], plain(wording)


async def test_deadlines_in_a_text_become_milestones_by_a_click(page: Page, service: Service) -> None:
    dated = PLAN.replace("〔2025〕8号", "〔2025〕8号\n\n2025年3月1日").replace(
        "品鉴活动", "品鉴活动，2027年底前办满十场"
    )
    await upload(page, "方案.txt", dated.encode(), "tea-2025-8")
    await page.get_by_label("发酵室改为备案管理，2026年底前完成（2026年底前）").check()
    assert await serious_findings(page) == []
    await page.get_by_role("button", name="确认导入").click()
    await page.get_by_text("已导入，聊天里马上生效").wait_for()
    await page.goto(f"{service.base}/admin/knowledge/pilot/edit?key=tea-2025-8")
    assert await page.get_by_text("2026-12-31 发酵室改为备案管理").count() == 0  # that one is decided
    await page.get_by_role("button", name="设为里程碑").click()
    await page.get_by_text("已设为里程碑").wait_for()
    assert await serious_findings(page) == []
    await page.goto(f"{service.base}/milestones")
    for date in ("2026年12月31日", "2027年12月31日"):
        assert await page.get_by_text(date).count(), date
    assert await page.get_by_text("原文写明的期限").count() == 2


async def test_a_summary_is_corrected(page: Page, service: Service) -> None:
    await page.get_by_label("编号、文字或问题").fill("QFLP")
    await page.get_by_role("button", name="查找").click()
    await page.get_by_role("link", name="QFLP").first.click()
    title = await page.get_by_label("标题", exact=True).input_value()
    await page.get_by_label("摘要").fill("改过的摘要，一看就懂。")
    await page.get_by_role("button", name="保存").click()
    await page.get_by_text("已保存，聊天里马上生效").wait_for()
    assert "改过的摘要，一看就懂。" in await service.ask(service.platform.people[0].user, title)
    await page.get_by_role("link", name="历史版本").click()
    assert "改过的摘要" in await page.locator("ins").first.inner_text()


async def test_three_bad_rows_are_named_and_given_back(page: Page) -> None:
    rows = (
        ["mofcom-2021-63/2.13", "好的标题", "好的摘要。", "金融", ""],
        ["mofcom-2021-63/2.14", "好的标题", "好的摘要。", "金融", "2026-13-45"],
        ["没有编号", "好的标题", "好的摘要。", "金融", ""],
        ["mofcom-2021-63/2.15", "好的标题", "好的摘要。", "没有的板块", ""],
    )
    await upload(page, "更正.xlsx", sheet(*rows))
    await page.get_by_text("有3处要改，什么都没有导入").wait_for()
    cells = [await row.locator("td").all_inner_texts() for row in await page.locator("tbody tr").all()]
    assert [cell[:2] for cell in cells] == [["3", "E"], ["4", "A"], ["5", "D"]]
    async with page.expect_download() as started:
        await page.get_by_role("link", name="下载出错的行").click()
    path = await (await started.value).path()
    given_back = load_workbook(io.BytesIO(path.read_bytes())).worksheets[0].values
    assert len(list(given_back)) == 4  # the header and the three


async def test_an_unanswered_question_becomes_an_answered_one(page: Page, service: Service) -> None:
    asker = service.platform.people[1].user
    await service.ask(asker, "青鸾信托怎么设")
    await asyncio.sleep(0.3)
    await page.goto(f"{service.base}/admin/learning?all=1")
    case = page.locator("form.case").filter(has_text="青鸾信托怎么设")
    await case.get_by_label("其他措施的编号").fill("mofcom-2021-63/2.13")
    await case.get_by_role("button", name="加为它的问法").click()
    await page.get_by_text("30天内问过的人会收到答案").wait_for()
    assert "QFLP" in await service.ask(asker, "青鸾信托怎么设")
    for _ in range(40):
        if any("现在可以答复了" in reply for reply in service.platform.replies(asker)):
            break
        await asyncio.sleep(0.1)
    assert sum("现在可以答复了" in reply for reply in service.platform.replies(asker)) == 1


@pytest.mark.parametrize("width", [NARROWEST, PHONE["width"], DESK["width"]])
async def test_every_page_fits_its_window_and_is_accessible(browser: Browser, service: Service, width: int) -> None:
    await service.ask(service.platform.people[0].user, "青鸾信托怎么设")
    page = await browser.new_page(viewport={"width": width, "height": 740})
    await signed_in(page, service)
    for path in PATHS:
        await page.goto(service.base + path)
        assert await overflow(page) == 0, path
        assert await serious_findings(page) == [], path
        assert await small_targets(page, "p, dd, .rows, .options, .near, datalist") == [], path
