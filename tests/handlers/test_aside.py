"""A question to a large library leaves the event loop free, and a second look is for questions only."""

from __future__ import annotations

import threading

import pytest

from bot.database import Database
from handlers.aside import aside
from knowledge import library
from knowledge.library import Library
from knowledge.model import Finding, Match, Outcome
from tests.handlers.talk import Talk
from tests.knowledge.plans import PACK


async def test_a_small_library_answers_at_once() -> None:
    assert await aside(Library(PACK), threading.get_ident) == threading.get_ident()


async def test_a_large_library_answers_from_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "LARGE", len(PACK.measures))
    assert await aside(Library(PACK), threading.get_ident) != threading.get_ident()


async def test_a_question_is_looked_at_again_and_a_command_is_not(database: Database) -> None:
    seen: list[str] = []

    async def refine(finding: Finding) -> Finding:
        seen.append(finding.query)
        return Finding(finding.query, Outcome.ANSWER, (Match(PACK.measures[0], 0.9),))

    talk = Talk(database, library=Library(PACK), refine=refine)
    assert "邮轮船票凭证" in await talk.say("一句谁也听不懂的话")
    assert "邮轮船票凭证" not in await talk.say("帮助")
    assert seen == ["一句谁也听不懂的话"]
