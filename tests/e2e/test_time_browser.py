"""The time machine of the chat page in a real browser, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot import demo_service
from bot.demo.model import Timing
from bot.settings import Settings
from tests.e2e.browsing import CHROMIUM, DESK, FLAGS, PHONE, overflow, serious_findings, small_targets

pytestmark = pytest.mark.browser

LATER = datetime.fromisoformat("2026-11-24T10:00:00+08:00")


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    settings = Settings(port=0, data_dir=tmp_path, clock=LATER, log_level="warning")
    async with demo_service.running(settings, Timing(answer=2.0)) as (base, _), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page(viewport=PHONE)
        await page.goto(f"{base}/sandbox/")
        await expect(page.locator("#now")).to_contain_text("2026-11-24")
        await page.locator("#time summary").click()
        yield page
        await browser.close()


async def test_somebody_travels_back_follows_and_watches_the_reminders_arrive(page: Page) -> None:
    assert await overflow(page) == 0
    assert await small_targets(page, "p, dd, .log, input[type=range]") == []
    assert await serious_findings(page) == []
    await page.locator("#moment").fill("2022-04-01T10:00")
    await page.get_by_role("button", name="跳转").click()
    await expect(page.locator("#now")).to_contain_text("2022-04-01 10:00 周五")
    await expect(page.locator("#mark")).to_contain_text("2022-04-21 试点满一年")
    await page.get_by_role("button", name="让所有人发送").click()
    await expect(page.locator(".row.app").last).to_contain_text("已订阅：里程碑")
    await expect(page.locator(".badge:not([hidden])")).to_have_count(4)  # the confirmations of the others
    await page.get_by_role("button", name="下一个提醒 2022-04-02 09:10").click()
    await expect(page.locator("#now")).to_contain_text("2022-04-02 09:10 周六")
    await page.locator("#time summary").click()
    await expect(page.get_by_role("button", name="明天再提醒")).to_be_in_viewport()  # what is newest stays in sight
    await expect(page.locator(".template-card").last).to_contain_text("试点中期：还有33天")
    await page.get_by_role("button", name="明天再提醒").click()
    await expect(page.locator(".template-card").last).to_contain_text("04-06 09:10 再提醒")
    await page.get_by_role("button", name="已完成").click()
    await expect(page.locator(".card-replaced").last).to_have_text("已完成")
    await page.set_viewport_size(DESK)
    assert await overflow(page) == 0


async def test_a_day_can_be_dragged_to(page: Page) -> None:
    await page.locator("#day").evaluate(
        "(e) => { e.value = String(Date.parse('2021-05-01') / 86400000);"
        " for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, { bubbles: true })); }"
    )
    await expect(page.locator("#now")).to_contain_text("2021-05-01 12:00")
