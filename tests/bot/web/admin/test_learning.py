"""The learning desk: what people asked in vain becomes knowledge, and they are told once."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.bot.web.admin.desk import Browser, Page, Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

DESK = "/admin/learning?all=1"
SOME = "mofcom-2021-63/2.13"
PAUSE = 0.3  # s: questions are journaled behind their answers


async def asked(service: Service, user: str, *texts: str) -> None:
    for text in texts:
        await service.platform.say(user, text)
    await asyncio.sleep(PAUSE)


def case(page: Page, text: str) -> dict[str, str]:
    """The hidden fields of the group that the text leads."""
    form = next(part for part in page.html.split("<form") if f"<h3>{text}</h3>" in part)
    keys = re.search(r'name="keys" value="([^"]*)"', form)
    assert keys
    return {"keys": keys[1], "phrase": text, "form_token": page.token}


async def pushed(service: Service, user: str, words: str) -> int:
    """How many messages with these words a person has got, after a while."""
    for _ in range(40):
        await asyncio.sleep(0.1)
        if found := sum(words in reply for reply in service.platform.replies(user)):
            return found
    return 0


async def test_an_unanswered_question_becomes_an_answered_one_and_its_asker_is_told_once(
    service: Service, admin: Browser
) -> None:
    asker, other = (p.user for p in service.platform.people[:2])
    await asked(service, asker, "鲲鹏展翅基金怎么弄", "鲲鹏展翅基金怎么弄呢")
    await asked(service, other, "鲲鹏展翅基金怎么弄？")
    page = await admin.open(DESK)
    assert "3次" in page.text
    assert "2人" in page.text
    fields = case(page, "鲲鹏展翅基金怎么弄")
    page = await admin.send("/admin/learning", fields | {"act": "phrase", "measure": SOME})
    assert "会收到答案" in page.text
    assert "鲲鹏" not in (await admin.open(DESK)).text
    assert "现在可以答复了" in " ".join(service.platform.replies(asker)) or await pushed(
        service, asker, "现在可以答复了"
    )
    assert await pushed(service, other, "现在可以答复了") == 1
    assert sum("现在可以答复了" in reply for reply in service.platform.replies(asker)) == 1
    assert "QFLP" in await service.ask(other, "鲲鹏展翅基金怎么弄")


async def test_a_form_sent_twice_tells_nobody_twice(service: Service, admin: Browser) -> None:
    asker = service.platform.people[2].user
    await asked(service, asker, "饕餮盛宴补贴")
    fields = case(await admin.open(DESK), "饕餮盛宴补贴") | {"act": "link", "measure_id": SOME}
    assert "会收到答案" in (await admin.send("/admin/learning", fields)).text
    assert "记下了。" in (await admin.send("/admin/learning", fields)).text
    assert await pushed(service, asker, "现在可以答复了") == 1


async def test_choices_with_a_pick_are_settled_and_useless_answers_are_not(service: Service, admin: Browser) -> None:
    asker = service.platform.people[3].user
    await asked(service, asker, "QFLP", "没用")
    page = await admin.open(DESK)
    assert "<h3>QFLP</h3>" in page.html
    assert "有人评为没用" in page.text
    await asked(service, asker, "医疗", "创新")
    before = (await admin.open(DESK)).html
    unclear = [text for text in ("医疗", "创新") if f"<h3>{text}</h3>" in before]
    for text in unclear:
        await asked(service, asker, text, "1")
        groups = (await admin.open(DESK)).html
        assert groups.count(f"<h3>{text}</h3>") == 1  # the one asked without a pick is still there


async def test_a_synonym_is_recorded_and_a_question_that_it_does_not_answer_stays(
    service: Service, admin: Browser
) -> None:
    await asked(service, service.platform.people[4].user, "饽饽乐")
    fields = case(await admin.open(DESK), "饽饽乐") | {"act": "synonym", "word": "饽饽乐", "means": "点心"}
    assert "还不能直接回答" in (await admin.send("/admin/learning", fields)).text
    assert "<h3>饽饽乐</h3>" in (await admin.open(DESK)).html
    assert "新增1项同义词" in (await admin.open("/admin/audit")).text


async def test_out_of_scope_and_closed_questions_leave_the_desk(service: Service, admin: Browser) -> None:
    asker = service.platform.people[0].user
    await asked(service, asker, "火星殖民地的户口", "土星环的停车位")
    await admin.send("/admin/learning", case(await admin.open(DESK), "火星殖民地的户口") | {"act": "out_of_scope"})
    await admin.send("/admin/learning", case(await admin.open(DESK), "土星环的停车位") | {"act": "closed"})
    page = await admin.open(DESK)
    assert "火星" not in page.text
    assert "土星" not in page.text


async def test_a_question_starts_a_new_measure_and_its_asker_is_told(service: Service, admin: Browser) -> None:
    asker = service.platform.people[0].user
    await asked(service, asker, "貔貅落户怎么办")
    blank = await admin.open("/admin/measures/new?asked_as=貔貅落户怎么办&question=貔貅落户怎么办")
    fields = blank.form() | {
        "question": blank.value("question"),
        "title": "貔貅落户便利",
        "summary": "允许貔貅落户。",
        "sector": "talent",
        "ordinal": "991",
    }
    assert "已新建" in (await admin.send("/admin/measures/new", fields)).text
    assert await pushed(service, asker, "貔貅落户便利") == 1
    assert "<h3>貔貅" not in (await admin.open(DESK)).html


async def test_what_is_missing_is_said_and_nothing_changes(service: Service, admin: Browser) -> None:
    await asked(service, service.platform.people[0].user, "麒麟过江")
    fields = case(await admin.open(DESK), "麒麟过江")
    for more, said in (
        ({"act": "phrase", "measure_id": ""}, "请先选一条措施"),
        ({"act": "phrase", "measure_id": "no/1.1"}, "没有编号为“no/1.1”的措施"),
        ({"act": "synonym", "word": "麒麟"}, "两个意思相同的词"),
        ({"act": "nonsense"}, "请选择要怎么处理"),
    ):
        page = await admin.send("/admin/learning", fields | more)
        assert page.status == 422
        assert said in page.text
    assert "麒麟过江" in (await admin.open(DESK)).text
