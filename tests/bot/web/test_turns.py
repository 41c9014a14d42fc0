"""Under load as many as can be are answered in time, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.web.answers import BUSY, Answers
from bot.web.turns import Turns
from bot.wecom.errors import MalformedMessage
from handlers.model import Incoming, Kind, Reply
from handlers.replies import say

LONG = 60.0  # s


def message(user: str) -> Incoming:
    return Incoming(f"k-{user}", user, Kind.TEXT, "怎么办", datetime(2026, 6, 1, tzinfo=UTC))


async def yes(_: Incoming) -> Reply:
    """Answers everybody."""
    return say("好")


async def nowhere(_: Incoming, __: str) -> None:
    """A push that nobody looks at."""


def crowded() -> Turns:
    """Whoever is not the first comes too late."""
    return Turns(patience=0.0, seconds=0.0)


async def test_without_load_nobody_waits() -> None:
    turns = Turns(LONG, seconds=0.0, per_pass=1)
    for _ in range(3):
        assert await turns.take()
        await asyncio.sleep(0)


async def order_of(turns: Turns, names: str) -> str:
    """In which order those get their turns who arrive at once."""
    got: list[str] = []

    async def one(name: str) -> None:
        if await turns.take():
            got.append(name)

    await asyncio.gather(*(one(name) for name in names))
    return "".join(got)


async def test_in_the_order_of_arrival() -> None:
    assert await order_of(Turns(LONG, seconds=0.0, per_pass=1), "abcdef") == "abcdef"


async def test_whose_time_is_over_is_told_so() -> None:
    turns = Turns(patience=0.0, seconds=0.0, per_pass=1)
    first, *others = await asyncio.gather(*(turns.take() for _ in range(4)))
    assert (first, others) == (True, [False, False, False])


async def test_who_finds_no_place_is_told_so_at_once() -> None:
    turns = Turns(LONG, seconds=0.0, per_pass=1, most=3)
    got = await asyncio.gather(*(turns.take() for _ in range(6)))
    assert got == [True, True, True, True, False, False]


@pytest.mark.parametrize(("rush_seconds", "in_time"), [(LONG, 20), (0.0, 3)])
async def test_a_rush_may_wait_and_a_flood_may_not(rush_seconds: float, in_time: int) -> None:
    turns = Turns(LONG, seconds=0.0, per_pass=1, rush_seconds=rush_seconds, most_in_flood=2)
    got = await asyncio.gather(*(turns.take() for _ in range(20)))
    assert got == [True] * in_time + [False] * (20 - in_time)


async def test_after_a_flood_a_rush_may_wait_again() -> None:
    turns = Turns(LONG, seconds=0.0, per_pass=1, rush_seconds=0.01, most_in_flood=0)
    await asyncio.gather(*(turns.take() for _ in range(50)))
    await asyncio.sleep(0.02)
    assert await asyncio.gather(*(turns.take() for _ in range(3))) == [True, True, True]


async def test_the_leisurely_come_after_all_others() -> None:
    turns, got = Turns(LONG, seconds=0.0, per_pass=1), list[str]()

    async def leisurely() -> None:
        await turns.take_at_leisure()
        got.append("late")

    async def fresh(name: str) -> None:
        await turns.take()
        got.append(name)

    await asyncio.gather(leisurely(), fresh("a"), fresh("b"), fresh("c"))
    assert got == ["a", "b", "c", "late"]


async def test_the_leisurely_wait_for_a_pass_without_others() -> None:
    turns = Turns(LONG, per_pass=1)
    leisurely = asyncio.create_task(turns.take_at_leisure())
    for _ in range(5):
        await turns.take()  # never has to wait itself
        await asyncio.sleep(0)
    assert not leisurely.done()
    async with asyncio.timeout(5):
        await leisurely


async def test_a_message_that_did_not_get_its_turn_in_time_is_answered_by_push() -> None:
    pushed: list[tuple[str, str]] = []

    async def respond(incoming: Incoming) -> Reply:
        return say(f"给{incoming.user}")

    async def push(incoming: Incoming, text: str) -> None:
        pushed.append((incoming.user, text))

    noted: list[tuple[str, bool]] = []
    answers = Answers(
        message, respond, push, turns=crowded(), on_late=lambda read, after: noted.append((read.user, after < LONG))
    )
    got = await asyncio.gather(*(answers.in_time(f"u{n}") for n in range(20)))
    await answers.close()
    late = [n for n, answered in enumerate(got) if answered == (None, None)]
    assert len(late) == 19
    assert sorted(pushed) == sorted((f"u{n}", f"给u{n}") for n in late)
    assert sorted(noted) == sorted((f"u{n}", True) for n in late)


async def test_beyond_the_backlog_people_are_asked_to_come_back() -> None:
    answers = Answers(message, yes, nowhere, backlog=0, turns=crowded())
    got = await asyncio.gather(*(answers.in_time(f"u{n}") for n in range(20)))
    assert (None, BUSY) in got


async def test_a_postponed_message_is_opened_when_its_turn_comes() -> None:
    happened: list[tuple[str, str]] = []

    def read(user: str) -> Incoming:
        happened.append(("opened", user))
        return message(user)

    answers = Answers(read, yes, nowhere, turns=crowded())

    async def one(user: str) -> None:
        _, reply = await answers.in_time(user)
        happened.append(("answered" if reply else "acknowledged", user))

    users = [f"u{n}" for n in range(20)]
    await asyncio.gather(*map(one, users))
    await answers.close()
    late = [user for what, user in happened if what == "acknowledged"]
    assert late == users[1:]
    assert all(happened.index(("acknowledged", user)) < happened.index(("opened", user)) for user in late)


async def test_a_postponed_message_that_cannot_be_opened_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    pushed: list[str] = []

    def read(user: str) -> Incoming:
        if user == "bad":
            raise MalformedMessage("not XML")
        return message(user)

    async def push(incoming: Incoming, _: str) -> None:
        pushed.append(incoming.user)

    answers = Answers(read, yes, push, turns=crowded())
    await asyncio.gather(*map(answers.in_time, ("early", "bad", "last")))
    await answers.close()
    assert pushed == ["last"]
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [
        "a postponed message cannot be read: not XML"
    ]


async def test_that_too_much_is_asked_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    answers = Answers(message, yes, nowhere, backlog=2, turns=crowded())
    got = await asyncio.gather(*(answers.in_time(f"u{n}") for n in range(40)))
    assert got.count((None, BUSY)) > 1
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [
        "too much is asked: people are asked to come back"
    ]
    await answers.close()
