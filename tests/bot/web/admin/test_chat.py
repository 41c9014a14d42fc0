"""What admins command in the chat; for everybody else the same words are questions."""

from __future__ import annotations

import asyncio

import pytest

from tests.bot.web.admin.desk import Browser, Service

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMIN = "wangfang"


def somebody(service: Service) -> str:
    return next(person.user for person in service.platform.people if person.user.lower() != ADMIN)


@pytest.mark.parametrize(
    ("word", "link"), [("导入", "/admin/import"), ("统计", "/admin/statistics"), ("import", "/admin/import")]
)
async def test_a_word_leads_an_admin_to_its_page(service: Service, word: str, link: str) -> None:
    assert f'{service.base}{link}"' in await service.ask(ADMIN, word)


@pytest.mark.parametrize("word", ["导入", "待答", "统计", "发布 下周一培训", "加说法 老外能炒股吗"])
async def test_for_others_these_words_are_questions(service: Service, word: str) -> None:
    reply = await service.ask(somebody(service), word)
    assert "/admin/" not in reply
    assert "已把" not in reply


@pytest.mark.parametrize("question", ["发布会怎么办", "导入外资怎么办", "统计数据能出境吗"])
async def test_a_question_of_an_admin_stays_one(service: Service, question: str) -> None:
    assert "/admin/" not in await service.ask(ADMIN, question)


async def test_unanswered_questions_are_listed_with_the_way_to_the_desk(service: Service) -> None:
    await service.ask(somebody(service), "朱雀航线补贴标准")
    await asyncio.sleep(0.3)
    reply = await service.ask(ADMIN, "待答")
    assert "· 朱雀航线补贴标准（1次）" in reply
    assert "/admin/learning" in reply


async def test_a_phrase_is_added_to_the_last_answer_and_found_by_everybody(service: Service, admin: Browser) -> None:
    assert "请先问出一条措施" in "".join([await service.ask(ADMIN, "你好", "加说法 青鸾信托怎么设")])
    answer = await service.ask(ADMIN, "QFLP", "1", "加说法 青鸾信托怎么设")
    assert "已把“青鸾信托怎么设”加为" in answer
    assert "QFLP" in await service.ask(somebody(service), "青鸾信托怎么设")
    assert "学习：青鸾信托怎么设" in (await admin.open("/admin/audit")).text
    assert "加说法 老外能炒股吗" in await service.ask(ADMIN, "加说法")


async def test_a_broadcast_is_only_previewed(service: Service, admin: Browser) -> None:
    other = somebody(service)
    await admin.fill("/admin/people", {"users": other, "topic": "sector:finance", "act": "subscribe"})
    reply = await service.ask(ADMIN, "发布 <a>下周一</a>：培训")
    assert "还没有发出，将发给1人" in reply
    assert "<a>" not in reply
    page = await admin.open("/admin/broadcasts/" + reply.partition("/admin/broadcasts/")[2].partition('"')[0])
    assert "下周一" in page.text
    assert "确认发给1人" in page.text
    await asyncio.sleep(0.3)
    assert not any("下周一" in text for text in service.platform.replies(other))
    assert "先给您看预览" in await service.ask(ADMIN, "发布")
    assert "【通知】停電維護" in await service.ask(ADMIN, "發布　停電維護")
    assert "请缩短" in await service.ask(ADMIN, "发布 " + "长" * 640)
