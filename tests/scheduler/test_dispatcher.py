"""Several calls at once to single people, one at a time to many; and a gate that narrows and closes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.logs import JsonLines
from knowledge.errors import Unavailable
from scheduler.delivery import Attempt, Batch, Verdict
from scheduler.dispatcher import Gate, dispatch

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def batch(name: str, size: int = 1) -> Batch:
    return Batch(name, name.encode(), 1, NOW, None, plain=False, is_card=False, size=size, recorded_at=NOW)


class Shelf:
    """An outbox in memory."""

    def __init__(self, *batches: Batch) -> None:
        self.waiting = deque(batches)
        self.settled: list[tuple[str, Verdict]] = []
        self.fails_for = ""

    async def next_due(self) -> datetime | None:
        return NOW if self.waiting else None

    async def claim(self, _: datetime) -> Batch | None:
        return self.waiting.popleft() if self.waiting else None

    async def settle(self, batch: Batch, attempt: Attempt, _: datetime) -> None:
        if batch.id == self.fails_for:
            raise Unavailable("away")
        self.settled.append((batch.id, attempt.verdict))


class Line:
    """A platform that takes its time, and notes how much is under way at most."""

    def __init__(self, verdict: Verdict = Verdict.ACCEPTED) -> None:
        self.verdict = verdict
        self.under_way: set[str] = set()
        self.most = 0

    async def send(self, body: bytes) -> Attempt:
        name = body.decode()
        self.under_way.add(name)
        self.most = max(self.most, len(self.under_way))
        await asyncio.sleep(0.001)
        self.under_way.remove(name)
        return Attempt(self.verdict)


def now() -> datetime:
    return NOW


def opened(width: int) -> Gate:
    """A gate after many successes."""
    gate = Gate(width)
    gate.width = width
    return gate


async def test_as_many_calls_at_once_as_the_gate_lets_through() -> None:
    shelf, line = Shelf(*(batch(f"b{n}") for n in range(20))), Line()
    assert await dispatch(shelf, line.send, now, gate=Gate(3)) == 20
    assert line.most == 3
    assert len(shelf.settled) == 20


async def test_a_call_to_many_is_known_to_have_ended_well_before_anything_else_begins() -> None:
    shelf, line, seen = Shelf(batch("all", 900), batch("all again", 900), batch("ann")), Line(), list[str]()
    await dispatch(shelf, line.send, now, seen.append, Gate(8))
    assert line.most == 1
    assert seen == ["claimed", "accepted", "settled"] * 3


@pytest.mark.parametrize("verdict", [Verdict.CONFIGURATION, Verdict.RATE])
async def test_what_stops_all_sending_is_found_out_by_a_single_call(verdict: Verdict) -> None:
    gate = Gate(8)
    shelf, line = Shelf(*(batch(f"b{n}") for n in range(5))), Line(verdict)

    def stop_after_one(step: str) -> None:
        gate.closed = gate.closed or step == "settled"

    assert await dispatch(shelf, line.send, now, stop_after_one, gate) == 1


async def test_too_many_at_once_narrows_the_gate_and_success_widens_it_again() -> None:
    gate = opened(8)
    for _ in range(5):
        gate.learn(Verdict.RATE)
    assert gate.width == 1
    await dispatch(Shelf(*(batch(f"b{n}") for n in range(9))), Line().send, now, gate=gate)
    assert gate.width == 8


async def test_what_is_under_way_is_recorded_also_where_another_outcome_could_not_be() -> None:
    shelf, line = Shelf(*(batch(f"b{n}") for n in range(4))), Line()
    shelf.fails_for = "b0"
    with pytest.raises(Unavailable):
        await dispatch(shelf, line.send, now, gate=opened(4))
    assert sorted(shelf.settled) == [(f"b{n}", Verdict.ACCEPTED) for n in (1, 2, 3)]


async def test_a_closed_gate_lets_nothing_begin() -> None:
    gate, shelf = Gate(2), Shelf(*(batch(f"b{n}") for n in range(9)))

    def close_after_one(step: str) -> None:
        gate.closed = gate.closed or step == "settled"

    calls = await dispatch(shelf, Line().send, now, close_after_one, gate)
    assert 0 < calls < 9
    assert len(shelf.settled) == calls


async def test_each_attempt_is_one_line_under_the_id_of_the_request_that_caused_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "pilotbot.delivery")
    caplog.handler.setFormatter(JsonLines())
    asked, timed = replace(batch("secret text"), id="b1", request="abc-1", attempts=2), batch("reminder")
    await dispatch(Shelf(asked, timed), Line(Verdict.RATE).send, now)
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    assert [(line["batch"], line["attempt"], line["verdict"], line.get("request")) for line in lines] == [
        ("b1", 2, "rate", "abc-1"),
        ("reminder", 1, "rate", None),
    ]
    assert "secret" not in caplog.text
