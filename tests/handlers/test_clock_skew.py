"""With a clock that is hours off the platform's, a message has one answer and one effect all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.database import Database
from handlers.model import Incoming, Kind
from handlers.render import fit
from handlers.tables import FeedbackRow, QuestionRow
from tests.handlers.talk import Talk

# Hours that the service is ahead. The small ones make a retry look new, or a new message like a retry.
SKEWS = [-30.0, -3.0, -5 / 3600, 5 / 3600, 3.0, 30.0]


@pytest.fixture
async def talk(database: Database) -> AsyncIterator[Talk]:
    talk = Talk(database)
    yield talk
    await talk.journal.close()


def sent(talk: Talk, text: str, hours: float, kind: Kind = Kind.TEXT) -> Incoming:
    """A message with the platform's time, which the service's clock is ahead of."""
    incoming = talk.incoming(text, kind=kind)
    return replace(incoming, sent_at=incoming.sent_at - timedelta(hours=hours))


@pytest.mark.parametrize("hours", SKEWS)
async def test_a_question_is_answered_and_recorded_once(talk: Talk, database: Database, hours: float) -> None:
    question = sent(talk, "绿茶", hours)
    first = fit(await talk.hear(question))
    assert "绿茶" in first
    talk.clock.pass_(seconds=5)
    assert fit(await talk.hear(question)) == first
    other = await talk.restarted()
    assert fit(await other.hear(question)) == first
    await other.journal.close()
    async with database.session() as session:
        assert len((await session.scalars(select(QuestionRow))).all()) == 1


@pytest.mark.parametrize("hours", SKEWS)
async def test_a_retry_turns_no_second_page_and_rates_nothing_twice(
    talk: Talk, database: Database, hours: float
) -> None:
    await talk.hear(sent(talk, "7号文第2条", hours))
    for text in ("更多", "9", "有用"):
        command = sent(talk, text, hours)
        first = fit(await talk.hear(command))
        talk.clock.pass_(seconds=5)
        other = await talk.restarted()
        assert fit(await other.hear(command)) == first
        talk = other
    await talk.journal.close()
    async with database.session() as session:
        assert len((await session.scalars(select(FeedbackRow))).all()) == 1


@pytest.mark.parametrize("hours", [-3.0, 3.0])
async def test_a_conversation_goes_on_when_the_clock_is_put_right(talk: Talk, hours: float) -> None:
    talk.clock.pass_(hours=hours)
    await talk.say("7号文第2条")
    talk.clock.pass_(hours=-hours)
    talk = await talk.restarted()
    await talk.say("更多")
    assert "第17—24项" in await talk.say("更多")
    await talk.journal.close()
