"""Deadlines of an imported text become milestones by a click, before the import or after it."""

from __future__ import annotations

import pytest

from tests.bot.web.admin.desk import Browser, Service
from tests.bot.web.admin.test_imports import upload

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Written by us; no such document exists.
PLAN = """某市竹编工艺传承工作方案

某竹发〔2026〕3号

2026年3月1日

一、建好工坊
（一）建设五个竹编工坊，2027年6月底前建成。
（二）组织技艺评选，2027年底前完成。
二、打开销路
（一）开设竹编线上专馆，2028年底前上线。
"""
SLUG = "bamboo-2026-3"
BUILT, CHOSEN, ONLINE = (f"{SLUG}/due-{rest}" for rest in ("1-1-20270630", "2-1-20271231", "3-1-20281231"))


async def dates(admin: Browser) -> dict[str, tuple[str, bool]]:
    """Milestone of the plan -> date, and whether it is derived."""
    async with admin.session.get(f"{admin.base}/api/v1/milestones") as answer:
        listed = await answer.json()
    return {m["milestone"]: (m["date"], m["derived"]) for m in listed if m["pilot"] == SLUG}


async def test_what_is_ticked_in_the_preview_is_imported_as_a_milestone(admin: Browser) -> None:
    page = await upload(admin, "竹编.txt", PLAN.encode(), SLUG)
    assert "2027-06-30 建设五个竹编工坊（2027年6月底前）" in page.text
    fields = {"form_token": page.token, "version": page.value("version"), "milestone": BUILT}
    await admin.settled(await admin.send(page.path, fields))
    assert await dates(admin) == {
        "start": ("2026-03-01", True),
        "due-1-1-20270630": ("2027-06-30", False),
    }


async def test_the_others_are_offered_on_the_pages_of_document_and_pilot(service: Service, admin: Browser) -> None:
    pages = [await admin.open(f"/admin/knowledge/{kind}/edit?key={SLUG}") for kind in ("document", "pilot")]
    for page in pages:
        assert BUILT not in page.html
        assert f'value="{CHOSEN}"' in page.html
    done = await admin.send(f"/admin/proposals/{SLUG}", {"form_token": pages[0].token, "accept": CHOSEN})
    assert "已设为里程碑" in done.text
    assert CHOSEN not in done.html
    assert (await dates(admin))["due-2-1-20271231"] == ("2027-12-31", False)
    assert "组织技艺评选" in (await admin.open("/milestones")).text


async def test_an_ignored_one_is_not_offered_again(admin: Browser) -> None:
    page = await admin.open(f"/admin/proposals/{SLUG}")
    done = await admin.send(page.path, {"form_token": page.token, "ignore": ONLINE})
    assert "没有待定的期限" in done.text
    assert "due-3-1-20281231" not in await dates(admin)
    again = await admin.send(page.path, {"form_token": page.token, "accept": ONLINE})
    assert again.status == 200
    assert "due-3-1-20281231" not in await dates(admin)


async def test_the_same_file_again_proposes_nothing(admin: Browser) -> None:
    page = await upload(admin, "竹编.txt", PLAN.encode(), SLUG)
    assert "完全一样" in page.text
    assert "文中有期限" not in page.text


async def test_a_document_without_a_date_needs_one_first(admin: Browser) -> None:
    page = await upload(admin, "竹编.txt", PLAN.replace("2026年3月1日", "").encode(), "bamboo-undated")
    fields = {"form_token": page.token, "version": page.value("version")}
    refused = await admin.send(page.path, fields | {"milestone": "bamboo-undated/due-1-1-20270630"})
    assert "请先填写发文日期" in (await admin.settled(refused)).text
    assert "bamboo-undated" not in (await admin.open("/admin/knowledge/document")).html
    await admin.settled(await admin.send(page.path, fields))
    page = await admin.open("/admin/proposals/bamboo-undated")
    answer = await admin.send(page.path, {"form_token": page.token, "accept": "bamboo-undated/due-1-1-20270630"})
    assert answer.status == 409
    assert "请先填写发文日期" in answer.text


async def test_a_document_that_does_not_exist_has_no_page(admin: Browser) -> None:
    assert (await admin.open("/admin/proposals/no-such")).status == 404
