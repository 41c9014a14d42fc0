"""A question to a large library leaves the event loop free."""

from __future__ import annotations

import threading

import pytest

from handlers.aside import aside
from knowledge import library
from knowledge.library import Library
from tests.knowledge.plans import PACK


async def test_a_small_library_answers_at_once() -> None:
    assert await aside(Library(PACK), threading.get_ident) == threading.get_ident()


async def test_a_large_library_answers_from_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "LARGE", len(PACK.measures))
    assert await aside(Library(PACK), threading.get_ident) != threading.get_ident()
