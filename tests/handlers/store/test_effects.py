"""What a message changes for its sender is written with the message, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.database import Database
from handlers.model import (
    Effect,
    Follow,
    Incoming,
    Kind,
    Leave,
    MarkMilestone,
    Outcome,
    Pause,
    RenewCalendar,
    Reply,
    Resume,
    SetCadence,
    Snooze,
    Unfollow,
)
from handlers.replies import say
from handlers.request import Standing
from handlers.store.journal import Journal
from scheduler.delivery import Cadence, Mark, State
from scheduler.store import followers
from tests.scheduler.examples import milestone

NOW = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)
END = milestone(date(2026, 3, 20))
CARD = {"msgtype": "template_card", "button_list": [{"key": "done", "style": 2}]}


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database, lambda: NOW)


async def do(journal: Journal, key: str, *effects: Effect, reply: Reply = say("好")) -> Reply:  # noqa: B008  frozen
    return await journal.record(key, reply, Outcome(reply, user="wang", effects=effects))


async def standing(journal: Journal, task: str = "") -> Standing:
    return await journal.standing(Incoming("k", "wang", Kind.TEXT, "", NOW, task))


async def test_choices_are_kept(journal: Journal) -> None:
    await do(journal, "1", Follow(("sector:finance", "milestones")), SetCadence(Cadence.DAILY, NOW), Pause())
    person = (await standing(journal)).follower
    assert set(person.topics) == {"sector:finance", "milestones"}
    assert (person.cadence, person.paused_at) == (Cadence.DAILY, NOW)
    await do(journal, "2", Unfollow(("milestones",)), Resume(), RenewCalendar())
    person = (await standing(journal)).follower
    assert (person.topics, person.paused_at, person.calendar) == (("sector:finance",), None, 1)
    await do(journal, "3", Unfollow(None))
    assert (await standing(journal)).follower.topics == ()


async def test_a_delivery_that_is_known_has_no_second_effect(journal: Journal, database: Database) -> None:
    assert await do(journal, "1", RenewCalendar(), reply=Reply(say("好").blocks, card=CARD)) == Reply(
        say("好").blocks, card=CARD
    )
    other = Journal(database, lambda: NOW)
    assert (await do(other, "1", RenewCalendar())).card == CARD  # the first reply counts
    assert (await standing(journal)).follower.calendar == 1


async def test_leaving_stops_pushes_until_somebody_is_heard(journal: Journal, database: Database) -> None:
    await do(journal, "1", Follow(("all",)))
    await do(journal, "2", Leave())
    assert (await standing(journal)).follower.unreachable_since is not None
    later = Journal(database, lambda: NOW + timedelta(minutes=1))
    await do(later, "3")
    assert (await standing(journal)).follower.unreachable_since is None


async def test_what_was_said_before_leaving_is_no_sign_of_life(journal: Journal, database: Database) -> None:
    await do(journal, "1", Follow(("all",)))
    async with database.transaction() as session:
        await followers.lost(session, ["wang"], NOW + timedelta(hours=1))
    await do(journal, "2")
    assert (await standing(journal)).follower.unreachable_since is not None


async def test_a_snooze_is_one_delivery_however_often_it_is_asked_for(journal: Journal) -> None:
    snooze = Snooze(END, NOW + timedelta(days=1), NOW + timedelta(days=16))
    await do(journal, "1", snooze)
    await do(journal, "2", snooze)
    (told,) = (await standing(journal)).told
    assert (told.at, told.state) == (NOW + timedelta(days=1), State.PLANNED)


async def test_what_is_done_is_not_reminded_of_any_more(journal: Journal) -> None:
    await do(journal, "1", Snooze(END, NOW + timedelta(days=1), NOW + timedelta(days=16)))
    await do(journal, "2", MarkMilestone(END, Mark.SEEN))
    assert (await standing(journal)).done == frozenset()
    await do(journal, "3", MarkMilestone(END, Mark.DONE))
    person = await standing(journal)
    assert person.done == {(END.id, END.revision)}
    assert [told.state for told in person.told] == [State.WITHDRAWN]


async def test_a_card_is_known_only_to_whom_it_told_something(journal: Journal) -> None:
    assert (await standing(journal, "somebody-elses-task")).card is None
