"""What goes on in the background ends, also where a cancellation is taken for something else."""

from __future__ import annotations

import asyncio

import pytest

from bot.ending import ended


async def test_a_loop_that_takes_a_cancellation_for_an_outage_ends_all_the_same() -> None:
    swallowed = 0

    async def call_of_the_database() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise OSError("connection lost") from None

    async def follow() -> None:
        nonlocal swallowed
        while True:
            try:
                await call_of_the_database()
            except OSError:
                swallowed += 1
            await asyncio.sleep(60)

    loop = asyncio.create_task(follow())
    await asyncio.sleep(0)
    await ended(loop, again=0.01)
    assert loop.done()
    assert swallowed == 1


async def test_what_ended_by_itself_or_by_an_error_is_let_go_and_the_error_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails() -> None:
        raise ValueError("wrong")

    tasks = [asyncio.create_task(fails()), asyncio.create_task(asyncio.sleep(0))]
    await asyncio.sleep(0.01)
    await ended(*tasks)
    assert all(task.done() for task in tasks)
    (logged,) = caplog.records
    assert logged.exc_info
    assert str(logged.exc_info[1]) == "wrong"
