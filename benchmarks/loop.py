"""How long questions hold the event loop of a large knowledge base, and how soon a restart has its index back.

    python -m benchmarks.loop [--sizes 126 10000 100000] [--seconds 10]

For each size a library is built from made-up articles, once anew and once from the kept index. Then one question after the
other is answered as the chat does it, while a clock on the same loop ticks every millisecond. A tick is late because questions
hold the loop or because the machine is busy with something else; so of each delay only what this process computed meanwhile
counts. The same clock without questions stands beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import corpus, known_items
from bot.index_files import IndexFiles
from bot.memory import settle
from handlers.answers import find
from handlers.aside import aside
from knowledge.library import Library

TICK = 0.001  # s
EACH = 20  # questions of each kind, asked again and again
MOST = 0.020  # s that a question may hold the loop


async def ticking(until: asyncio.Event) -> list[float]:
    """Seconds by which each tick is late, of which no more than this process computed."""
    late = []
    while not until.is_set():
        before, computed = time.perf_counter(), time.process_time()
        await asyncio.sleep(TICK)
        late.append(min(time.perf_counter() - before - TICK, time.process_time() - computed))
    return late


async def held(library: Library, questions: Sequence[str], seconds: float) -> tuple[list[float], int]:
    """How late the clock is while questions are answered for so long, and how many are."""
    done, answered = asyncio.Event(), 0
    clock = asyncio.create_task(ticking(done))
    end = time.perf_counter() + seconds
    for question in itertools.chain.from_iterable(itertools.repeat(questions)) if questions else ():
        if time.perf_counter() >= end:
            break
        # Never twice the same text: what has been answered before costs nothing.
        await aside(library, partial(find, library, f"{question} {answered}"))
        answered += 1
        await asyncio.sleep(0)  # a small library answers at once, without giving way
    await asyncio.sleep(max(0.0, end - time.perf_counter()))
    done.set()
    return await clock, answered


def told(late: Sequence[float]) -> str:
    p99 = np.percentile(late, 99)
    return f"p99 {1000 * p99:.1f}, most {1000 * max(late):.1f}, over 20 ms {sum(one > MOST for one in late)} of {len(late)}"


def built(articles: Sequence[str], keep: IndexFiles) -> tuple[Library, float]:
    """A library and the seconds of processor time that it took."""
    start = time.process_time()
    library = Library(corpus.pack(list(articles)), keep=keep)
    return library, time.process_time() - start


def run(size: int, seconds: float) -> None:
    articles = corpus.articles(size)
    with tempfile.TemporaryDirectory() as folder:
        _, anew = built(articles, IndexFiles(Path(folder)))
        gc.collect()
        library, again = built(articles, IndexFiles(Path(folder)))
    settle()
    questions = [query.text for query in known_items.queries(articles, EACH)]
    idle, _ = asyncio.run(held(library, (), seconds / 2))
    busy, answered = asyncio.run(held(library, questions, seconds))
    print(f"{size} entries: built in {anew:.1f} s, from the kept index in {again:.1f} s (processor time)")
    print(f"  idle, ms late:                   {told(idle)}")
    print(f"  answering {answered:5} questions, late: {told(busy)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[126, 10_000, 100_000], help="articles")
    parser.add_argument("--seconds", type=float, default=10.0, help="of asking (10)")
    options = parser.parse_args()
    for size in options.sizes:
        run(size, options.seconds)


if __name__ == "__main__":
    main()
