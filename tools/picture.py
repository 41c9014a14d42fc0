"""`python -m tools.picture`: takes the README's picture of the chat page anew, from the real demo. Needs Chromium."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from bot import demo_service
from bot.settings import Settings

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "chat.png"
QUESTIONS = ("数字人民弊", "老外能考证吗")  # the first with a wrong character
WIDTH, HEIGHT = 1200, 780  # CSS pixels: people, chat and inspector side by side


async def take(chromium: str, target: Path) -> None:
    """Asks the questions as a newcomer would, and saves what the page shows."""
    async with demo_service.running(Settings(port=0, log_level="error")) as (base, _), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await _photograph(browser, f"{base}/sandbox/", target)
        await browser.close()


async def _photograph(browser: Browser, address: str, target: Path) -> None:
    page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
    await page.goto(address)
    replies = page.locator(".row.app .bubble:not(.typing)")
    await replies.first.wait_for()
    for number, question in enumerate(QUESTIONS, 1):
        await page.get_by_label("给试点通发消息").fill(question)
        await page.keyboard.press("Enter")
        await replies.nth(number).wait_for()
    await page.locator("#exchange summary").first.click()
    target.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=target)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.picture", description="Takes the README's picture.")
    parser.add_argument("--chromium", default="/usr/bin/chromium", metavar="FILE", help="the browser to use")
    parser.add_argument("--to", type=Path, default=PICTURE, metavar="FILE", help="where to save it")
    options = parser.parse_args()
    asyncio.run(take(options.chromium, options.to))


if __name__ == "__main__":
    main()
