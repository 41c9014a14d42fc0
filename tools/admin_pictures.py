"""`python -m tools.admin_pictures`: takes the pictures of the admins' guide anew, from the real pages. Needs Chromium."""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from playwright.async_api import FilePayload, Page, async_playwright
from pydantic import SecretStr

from bot import demo_service
from bot.demo.platform import Platform
from bot.settings import Settings

FOLDER = Path(__file__).parent.parent / "docs" / "images"
TOKEN = "picture"  # noqa: S105  of a service that lives for these pictures alone
WIDTH, HEIGHT = 820, 640  # CSS pixels
HALF_A_SECOND = 0.5  # questions are journaled behind their answers
QUESTIONS = ("洋女婿能落户吗", "洋女婿可以落户吗", "无人机快递怎么申请", "老外能考证吗")
ROWS = (
    ("编号", "标题", "摘要", "板块", "生效日期"),
    ("mofcom-2021-63/2.13", "合格境外有限合伙人试点", "", "", ""),
    ("mofcom-2021-63/2.14", "", "", "", "2026-13-45"),
    ("2.15", "好的标题", "", "", ""),
    ("mofcom-2021-63/2.15", "", "", "金蓉", ""),
)


async def take(chromium: str, folder: Path) -> None:
    """Works as an admin would, and saves what the pages show."""
    settings = Settings(port=0, log_level="error", admin_token=SecretStr(TOKEN))
    async with demo_service.running(settings) as (base, platform), async_playwright() as playwright:
        await _ask(platform)
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN")
        await _sign_in(page, base)
        await _correct(page, base, folder)
        await _import(page, base, folder)
        await _undo(page, base, folder)
        await page.goto(f"{base}/admin/learning")
        await page.locator("form.case").last.screenshot(path=folder / "admin-learning.png")
        await page.goto(f"{base}/admin/knowledge/pilot/edit?key=mofcom-2021-63")
        await page.screenshot(path=folder / "admin-pilot.png")
        await page.goto(f"{base}/admin/broadcasts")
        await page.get_by_label("内容").fill("下周一下午两点举办跨境服务贸易政策解读，欢迎参加。")
        await page.get_by_role("button", name="预览").click()
        await page.screenshot(path=folder / "admin-broadcast.png")
        await browser.close()


async def _ask(platform: Platform) -> None:
    for number, question in enumerate(QUESTIONS):
        await platform.say(platform.people[number % 3].user, question)
    await asyncio.sleep(HALF_A_SECOND)


async def _sign_in(page: Page, base: str) -> None:
    await page.goto(f"{base}/admin/")
    await page.get_by_label("管理口令").fill(TOKEN)
    await page.get_by_role("button", name="登录").click()


async def _correct(page: Page, base: str, folder: Path) -> None:
    await page.goto(f"{base}/admin/measures/mofcom-2021-63/2.13")
    await page.screenshot(path=folder / "admin-measure.png")
    await page.get_by_label("摘要").fill("对合格境外有限合伙人（QFLP）试点，扩大额度和投资范围。")
    await page.get_by_role("button", name="保存").click()
    await page.get_by_role("link", name="历史版本").click()
    await page.screenshot(path=folder / "admin-history.png")


async def _import(page: Page, base: str, folder: Path) -> None:
    await _upload(page, base, _sheet(ROWS))
    await page.get_by_role("link", name="下载出错的行").wait_for()
    await page.screenshot(path=folder / "admin-import.png")


async def _undo(page: Page, base: str, folder: Path) -> None:
    await _upload(page, base, _sheet(ROWS[:2]))
    await page.get_by_role("button", name="确认导入").click()
    await page.get_by_role("link", name="撤销这次导入").click()
    await page.get_by_role("button", name="确认撤销").click()
    await page.get_by_text("已撤销这次导入").wait_for()
    await page.screenshot(path=folder / "admin-undone.png")


async def _upload(page: Page, base: str, data: bytes) -> None:
    await page.goto(f"{base}/admin/import")
    file = FilePayload(name="更正.xlsx", mimeType="application/octet-stream", buffer=data)
    await page.get_by_label("文件", exact=True).set_input_files(file)
    await page.get_by_role("button", name="上传并预览").click()


def _sheet(rows: Sequence[Sequence[str]]) -> bytes:
    book, data = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(data)
    return data.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.admin_pictures", description="Takes the guide's pictures.")
    parser.add_argument("--chromium", default="/usr/bin/chromium", metavar="FILE", help="the browser to use")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER", help="where to save them")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(options.chromium, options.to))


if __name__ == "__main__":
    main()
