from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.database import Database
from handlers import texts
from handlers.pace import BURST, Pace
from handlers.render import fit
from tests.handlers.talk import Talk

START = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_burst_is_let_through_and_then_time_frees_one_after_the_other() -> None:
    pace = Pace(burst=3, per_second=0.5)
    assert [pace.allows("a", START) for _ in range(5)] == [True, True, True, False, False]
    assert not pace.allows("a", START + timedelta(seconds=1))
    assert pace.allows("a", START + timedelta(seconds=3))
    assert not pace.allows("a", START + timedelta(seconds=3))


def test_one_persons_haste_does_not_slow_another() -> None:
    pace = Pace(burst=1)
    assert pace.allows("a", START)
    assert pace.allows("b", START)
    assert not pace.allows("a", START)


def test_a_clock_that_is_put_back_gives_nothing_and_takes_nothing() -> None:
    pace = Pace(burst=2, per_second=1)
    assert pace.allows("a", START)
    assert pace.allows("a", START - timedelta(hours=1))
    assert not pace.allows("a", START - timedelta(hours=1))
    assert pace.allows("a", START - timedelta(hours=1) + timedelta(seconds=1))


def test_only_so_many_people_are_remembered() -> None:
    pace = Pace(burst=1, people=2)
    for user in ("a", "b", "c"):
        assert pace.allows(user, START)
    assert pace.allows("a", START), "the one that was quiet for longest is forgotten"
    assert not pace.allows("c", START)


async def test_who_floods_is_told_politely_and_a_retry_hears_the_same(database: Database) -> None:
    talk = Talk(database)
    replies = [fit(await talk.hear(talk.incoming("绿茶"))) for _ in range(BURST)]
    assert texts.TOO_FAST not in replies
    refused = talk.incoming("绿茶")
    assert fit(await talk.hear(refused)) == texts.TOO_FAST
    talk.clock.pass_(minutes=2)
    assert fit(await talk.hear(refused)) == texts.TOO_FAST
    assert await talk.say("绿茶") == replies[0]
    assert await talk.say("绿茶", user="bob") != texts.TOO_FAST
    await talk.journal.close()
