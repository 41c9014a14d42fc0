"""The pages for people in a real browser, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright

from tests.bot.web.shelf import GREEN, OLD, PUBLIC_URL, TEA, application, serving
from tests.e2e.browsing import CHROMIUM, DESK, FLAGS, NARROWEST, PHONE, overflow, serious_findings, small_targets

pytestmark = pytest.mark.browser

PATHS = (
    "/measures",
    "/measures?page=2&sector=shop",
    f"/measures?document={TEA.slug}",
    "/measures?q=绿茶",
    "/measures?q=茶",
    "/measures?q=可乐&sector=shop",
    f"/measures/{GREEN.id}",
    f"/measures/{OLD.id}",
    "/measures/none/1.1",
    "/fails",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async with serving(application()) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_no_page_has_a_serious_accessibility_finding(
    browser: Browser, site: str, viewport: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page = await browser.new_page(viewport=viewport, color_scheme=scheme)
    for path in PATHS:
        await page.goto(site + path)
        assert await serious_findings(page) == [], path


@pytest.mark.parametrize("width", [NARROWEST, PHONE["width"], DESK["width"]])
async def test_no_page_scrolls_sideways(browser: Browser, site: str, width: int) -> None:
    page = await browser.new_page(viewport={"width": width, "height": 740})
    for path in PATHS:
        await page.goto(site + path)
        assert await overflow(page) == 0, path


async def test_everything_to_tap_is_large_enough_for_a_thumb(browser: Browser, site: str) -> None:
    page = await browser.new_page(viewport=PHONE)
    for path in PATHS:
        await page.goto(site + path)
        assert await small_targets(page) == [], path


async def test_pages_load_nothing_from_elsewhere_and_break_no_policy(browser: Browser, site: str) -> None:
    page = await browser.new_page()
    requested: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in ("/measures", f"/measures/{GREEN.id}"):
        await page.goto(site + path)
    assert {url for url in requested if not url.startswith(site + "/")} == set()
    assert said == []


async def test_a_question_is_asked_and_answered_by_keyboard_and_without_script(browser: Browser, site: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(site + "/measures")
    await page.get_by_role("searchbox", name="查找试点措施").focus()
    await page.keyboard.type("绿茶")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="找到 1 条").wait_for()
    await page.get_by_role("link", name=GREEN.title).focus()
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{site}/measures/{GREEN.id}")
    await context.close()


async def test_the_first_tab_stop_skips_to_the_content(browser: Browser, site: str) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(site + "/measures")
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    box = await skip.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"


async def test_focus_is_visible_on_every_kind_of_control(browser: Browser, site: str) -> None:
    page = await browser.new_page()
    await page.goto(site + "/measures")
    for selector in (".wordmark", "input[type=search]", "button", ".chip", ".pager a"):
        await page.locator("main").focus()
        await page.locator(selector).first.focus()
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Tab")
        outline = await page.locator(selector).first.evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline == "solid", selector


async def test_a_filter_chosen_by_tap_stays_while_paging(browser: Browser, site: str) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.goto(site + "/measures")
    await page.get_by_role("navigation", name="按板块筛选").get_by_role("link", name="茶店").click()
    await page.get_by_role("link", name="下一页").click()
    await page.wait_for_url("**/measures?sector=shop&page=2")
    chosen = page.get_by_role("navigation", name="按板块筛选").locator("[aria-current]")
    assert (await chosen.inner_text()).split() == ["茶店", "43"]


async def test_a_chosen_filter_is_in_sight_and_the_page_opens_at_its_top(browser: Browser, site: str) -> None:
    for width, height in ((NARROWEST, 300), (DESK["width"], 300)):
        page = await browser.new_page(viewport=ViewportSize(width=width, height=height))
        await page.goto(site + "/measures?sector=shop")
        assert await page.evaluate("scrollY") == 0
        box = await page.get_by_role("navigation", name="按板块筛选").locator("[aria-current]").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width


async def test_paper_is_black_on_white_without_navigation_and_with_addresses(browser: Browser, site: str) -> None:
    page = await browser.new_page(color_scheme="dark")
    await page.emulate_media(media="print")
    await page.goto(f"{site}/measures/{GREEN.id}")
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    assert await page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    for hidden in (".top nav", ".crumbs", ".neighbours"):
        assert not await page.locator(hidden).first.is_visible()
    assert await page.get_by_text(f"本页地址：{PUBLIC_URL}/measures/{GREEN.id}").is_visible()
    after = "e => getComputedStyle(e, '::after').content"
    shown = await page.get_by_role("link", name="官方网站上的全文").evaluate(after)
    assert TEA.source_url is not None
    assert TEA.source_url in shown
