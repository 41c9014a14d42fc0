"""What would hold up the event loop beside long work: full garbage collections are rare, turns of threads short."""

from __future__ import annotations

import gc
import sys

import pytest

from bot import memory, process
from bot.cli import main


def test_every_command_collects_rarely(capsys: pytest.CaptureFixture[str]) -> None:
    main(["milestones", "--from", "2030-01-01"])
    assert gc.get_threshold()[2] == memory.FULL_AFTER


def test_every_command_takes_short_turns(capsys: pytest.CaptureFixture[str]) -> None:
    main(["milestones", "--from", "2030-01-01"])
    assert sys.getswitchinterval() == pytest.approx(process.TURN_SECONDS)
