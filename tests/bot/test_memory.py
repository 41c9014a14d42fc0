"""Full garbage collections, which hold up the event loop, are rare."""

from __future__ import annotations

import gc

import pytest

from bot import memory
from bot.cli import main


def test_every_command_collects_rarely(capsys: pytest.CaptureFixture[str]) -> None:
    main(["milestones", "--from", "2030-01-01"])
    assert gc.get_threshold()[2] == memory.FULL_AFTER
