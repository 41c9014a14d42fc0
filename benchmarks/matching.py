"""Accuracy and speed of matching against lexical baselines, side by side, on made-up regulations.

    python -m benchmarks.matching [--sizes 100 1000 10000 100000] [--queries 50] [--brute 5] [--only NAME …]

Queries are pieces of 12 to 24 characters of an article with typos, dropped, swapped or like-sounding characters, in
pinyin or in traditional characters (`known_items`); any article that holds the piece is right. Baselines get texts and
queries folded as ours are, so that none fails for its spelling. Each entrant runs in a process of its own, on one
thread. Time is processor time per query, in process; memory is what the process holds at its end, and its peak.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Before numpy is loaded: one thread for everybody.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"))

import numpy as np

from benchmarks import corpus, known_items
from bot.evaluate import Share
from bot.memory import give_back, settle
from knowledge.match import Matcher
from knowledge.normalise import fold, plain
from knowledge.pack import shipped

OURS = "pilotbot"
SLOW = "rapidfuzz, all"  # asked fewer questions from LARGE on
LARGE = 50_000
Find = Callable[[str], int]


def ours(texts: Sequence[str]) -> Find:
    """The whole way of a message: normalise, look up names, rank, decide."""
    matcher = Matcher(corpus.pack(list(texts)))
    rows = {measure.id: row for row, measure in enumerate(matcher.measures)}

    def find(query: str) -> int:
        matches = matcher.find(query, 1).matches
        return rows[matches[0].measure.id] if matches else -1

    return find


def run(name: str, size: int, count: int) -> dict[str, Any]:
    """Builds one entrant and asks it everything."""
    articles = corpus.articles(size)
    asked = known_items.queries(articles, count)
    start = time.process_time()
    find = _built(name, articles)
    build = time.process_time() - start
    settle()
    times, hits = [], dict.fromkeys(known_items.KINDS, 0)
    for query in asked:
        text = query.text if name == OURS else plain(fold(query.text))
        start = time.thread_time()
        row = find(text)
        times.append(1000 * (time.thread_time() - start))
        hits[query.kind] += row >= 0 and query.piece in articles[row]
    measured = {"build": build, "times": times, "hits": hits, "resident": _resident(), "peak": _peak()}
    return {"name": name, "size": size, "count": count, **measured}


def _resident() -> float:
    """MiB held now, as the service holds them after it has built an index; the peak where the system does not tell."""
    give_back()
    status = Path("/proc/self/status")
    if not status.exists():
        return _peak()
    return int(status.read_text().partition("VmRSS:")[2].split()[0]) / 1024


def _peak() -> float:
    """MiB, of the whole run with the articles and the building."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _built(name: str, articles: Sequence[str]) -> Find:
    if name == OURS:
        return ours(articles)
    from benchmarks.baselines import BASELINES

    return BASELINES[name]([plain(fold(article)) for article in articles])


def entrants() -> list[str]:
    from benchmarks.baselines import BASELINES

    return [OURS, *BASELINES]


def apart(name: str, size: int, count: int) -> dict[str, Any]:
    """The same in a process of its own, so that memory and warm-up do not mix."""
    command = [sys.executable, "-m", "benchmarks.matching", "--one", name, str(size), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


HEAD = f"{'':22}{'hit@1':>7} {'95 %':>15}" + "".join(f"{kind:>12}" for kind in known_items.KINDS)
HEAD += f"{'p50 ms':>9}{'p99 ms':>9}{'build s':>9}{'MiB':>7}{'peak':>7}"


def as_row(result: dict[str, Any]) -> str:
    hits, count = result["hits"], result["count"]
    share = Share.of(sum(hits.values()), count * len(hits))
    p50, p99 = np.percentile(result["times"], (50, 99))
    return (
        f"{result['name']:22}{share.value:7.3f} [{share.low:.3f}, {share.high:.3f}]"
        + "".join(f"{hit / count:12.3f}" for hit in hits.values())
        + f"{p50:9.2f}{p99:9.2f}{result['build']:9.1f}{result['resident']:7.0f}{result['peak']:7.0f}"
    )


def curated(questions: Sequence[str]) -> str:
    """Speed on the knowledge that ships, asked with our own labelled questions."""
    start = time.process_time()
    matcher = Matcher(shipped())
    build = time.process_time() - start
    settle()
    times = []
    for text in questions:
        start = time.thread_time()
        matcher.find(text)
        times.append(1000 * (time.thread_time() - start))
    p50, p99 = np.percentile(times, (50, 99))
    return f"the knowledge that ships ({len(matcher.measures)} entries): p50 {p50:.2f} ms, p99 {p99:.2f} ms, build {build:.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000, 100_000], help="articles")
    parser.add_argument("--queries", type=int, default=50, help="of each kind (50)")
    parser.add_argument("--brute", type=int, default=5, help=f"of each kind for '{SLOW}' from {LARGE} articles on (5)")
    parser.add_argument(
        "--only", nargs="+", default=entrants(), metavar="NAME", help="entrants: " + ", ".join(entrants())
    )
    parser.add_argument("--one", nargs=3, metavar=("NAME", "SIZE", "QUERIES"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, size, count = options.one
        print(json.dumps(run(name, int(size), int(count))))
        return
    from benchmarks.calibrate import QUESTIONS, read

    print(curated([str(question["q"]) for question in read(QUESTIONS)]))
    for size in options.sizes:
        print(f"\n{size} articles\n{HEAD}")
        for name in options.only:
            count = options.brute if name == SLOW and size >= LARGE else options.queries
            print(as_row(apart(name, size, count)), flush=True)


if __name__ == "__main__":
    main()
