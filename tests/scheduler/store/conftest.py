"""What every test of the stores needs: the stand-in platform, and one process that plans and sends."""

from __future__ import annotations

import pytest

from bot.database import Database
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, world


@pytest.fixture
def platform(clock: Time) -> Platform:
    return Platform(clock)


@pytest.fixture
def replica(database: Database, clock: Time, platform: Platform) -> Replica:
    return Replica(database, clock, platform, world())
