"""Correcting, adding and retiring measures, as an admin does it; the chat answers from it at once."""

from __future__ import annotations

import pytest

from tests.bot.web.admin.desk import Browser, Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOME = "/admin/measures/mofcom-2021-63/2.13"
OTHER = "/admin/measures/mofcom-2021-63/2.14"


async def test_measures_are_found_by_id_words_and_questions(admin: Browser) -> None:
    assert "mofcom-2021-63/2.13" in (await admin.open("/admin/measures?q=mofcom-2021-63/2.13")).text
    assert "QFLP" in (await admin.open("/admin/measures?q=QFLP")).text
    everything = await admin.open("/admin/measures")
    assert "第 1 页" in everything.text
    assert "没有符合条件的措施" in (await admin.open("/admin/measures?status=retired&q=QFLP")).text


async def test_a_corrected_summary_is_answered_by_chat_at_once(service: Service, admin: Browser) -> None:
    form = (await admin.open(SOME)).form()
    page = await admin.send(
        SOME, form | {"summary": "改过的摘要，说得更清楚了。", "reason": "更清楚", "weight": "minor"}
    )
    assert "已保存" in page.text
    assert page.value("revision") == str(int(form["revision"]) + 1)
    asker = service.platform.people[2].user
    assert "改过的摘要，说得更清楚了。" in await service.ask(asker, form["title"], "详情")


async def test_the_history_tells_who_when_why_and_what_word_by_word(admin: Browser) -> None:
    form = (await admin.open(OTHER)).form()
    await admin.send(OTHER, form | {"title": "崭新的标题", "reason": "试改", "weight": "minor"})
    page = await admin.open(f"{OTHER}/history")
    for part in ("第2版", "第1版", "li", "试改", "2026-11-24", "标题"):
        assert part in page.text
    assert "<ins>" in page.html
    assert "<del>" in page.html


async def test_an_older_version_is_restored_as_a_new_one(admin: Browser) -> None:
    first = (await admin.open("/admin/measures/mofcom-2021-63/2.15")).form()
    path = "/admin/measures/mofcom-2021-63/2.15"
    await admin.send(path, first | {"title": "临时的标题"})
    page = await admin.fill(f"{path}/history", {"revision": first["revision"]})
    assert "已恢复" in page.text
    now = (await admin.open(path)).form()
    assert now["title"] == first["title"]
    assert int(now["revision"]) == int(first["revision"]) + 2


async def test_two_admins_do_not_overwrite_each_other(service: Service, admin: Browser) -> None:
    path = "/admin/measures/mofcom-2021-63/2.16"
    async with service.admin() as second:
        mine, theirs = (await admin.open(path)).form(), (await second.open(path)).form()
        await second.send(path, theirs | {"summary": "第二位管理员的摘要。"})
        page = await admin.send(path, mine | {"summary": "第一位管理员的摘要。", "note": "请留意"})
        assert page.status == 409
        assert "还没有保存" in page.text
        assert "第二位管理员" in page.text  # what the other one changed
        assert page.value("note") == "请留意"  # nothing typed is lost
        assert (await second.open(path)).form()["summary"] == "第二位管理员的摘要。"
        decided = await admin.send(path, page.form())
        assert "已保存" in decided.text


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(admin: Browser) -> None:
    form = (await admin.open("/admin/measures/mofcom-2021-63/2.17")).form()
    wrong = {
        "title": "",
        "summary": "长" * 200,
        "link": "javascript:alert(1)",
        "replaced_by": "no/1.1",
        "valid_from": "2026-02-01",
        "valid_to": "2026-01-01",
        "also_in": "no/2.2",
        "weight": "urgent",
        "asked_as": "留着的问法",
    }
    page = await admin.send("/admin/measures/mofcom-2021-63/2.17", form | wrong)
    assert page.status == 422
    for line in ("改好标出的7处", "请填写这一项", "最多120个字", "https://", "no/1.1", "no/2.2", "早于", "写明理由"):
        assert line in page.text
    assert page.value("asked_as").strip() == "留着的问法"
    assert (await admin.open("/admin/measures/mofcom-2021-63/2.17")).form() | {"form_token": ""} == form | {
        "form_token": ""
    }


async def test_a_retired_measure_is_not_answered_and_its_page_names_the_new_one(
    service: Service, admin: Browser
) -> None:
    path = "/admin/measures/mofcom-2021-63/2.18"
    form = (await admin.open(path)).form()
    await admin.send(path, form | {"status": "retired", "replaced_by": "mofcom-2021-63/2.13"})
    public = await admin.open("/measures/mofcom-2021-63/2.18")
    assert public.status == 200
    assert "已停用" in public.text
    assert "mofcom-2021-63/2.13" in public.html
    assert "retired" not in await service.ask(service.platform.people[3].user, form["title"])


async def test_a_new_measure_answers_and_a_taken_place_is_refused(service: Service, admin: Browser) -> None:
    blank = await admin.open("/admin/measures/new?document=mofcom-2021-63&asked_as=蓝鲸能不能进港")
    fields = blank.form() | {
        "title": "蓝鲸进港便利",
        "summary": "允许蓝鲸在休渔期进港。",
        "sector": "logistics",
        "item": "2",
    }
    page = await admin.send("/admin/measures/new", fields | {"ordinal": "13"})
    assert page.status == 409
    assert "已经有措施" in page.text
    page = await admin.send("/admin/measures/new", fields | {"ordinal": "990"})
    assert page.path == "/admin/measures/mofcom-2021-63/2.990"
    assert "蓝鲸进港便利" in await service.ask(service.platform.people[4].user, "蓝鲸能不能进港")


async def test_a_question_is_explained(admin: Browser) -> None:
    page = await admin.open("/admin/explain?q=QFLP")
    assert "直接回答" in page.text
    assert "作为回答" in page.text


async def test_every_change_is_on_record(admin: Browser) -> None:
    page = await admin.open("/admin/audit")
    for part in ("修改1项措施", "新增1项措施", "载入自带知识", "登录", "li"):
        assert part in page.text


async def test_what_is_not_there_is_404(admin: Browser) -> None:
    for path in ("/admin/measures/no/1.1", "/admin/measures/no/1.1/history", "/admin/nothing"):
        assert (await admin.open(path)).status == 404
