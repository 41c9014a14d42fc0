"""A delivery has one effect and one reply, however often it comes, to whichever process; and a failing database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from bot.database import Database
from handlers import texts
from handlers.model import Kind
from handlers.render import fit
from handlers.store.journal import Journal
from handlers.tables import FeedbackRow, QuestionRow
from knowledge.errors import Unavailable
from tests.bot.web.shelf import MUGS
from tests.handlers.talk import Talk

MUG_LIST = "7号文第2条"


@pytest.fixture
async def talk(database: Database) -> AsyncIterator[Talk]:
    talk = Talk(database)
    yield talk
    await talk.journal.close()


async def test_a_retry_gets_the_same_reply_and_turns_no_second_page(talk: Talk) -> None:
    await talk.say(MUG_LIST)
    more = talk.incoming("更多")
    first = fit(await talk.hear(more))
    talk.clock.pass_(seconds=5)
    assert fit(await talk.hear(more)) == first
    assert "第17—24项" in await talk.say("更多")


async def test_a_retry_at_another_process_has_no_second_effect(talk: Talk) -> None:
    await talk.say("绿茶")
    rating = talk.incoming("有用")
    first = fit(await talk.hear(rating))
    other = await talk.restarted()
    other.clock.pass_(seconds=5)
    assert fit(await other.hear(rating)) == first
    async with other.database.session() as session:
        assert len((await session.scalars(select(FeedbackRow))).all()) == 1


async def test_a_retry_that_overtakes_its_first_delivery_has_one_effect(talk: Talk) -> None:
    await talk.say("绿茶")
    rating = talk.incoming("有用")
    replies = await asyncio.gather(*(talk.hear(rating) for _ in range(5)))
    assert {fit(reply) for reply in replies} == {texts.THANKS_USEFUL}
    async with talk.database.session() as session:
        assert len((await session.scalars(select(FeedbackRow))).all()) == 1


async def test_a_retry_that_another_process_answers_too_early_to_look_tells_the_same(talk: Talk) -> None:
    follow = talk.incoming("订阅 全部")
    first = fit(await talk.hear(follow))
    other = await talk.restarted()
    assert fit(await other.hear(follow)) == first


async def test_two_people_may_have_the_same_message_id(talk: Talk) -> None:
    assert "绿茶" in await talk.say("绿茶", user="ann")
    assert "绿茶" in await talk.say("绿茶", user="bob")


async def test_a_conversation_goes_on_after_a_restart(talk: Talk) -> None:
    await talk.say(MUG_LIST, "更多")
    talk = await talk.restarted()
    assert f"【{MUGS[9].title}】" in await talk.say("10")
    talk = await talk.restarted()
    assert MUGS[9].summary in await talk.say("详情")
    await talk.journal.close()


async def test_somebody_with_two_devices_is_greeted_once(talk: Talk) -> None:
    other = Talk(talk.database, talk.clock, keys=talk.keys)
    entering = [t.hear(t.incoming("", kind=Kind.ENTER)) for t in (talk, other)]
    assert sorted(map(fit, await asyncio.gather(*entering))) == ["", f"{texts.WELCOME}\n{texts.RECORDED}"]


class Away:
    """A database that does not answer while `away`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.away = True

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        self._fail()
        async with self._database.session() as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        self._fail()
        async with self._database.transaction() as session:
            yield session

    def _fail(self) -> None:
        if self.away:
            raise Unavailable("nobody there")


async def test_without_its_database_questions_are_answered_and_kept_for_later(database: Database) -> None:
    storage = Away(database)
    talk = Talk(database)
    talk.connect(Journal(storage, talk.clock, interval=0.01))
    assert "绿茶" in await talk.say("绿茶")
    assert await talk.say("有用") == texts.UNAVAILABLE
    storage.away = False
    await talk.journal.close()
    async with database.session() as session:
        assert [row.text for row in (await session.scalars(select(QuestionRow))).all()] == ["绿茶"]


async def test_without_its_database_what_must_be_kept_is_refused_in_plain_words(database: Database) -> None:
    talk = Talk(database)
    talk.connect(Journal(Away(database), talk.clock))
    assert await talk.say("更多") == texts.UNAVAILABLE
    assert await talk.say("", kind=Kind.ENTER) == texts.UNAVAILABLE


async def test_only_a_new_question_is_answered_without_a_look_at_the_database(talk: Talk) -> None:
    question = talk.incoming("绿茶")
    reply = talk.at_once(question)
    assert reply
    assert "绿茶" in fit(reply)
    assert talk.at_once(question) is None  # a retry
    for text in ("更多", "1", "订阅 全部", "帮助"):
        assert talk.at_once(talk.incoming(text)) is None
    assert talk.at_once(talk.incoming("", kind=Kind.ENTER)) is None
    late = talk.incoming("红茶")
    talk.clock.pass_(seconds=5)
    assert talk.at_once(late) is None  # perhaps another process has answered it before


async def test_of_a_batch_that_another_process_knows_in_part_the_rest_has_an_effect(
    talk: Talk, database: Database
) -> None:
    green, mugs = talk.incoming("绿茶"), talk.incoming(MUG_LIST)
    other = Talk(database, talk.clock, talk.library, talk.keys)
    for question in (green, mugs):
        talk.clock.pass_(seconds=1)
        await talk.hear(question)
    await talk.journal.close()
    talk.clock.pass_(seconds=1)
    await other.hear(green)  # so soon that it does not look whether anybody knows it
    await other.hear(talk.incoming(MUG_LIST, user="bob"))
    await other.journal.close()
    async with database.session() as session:
        asked = (await session.execute(select(QuestionRow.user, QuestionRow.text))).all()
    assert sorted(map(tuple, asked)) == [("ann", MUG_LIST), ("ann", "绿茶"), ("bob", MUG_LIST)]
    for user in ("ann", "bob"):
        assert "第9—16项" in await other.say("更多", user=user)  # ann's list was not put aside for her older question
