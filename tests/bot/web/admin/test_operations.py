"""Running the service from the pages: people, deliveries, broadcasts, other knowledge, statistics."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.demo.faults import Effect, Fault
from tests.bot.web.admin.desk import Browser, Service
from tests.bot.web.admin.test_imports import confirm, sheet, upload

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def pushed(service: Service, user: str, words: str) -> int:
    """How many messages with these words a person has got, after a while."""
    for _ in range(40):
        if found := sum(words in reply for reply in service.platform.replies(user)):
            return found
        await asyncio.sleep(0.1)
    return 0


async def test_a_department_is_subscribed_with_those_below_it(service: Service, admin: Browser) -> None:
    form = {"topic": "sector:tourism", "act": "subscribe"}
    page = await admin.fill("/admin/people", form | {"users": "zhangmin", "department": "2"})
    assert "已订阅" in page.text
    assert "旅游 2" in page.text
    page = await admin.fill("/admin/people", form | {"department": "1"})
    assert f"旅游 {len(service.platform.people)}" in page.text


@pytest.mark.parametrize(
    ("department", "errcode", "told"),
    [
        ("99", 0, "没有编号为“99”的部门"),
        ("二", 0, "没有编号为“二”的部门"),
        ("1", 60011, "应用看不到这个部门的成员"),
        ("1", -1, "企业微信暂时没有给出部门成员"),
    ],
)
async def test_a_department_that_cannot_be_listed_is_told_in_plain_words(
    service: Service, admin: Browser, department: str, errcode: int, told: str
) -> None:
    if errcode:
        service.platform.faults.add(Fault(Effect.ERRCODE, "user/simplelist", errcode=errcode))
    page = await admin.fill("/admin/people", {"department": department, "topic": "milestones", "act": "subscribe"})
    assert page.status == 422
    assert told in page.text


async def test_many_people_are_subscribed_at_once_and_again_changes_nothing(service: Service, admin: Browser) -> None:
    users = "\n".join(person.user.upper() for person in service.platform.people)
    page = await admin.fill("/admin/people", {"users": users, "topic": "sector:finance", "act": "subscribe"})
    assert "已订阅" in page.text
    assert f"金融 {len(service.platform.people)}" in page.text
    page = await admin.fill("/admin/people", {"users": users, "topic": "sector:finance", "act": "subscribe"})
    assert "没有变化" in page.text
    person = await admin.open(f"/admin/people?user={service.platform.people[0].user}")
    assert "金融" in person.text
    page = await admin.fill(
        "/admin/people", {"users": service.platform.people[4].user, "topic": "sector:finance", "act": "unsubscribe"}
    )
    assert "已退订" in page.text


async def test_a_name_that_is_none_is_said_and_nobody_is_subscribed(admin: Browser) -> None:
    page = await admin.fill("/admin/people", {"users": "good\n<b>", "topic": "milestones", "act": "subscribe"})
    assert page.status == 422
    assert "“<b>”不是企业微信账号" in page.text
    assert "没有" in (await admin.open("/admin/people?user=good")).text


async def test_a_broadcast_is_previewed_tried_confirmed_once_and_on_record(service: Service, admin: Browser) -> None:
    page = await admin.fill("/admin/broadcasts", {"text": "下周一培训", "topic": "sector:finance"})
    assert page.path.startswith("/admin/broadcasts/")
    assert "4人" in page.text
    assert "【通知】下周一培训" in page.text
    trial = await admin.send(page.path, {"form_token": page.token, "act": "try", "user": "wangfang"})
    assert "已试发" in trial.text
    assert await pushed(service, "wangfang", "【试发】下周一培训") == 1
    other = next(p.user for p in service.platform.people[:4] if p.user.lower() != "wangfang")
    assert not any("下周一培训" in reply for reply in service.platform.replies(other))
    for _ in range(2):
        await admin.send(page.path, {"form_token": page.token, "act": "confirm"})
    assert await pushed(service, other, "【通知】下周一培训") == 1
    deliveries = await admin.open("/admin/deliveries")
    assert "下周一培训" in deliveries.text
    assert "发布" in (await admin.open("/admin/audit")).text


async def test_an_empty_or_long_broadcast_is_refused(admin: Browser) -> None:
    for text, said in (("  ", "不能为空"), ("长" * 900, "请缩短")):
        page = await admin.fill("/admin/broadcasts", {"text": text, "topic": ""})
        assert page.status == 422
        assert said in page.text


async def test_all_sending_stops_and_goes_on_and_nothing_is_lost(service: Service, admin: Browser) -> None:
    page = await admin.fill("/admin/deliveries", {"act": "freeze", "reason": "演练"})
    assert "管理员停止了推送" in page.text
    assert "（li，演练）" in page.text
    page = await admin.fill("/admin/broadcasts", {"text": "停发期间", "topic": "sector:finance"})
    assert "推送现在停着" in page.text
    await admin.send(page.path, {"form_token": page.token, "act": "confirm"})
    await asyncio.sleep(0.5)
    other = service.platform.people[1].user
    assert not any("停发期间" in reply for reply in service.platform.replies(other))
    page = await admin.fill("/admin/deliveries", {"act": "release"})
    assert "已恢复推送" in page.text
    assert await pushed(service, other, "停发期间") == 1


async def test_a_delivery_is_shown_person_by_person_and_sent_again_visibly(service: Service, admin: Browser) -> None:
    listed = await admin.open(f"/admin/deliveries?user={service.platform.people[1].user}")
    path = "/admin/deliveries/" + listed.html.partition('href="/admin/deliveries/')[2].partition('"')[0]
    one = await admin.open(path)
    assert "已发送" in one.text
    user = service.platform.people[1].user.lower()
    page = await admin.send(path, {"form_token": one.token, "user": user})
    assert "已安排补发" in page.text
    assert await pushed(service, service.platform.people[1].user, "补发") == 1


async def test_a_sector_a_synonym_and_a_document_are_added_corrected_and_removed(admin: Browser) -> None:
    path = "/admin/knowledge/sector/edit"
    page = await admin.fill(path, {"code": "tea", "name": "茶业", "aliases": "茶叶\n茶馆", "revision": "0"})
    assert "已保存" in page.text
    assert "茶业" in page.text
    edit = await admin.open(f"{path}?key=tea")
    await admin.send(f"{path}?key=tea", {"form_token": edit.token, "revision": "1", "name": "茶业服务", "aliases": ""})
    assert "茶业服务" in (await admin.open("/admin/knowledge/sector")).text
    stale = await admin.send(
        f"{path}?key=tea", {"form_token": edit.token, "revision": "1", "name": "旧", "aliases": ""}
    )
    assert stale.status == 409
    gone = await admin.send(f"{path}?key=tea", {"form_token": edit.token, "revision": "2", "act": "delete"})
    assert "茶业" not in gone.text
    page = await admin.fill("/admin/knowledge/synonym/edit", {"words": "洋人\n境外人士", "revision": "0"})
    assert "洋人 = 境外人士" in page.text


async def test_what_is_wrong_with_an_entry_stands_beside_its_field(admin: Browser) -> None:
    page = await admin.fill(
        "/admin/knowledge/document/edit", {"slug": "Not A Slug", "title": "某文件", "issued": "昨天", "revision": "0"}
    )
    assert page.status == 422
    assert page.html.count('class="problem"') >= 1
    assert page.value("title") == "某文件"


async def test_a_milestone_is_moved_added_and_removed(service: Service, admin: Browser) -> None:
    path = "/admin/knowledge/pilot/edit?key=mofcom-2021-63"
    page = await admin.open(path)
    fields = {name: page.value(name) for name in ("name", "start", "start_basis", "months", "leads", "revision")}
    lines = "review，2027-08-02，专家评审\nmid-term，取消"
    page = await admin.send(path, fields | {"form_token": page.token, "milestones": lines})
    assert "已保存" in page.text
    assert "专家评审" in await service.ask(service.platform.people[0].user, "里程碑")
    assert "review，2027-08-02，专家评审" in (await admin.open(path)).text
    public = await admin.open("/milestones")
    assert "专家评审" in public.text or public.status == 404  # the page belongs to another part
    again = await admin.open(path)
    bad = await admin.send(
        path, fields | {"form_token": again.token, "revision": again.value("revision"), "milestones": "end，1800-01-01"}
    )
    assert bad.status == 422


async def test_the_set_up_is_examined(admin: Browser) -> None:
    page = await admin.open("/admin/check")
    assert page.status == 200
    assert "正常" in page.text


async def test_statistics_count_questions_and_ratings(service: Service, admin: Browser) -> None:
    await service.ask(service.platform.people[2].user, "QFLP", "有用")
    await asyncio.sleep(0.3)
    page = await admin.open("/admin/statistics")
    assert "有用1次" in page.text
    assert "问得最多的措施" in page.text


async def test_what_a_large_import_tells_is_listed_in_short_and_in_full_behind_a_link(admin: Browser) -> None:
    rows = [[f"mofcom-2021-63/{place}", "试用标题", "", ""] for place in ("1.1", "1.7", "1.12", "2.1", "2.6", "2.16")]
    await confirm(admin, await upload(admin, "更正.xlsx", sheet(*rows)))
    page = await admin.open("/admin/deliveries")
    assert "政策更新：【" not in page.text
    found = re.search(r'href="([^"]*change=\d+)">……等(\d+)项，都来自第\d+号修改<', page.html)
    assert found
    full = await admin.open(found[1])
    number = int(found[2])
    assert number > 6  # the document, everything, and the sectors
    assert full.text.count("政策更新：") == number > page.text.count("政策更新：") == 3
    assert "政策更新：全部：6项有变化" in full.text
    assert ("发布：" in page.text, "发布：" in full.text) == (True, False)


@pytest.mark.parametrize("path", ["/admin/knowledge/nonsense", "/admin/deliveries/99999", "/admin/broadcasts/none"])
async def test_what_is_not_there_is_404(admin: Browser, path: str) -> None:
    assert (await admin.open(path)).status == 404
