"""Work in the background goes on after any error, and the log says of which."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot import compose, embeddings
from bot.database import Database
from bot.embeddings import Embeddings, Semantics
from bot.ending import ended
from bot.forever import forever
from bot.settings import Settings
from handlers.store.journal import Journal
from knowledge.errors import Unavailable
from knowledge.library import Library

SOON = 10.0  # s


class Work:
    """Ends as it is told to, step by step, and then does nothing."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.done = asyncio.Event()

    async def step(self) -> None:
        if self._errors:
            raise self._errors.pop(0)
        self.done.set()


async def test_what_nobody_foresaw_is_logged_with_its_origin_and_work_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(Unavailable("the database is away"), ZeroDivisionError("wrong"))
    task = asyncio.create_task(forever("nothing is tidied", work.step, 0.0))
    await asyncio.wait_for(work.done.wait(), SOON)
    await ended(task)
    assert task.cancelled()
    foreseen, unforeseen = caplog.records
    assert (foreseen.levelno, foreseen.getMessage()) == (logging.WARNING, "nothing is tidied: the database is away")
    assert not foreseen.exc_info
    assert (unforeseen.levelno, unforeseen.getMessage()) == (logging.ERROR, "nothing is tidied: wrong")
    assert unforeseen.exc_info
    assert unforeseen.exc_info[0] is ZeroDivisionError


async def test_after_an_error_the_pause_may_be_another() -> None:
    work = Work(ValueError())
    task = asyncio.create_task(forever("", work.step, 3600.0, after_failure=0.0))
    await asyncio.wait_for(work.done.wait(), SOON)
    await ended(task)


async def test_what_is_old_is_let_go_of_later_where_something_goes_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(RuntimeError("wrong"))
    monkeypatch.setattr(Journal, "prune", lambda _, now: work.step())
    monkeypatch.setattr(compose, "PRUNE_EVERY", timedelta(milliseconds=1))
    settings = Settings(
        data_dir=tmp_path,
        public_url="http://bot.example",
        wecom_token=SecretStr("t"),
        wecom_aes_key=SecretStr("x" * 43),
    )
    async with (
        compose.opened(settings, compose.clock_of(settings)) as core,
        ClientSession() as session,
        TestServer(compose.web_app(core, compose.wecom_for(core, session))),
    ):
        await asyncio.wait_for(work.done.wait(), SOON)


async def test_measures_are_embedded_later_where_something_goes_wrong(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = Work(RuntimeError("wrong"))
    monkeypatch.setattr(embeddings, "RETRY_SECONDS", 0.001)
    async with ClientSession() as session:
        stage = Semantics(
            Embeddings(session, "http://127.0.0.1:9", "small"), database, lambda: Library.__new__(Library)
        )
        monkeypatch.setattr(stage, "embed_knowledge", tries.step)
        task = asyncio.create_task(stage.follow())
        await asyncio.wait_for(tries.done.wait(), SOON)
        await ended(task)
