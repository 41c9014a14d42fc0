"""What the browser tests share: windows, and what every page must be."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=800)
NARROWEST = 320  # CSS pixels that WCAG 1.4.10 asks pages to fit into
TAP = 44  # CSS pixels

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = "/usr/bin/chromium"

# Links inside a sentence are as high as their line; a card is one large target.
_SMALL_TARGETS = """([tap, inText]) => [...document.querySelectorAll('a, button, select, textarea, summary, input:not([type=hidden])')]
    .filter(e => e.checkVisibility() && !e.closest(inText) && !e.matches('.skip'))
    .map(e => e.closest('.card') || e)
    .filter(e => e.getBoundingClientRect().width < tap || e.getBoundingClientRect().height < tap)
    .map(e => e.outerHTML)"""


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def small_targets(page: Page, in_text: str = "p, dd") -> list[str]:
    """What is visible and too small for a thumb; links inside `in_text` are part of a sentence."""
    found: list[str] = await page.evaluate(_SMALL_TARGETS, [TAP, in_text])
    return found


async def serious_findings(page: Page) -> list[tuple[str, list[str]]]:
    """Axe's serious and critical findings: rule and elements."""
    results = await Axe().run(page)
    found = [v for v in results.response["violations"] if v["impact"] in ("serious", "critical")]
    return [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
