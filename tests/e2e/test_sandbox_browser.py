"""The chat page of `pilotbot demo` in a real browser: the real service behind the stand-in platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from bot import demo_service
from bot.demo.model import Timing
from bot.settings import Settings
from tests.e2e.browsing import CHROMIUM, DESK, FLAGS, NARROWEST, PHONE, overflow, serious_findings, small_targets

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

TODAY = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
IMPATIENT = Timing(answer=1.0)  # s; the platform waits for 5
IN_TEXT = ".bubble"  # links in a message are part of its sentences
FOCUSED = """() => {
    const e = document.activeElement, style = getComputedStyle(e);
    const name = e === document.body ? '' : e.getAttribute('aria-label') || e.id || e.textContent.trim();
    return {name, outline: `${style.outlineStyle} ${style.outlineWidth}`};
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    settings = Settings(port=0, data_dir=tmp_path_factory.mktemp("data"), clock=TODAY, log_level="warning")
    async with demo_service.running(settings, IMPATIENT) as (base, _):
        yield base


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The chat as 张敏 sees it on a phone."""
    page = await opened(browser, address, PHONE)
    yield page
    await page.close()


async def opened(browser: Browser, address: str, viewport: ViewportSize, user: str = "zhangmin") -> Page:
    page = await browser.new_page(viewport=viewport)
    await enter(page, address, user)
    return page


async def enter(page: Page, address: str, user: str = "zhangmin") -> None:
    """Loads the chat page, and waits for the menu and for what was said before."""
    await page.goto(f"{address}/sandbox/#{user}")
    await expect(page.get_by_role("button", name="这条回答")).to_be_visible()
    await expect(replies(page).first).to_be_visible()  # the welcome, which may come later


def replies(page: Page) -> Locator:
    return page.locator(".row.app .bubble:not(.typing)")


async def ask(page: Page, text: str) -> Locator:
    """Types a message, sends it by keyboard, and waits for its answer."""
    before = await replies(page).count()
    await page.get_by_label("给试点通发消息").fill(text)
    await page.keyboard.press("Enter")
    await expect(replies(page)).to_have_count(before + 1)
    return replies(page).last


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("老外能考证吗", ["法律职业资格考试除外", "商资发2021年第63号 第1条第7项"]),
        ("QFLP", ["商资发2021年第63号 第2条第13项", "沪府规〔2020〕24号 第4条第9项"]),
        ("63号文第8条", ["63号文第8条", "共12项", "第8条第1项"]),
        ("数字人民弊", ["数字人民币", "商资发2021年第63号 第2条第17项"]),
        ("yiwangtongban", ["一网通办"]),
        ("沿海捎帶", ["洋山港", "商资发2021年第63号 第1条第12项"]),
        ("金融", ["金融", "共19项", "发“更多”继续看"]),
    ],
)
async def test_the_newcomers_questions_get_their_answers(page: Page, question: str, words: list[str]) -> None:
    answer = await ask(page, question)
    for word in words:
        await expect(answer).to_contain_text(word)


async def test_the_weather_gets_an_honest_none(page: Page) -> None:
    answer = await ask(page, "今天天气")
    await expect(answer).to_contain_text("我只会查试点政策")
    await expect(answer.get_by_role("link")).to_have_count(0)


async def test_an_example_is_one_tap(page: Page) -> None:
    before = await replies(page).count()
    await page.get_by_role("button", name="QFLP", exact=True).click()
    await expect(replies(page)).to_have_count(before + 1)
    await expect(replies(page).last).to_contain_text("QFLP")


async def test_a_list_is_paged_chosen_from_read_in_full_and_rated(page: Page) -> None:
    await ask(page, "金融")
    more = await ask(page, "更多")
    await expect(more).to_contain_text("第9—16项")
    second = await more.get_by_role("link").nth(1).inner_text()
    await expect(await ask(page, "10")).to_contain_text(f"【{second}】")
    await expect(await ask(page, "详情")).to_contain_text("官方原文还没有导入")
    await expect(await ask(page, "有用")).to_contain_text("谢谢")


async def test_a_link_opens_the_measure_on_the_phone(page: Page) -> None:
    answer = await ask(page, "老外能考证吗")
    async with page.expect_popup() as popup:
        await answer.get_by_role("link", name="查看详情").click()
    measure = await popup.value
    await expect(measure.get_by_role("heading", level=1)).to_have_text("境外人士报考专业技术类职业资格考试")
    assert measure.url.endswith("/measures/mofcom-2021-63/1.7")
    assert await overflow(measure) == 0
    await measure.close()


async def test_the_menu_at_the_bottom_acts_like_the_words(page: Page) -> None:
    await ask(page, "QFLP")
    before = await replies(page).count()
    await page.get_by_role("button", name="这条回答").click()
    await page.get_by_role("button", name="看详情").click()
    await expect(replies(page)).to_have_count(before + 1)
    await expect(replies(page).last).to_contain_text("官方原文还没有导入")
    await expect(page.locator(".note").last).to_contain_text("看详情")


async def test_each_person_has_a_chat_of_their_own_and_is_greeted_in_it(page: Page) -> None:
    await ask(page, "金融")
    await page.get_by_role("button", name="切换身份", exact=True).click()
    await page.get_by_role("button", name="大卫").click()
    await expect(replies(page)).to_have_count(1)
    await expect(replies(page).first).to_contain_text("您的提问会被记录")
    await expect(await ask(page, "3")).not_to_contain_text("外方控股")  # the other person's list


async def test_media_get_a_short_answer(page: Page) -> None:
    before = await replies(page).count()
    await page.get_by_role("button", name="发送其他内容").click()
    await page.get_by_role("button", name="语音").click()
    await expect(replies(page)).to_have_count(before + 1)
    await expect(replies(page).last).to_contain_text("语音我看不懂")


async def test_the_inspector_shows_the_wire_in_the_clear_and_sealed(page: Page) -> None:
    await ask(page, "QFLP")
    await page.get_by_role("button", name="查看报文", exact=True).click()
    inspector = page.locator("#inspector")
    for title, words in {
        "平台发出（明文）": ["<MsgType><![CDATA[text]]></MsgType>", "<Content><![CDATA[QFLP]]></Content>"],
        "签名参数": ["msg_signature=", "timestamp=", "nonce="],
        "平台发出（密文）": ["<Encrypt>"],
        "应用回复（明文）": ["<MsgType><![CDATA[text]]></MsgType>"],
        "应用回复（密文）": ["<MsgSignature>"],
    }.items():
        section = inspector.locator("details", has_text=title).first
        await section.locator("summary").click()
        for word in words:
            await expect(section.locator("pre")).to_contain_text(word)
    await expect(inspector.locator("#calls")).to_contain_text("gettoken")


async def test_saving_the_callback_shows_what_the_app_answered(page: Page) -> None:
    await page.get_by_role("button", name="查看报文", exact=True).click()
    await page.get_by_role("button", name="保存回调").click()
    exchange = page.locator("#exchange")
    await expect(exchange).to_contain_text("verify")
    await expect(exchange).to_contain_text("已回复")
    await page.keyboard.press("Escape")


async def test_the_inspector_shows_the_retry_of_a_lost_answer(page: Page) -> None:
    await page.get_by_role("button", name="查看报文", exact=True).click()
    await page.get_by_label("应用的回应").select_option(label="前 1 次收不到")
    await page.get_by_role("button", name="关闭", exact=True).click()
    await ask(page, "沿海捎帶")
    await page.get_by_role("button", name="查看报文", exact=True).click()
    attempts = page.locator("#exchange .attempt-title")
    await expect(attempts).to_have_count(2)
    await expect(attempts.first).to_contain_text("超时")
    await expect(attempts.last).to_contain_text("已回复")
    await page.get_by_label("应用的回应").select_option(label="正常")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_page_has_no_serious_accessibility_finding(
    browser: Browser, address: str, viewport: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page = await opened(browser, address, viewport)
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await ask(page, "金融")
    assert await serious_findings(page) == []
    if viewport is PHONE:
        for panel in ("切换身份", "查看报文"):
            await page.get_by_role("button", name=panel, exact=True).click()
            assert await serious_findings(page) == [], panel
            await page.keyboard.press("Escape")
    await page.close()


@pytest.mark.parametrize("width", [NARROWEST, PHONE["width"], 720, DESK["width"]])
async def test_nothing_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    page = await opened(browser, address, ViewportSize(width=width, height=740))
    await ask(page, "金融")
    await ask(page, "x" * 300)
    assert await overflow(page) == 0
    log = page.get_by_role("log")
    assert await log.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    if width < 720:
        await page.get_by_role("button", name="查看报文", exact=True).click()
        await page.locator("#exchange summary").last.click()
        assert await page.locator("#inspector .scroll").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    await page.close()


async def test_however_long_the_chat_the_page_stays_as_high_as_the_window(page: Page) -> None:
    for _ in range(6):
        await ask(page, "金融")
    log = page.get_by_role("log")
    assert await log.evaluate("e => e.scrollHeight > e.clientHeight")
    assert await page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0


async def test_everything_to_tap_is_large_enough_for_a_thumb(page: Page) -> None:
    await ask(page, "老外能考证吗")
    assert await small_targets(page, IN_TEXT) == []
    for panel in ("切换身份", "查看报文", "发送其他内容", "这条回答"):
        await page.get_by_role("button", name=panel, exact=True).click()
        assert await small_targets(page, IN_TEXT) == [], panel
        await page.keyboard.press("Escape")


async def test_shift_enter_begins_a_line_and_enter_sends(page: Page) -> None:
    box = page.get_by_label("给试点通发消息")
    await box.fill("数字")
    await box.press("Shift+Enter")
    await expect(box).to_have_value("数字\n")
    await box.fill("")
    assert "63号" in await (await ask(page, "老外能考证吗")).inner_text()
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()


async def test_focus_is_visible_on_every_stop_of_the_tab_key(browser: Browser, address: str) -> None:
    page = await opened(browser, address, PHONE, "chenchen")
    await expect(replies(page)).to_have_count(1)
    await page.keyboard.press("Tab")
    stops: list[str] = []
    while len(stops) < 40 and (stop := await page.evaluate(FOCUSED))["name"] != "":
        assert stop["outline"] in ("solid 2px", "solid 3px"), stop
        stops.append(stop["name"])
        await page.keyboard.press("Tab")
    for expected in ("跳到输入框", "切换身份", "与试点通的对话", "QFLP", "box", "板块", "这条回答"):
        assert expected in stops
    await page.close()


async def test_the_page_loads_nothing_from_elsewhere_and_says_nothing_on_the_console(
    browser: Browser, address: str
) -> None:
    page = await browser.new_page(viewport=PHONE)
    requested: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    await enter(page, address)
    await ask(page, "QFLP")
    assert {url for url in requested if not url.startswith(address + "/")} == set()
    assert said == []
    await page.close()
