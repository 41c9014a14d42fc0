"""Imports a spreadsheet of made-up measures into an embedded database beside a running event loop.

    python -m benchmarks.importing [--rows 10000] [--folder DIR]

Prints how long each step takes, how long the event loop was held up at most, and the memory held at most.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import numpy as np
from openpyxl import Workbook

from benchmarks.load import questions
from bot import memory
from bot.database import Database, default_url
from bot.index_files import IndexFiles
from bot.live import LiveLibrary
from bot.process import take_short_turns
from handlers import consequences
from handlers.editing import Editor
from handlers.importing import File, Importer
from handlers.tables import QuestionRow
from knowledge.changes import ChangeKind, EntryChange
from knowledge.codec import to_json
from knowledge.letting_go import let_go
from scheduler.store.planning import World
from scheduler.workdays import Calendar

SECTORS = ("finance", "health", "tech", "talent", "education")
WORDS = "跨境 融资 便利 人才 签证 数据 出境 评估 医疗 保险 航运 物流 会展 教育 培训 专利 质押 贷款 试点 备案 许可 外资 养老".split()
ASKED = 500  # questions that were recorded before
PROBE = 0.002  # seconds between two looks at the event loop


def workbook(rows: int) -> bytes:
    """A spreadsheet of measures of a document of its own, each with other words."""
    book = Workbook(write_only=True)
    documents = book.create_sheet("文件")
    documents.append(["文件代号", "文件名称"])
    documents.append(["made-up", "虚拟的大方案"])
    sheet = book.create_sheet("措施")
    sheet.append(["编号", "板块", "标题", "摘要", "关键词", "别名", "常见问法", "官方原文"])
    for n in range(rows):
        picked = [WORDS[(n * step + step) % len(WORDS)] for step in (1, 3, 7, 11)]
        topic = "".join(picked)
        sheet.append(
            [
                f"made-up/{n // 1000 + 1}.{n % 1000 + 1}",
                SECTORS[n % len(SECTORS)],
                f"{topic}第{n}号措施",
                f"支持企业开展{topic}业务，第{n}号，按规定办理。",
                "；".join(picked),
                f"{picked[0]}{n}；{picked[1]}{n}",
                f"{picked[0]}{picked[1]}怎么办\n哪里可以办{picked[2]}{n}",
                f"支持符合条件的企业在本市开展{topic}业务，探索第{n}号管理模式，完善配套制度，加强事中事后监管。",
            ]
        )
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        return file.read()


class Probe:
    """By how many seconds each look at the event loop was late, of which no more than this process computed: what the
    machine did for others meanwhile does not count.
    """

    def __init__(self) -> None:
        self.late = [0.0]

    async def run(self) -> None:
        while True:
            before, computed = perf_counter(), process_time()
            await asyncio.sleep(PROBE)
            self.late.append(min(perf_counter() - before - PROBE, process_time() - computed))


def resident() -> float:
    """Memory held at most until now, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


@contextmanager
def timed(step: str, probe: Probe) -> Iterator[None]:
    probe.late = [0.0]
    start, computed = perf_counter(), process_time()
    yield
    seconds, computed = perf_counter() - start, process_time() - computed
    p99, most = np.percentile(probe.late, 99), max(probe.late)
    print(
        f"{step:28} {seconds:6.1f} s, computing {computed:6.1f} s   held up p99 {p99 * 1000:5.1f}, most {most * 1000:6.1f} ms   {resident():5.0f} MB so far",
        flush=True,
    )


async def ask(database: Database, number: int) -> None:
    """Records questions, so that a preview has some to ask again."""
    async with database.transaction() as session:
        session.add_all(
            QuestionRow(key=f"q{n}", user="li", text=text, at=datetime.now(UTC), outcome="none", score=0.0)
            for n, text in enumerate(questions()[:number])
        )


async def run(rows: int, folder: Path) -> None:
    data = workbook(rows)
    print(f"{rows} rows, {len(data) / 2**20:.1f} MB of .xlsx")
    database = Database(default_url(folder))
    await database.migrate()

    def clock() -> datetime:
        return datetime.now(UTC)

    library = LiveLibrary(database, clock, IndexFiles(folder / "index"))
    await library.open()
    await ask(database, ASKED)
    world = World((), Calendar(), time(9, 10), ZoneInfo("Asia/Shanghai"))
    editor = Editor(database, lambda: world, clock)
    importer = Importer(database, editor, library)
    probe = Probe()
    watching = asyncio.create_task(probe.run())
    start = perf_counter()
    with timed("reading and comparing", probe):
        preview = await importer.preview([File("measures.xlsx", data)])
    print(f"{'':28} {preview.plan.counts}, {len(preview.plan.faults)} faults")
    with timed("asking again", probe):
        await consequences.of_preview(database, preview, library())
    with timed("writing", probe):
        await importer.apply(preview, "benchmark")
    with timed("letting go of the preview", probe):
        planned = list(preview.plan.planned)
        del preview
        await asyncio.to_thread(let_go, planned)
    with timed("index", probe):
        await library.refresh()
    print(f"{'in all':28} {perf_counter() - start:6.1f} s")
    measure = library().active[-1]
    changed = replace(measure, summary=f"{measure.summary}另行通知。")
    with timed("an edit and its index", probe):
        await editor.apply(
            [EntryChange("measure", measure.id, None, to_json(changed))], "benchmark", ChangeKind.EDIT, ""
        )
        del measure, changed
        await library.refresh()
        await asyncio.sleep(0.1)
    watching.cancel()
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, help="keep the database here rather than in a folder that is removed")
    options = parser.parse_args()
    memory.collect_rarely()
    take_short_turns()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(run(options.rows, options.folder))
        return
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(options.rows, Path(folder)))


if __name__ == "__main__":
    main()
