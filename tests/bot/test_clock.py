"""The clock that demos and tests set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import clock

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_the_machines_time_is_aware_and_local() -> None:
    now = clock.system(SHANGHAI)()
    assert now.tzinfo is SHANGHAI
    assert abs((now - datetime.now(UTC)).total_seconds()) < 5


def test_a_set_clock_starts_there_and_runs_at_its_rate() -> None:
    seconds = [100.0]
    now = clock.started_at(datetime(2022, 4, 1, 9, tzinfo=SHANGHAI), 60.0, SHANGHAI, lambda: seconds[0])
    assert now().isoformat() == "2022-04-01T09:00:00+08:00"
    seconds[0] += 61
    assert now().isoformat() == "2022-04-01T10:01:00+08:00"


def test_it_crosses_a_change_of_summer_time_by_elapsed_hours() -> None:
    berlin, seconds = ZoneInfo("Europe/Berlin"), [0.0]
    now = clock.started_at(datetime(2022, 3, 27, 1, 30, tzinfo=berlin), 3600.0, berlin, lambda: seconds[0])
    seconds[0] = 1
    assert now().isoformat() == "2022-03-27T03:30:00+02:00"


def test_a_clock_that_is_put_runs_on_from_there() -> None:
    seconds = [0.0]
    start = datetime(2022, 4, 1, 9, tzinfo=SHANGHAI)
    now = clock.Movable(start, SHANGHAI, lambda: seconds[0])
    seconds[0] = 5.0
    assert now() == start + timedelta(seconds=5)
    now.put(start - timedelta(days=900))
    seconds[0] = 7.0
    assert now() == start - timedelta(days=900) + timedelta(seconds=2)
