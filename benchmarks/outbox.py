"""100,000 followers of one milestone: how long planning takes, how many calls sending makes, how much memory.

    python -m benchmarks.outbox [--followers 100000] [--database URL]

Exit status 1 where planning takes 10 s, a call is missing or too many, or 300 MB more than idle are needed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.database import Database, default_url
from scheduler.delivery import Attempt, Verdict
from scheduler.dispatcher import dispatch
from scheduler.messages import Links
from scheduler.model import Pilot
from scheduler.store import followers
from scheduler.store.batches import RECEIVERS
from scheduler.store.outbox import Outbox
from scheduler.store.planning import Planner, World
from scheduler.workdays import Calendar

ZONE = ZoneInfo("Asia/Shanghai")
BEFORE = datetime(2022, 3, 28, 9, 0, tzinfo=ZONE)
DUE = datetime(2022, 3, 28, 9, 10, tzinfo=ZONE)
PILOT = Pilot("pilot", "示范试点", date(2021, 4, 27), "admin", months=12, leads=(30,))
MOST_SECONDS, MOST_MB = 10.0, 300.0
CHUNK = 5000  # people who subscribe at once


class Counting:
    """A platform that accepts everything."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def send(self, body: bytes) -> Attempt:
        self.sizes.append(len(json.loads(body)["touser"].split("|")))
        return Attempt(Verdict.ACCEPTED, 0)


def encode(message: Mapping[str, object]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


def peak_mb() -> float:
    """The most memory that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def measure(database: Database, count: int) -> int:
    await database.migrate()
    for first in range(0, count, CHUNK):
        async with database.transaction() as session:
            people = [f"user{n:06}" for n in range(first, min(first + CHUNK, count))]
            await followers.follow_many(session, people, followers.MILESTONES, BEFORE)
    platform = Counting()
    links = Links("http://localhost/milestones", lambda id_: f"http://localhost/measures/{id_}", str)
    ids = iter(range(10**9))
    outbox = Outbox(
        database, encode, links, ZONE, owner="one", new_id=lambda: f"task-{next(ids)}", random=random.random
    )
    planner = Planner(database, lambda: World((PILOT,), Calendar(), DUE.time(), ZONE))
    await planner.run(BEFORE)
    idle, began = peak_mb(), time.perf_counter()
    await planner.run(DUE)
    planned = time.perf_counter()
    calls = await dispatch(outbox, platform.send, lambda: DUE + timedelta(seconds=1))
    sent, more = time.perf_counter(), peak_mb() - idle
    print(f"planned in {planned - began:.1f} s, sent in {calls} calls and {sent - planned:.1f} s, {more:.0f} MB more")
    right = (calls, sum(platform.sizes)) == (-(-count // RECEIVERS), count)
    return 0 if right and planned - began < MOST_SECONDS and more <= MOST_MB else 1


async def main(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="pilotbot-outbox-") as folder:
        database = Database(options.database or default_url(Path(folder)))
        try:
            return await measure(database, options.followers)
        finally:
            await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--followers", type=int, default=100_000)
    parser.add_argument("--database", help="address of an empty database (a SQLite file)")
    sys.exit(asyncio.run(main(parser.parse_args())))
