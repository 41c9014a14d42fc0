"""Imports as the pages and the command use them: previewed, applied whole, undone; and what they would mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.database import Database
from handlers import consequences
from handlers.consequences import Answered
from handlers.editing import Editor
from handlers.history import History, NoSuchRevision
from handlers.importing import File, Importer
from handlers.tables import QuestionRow
from knowledge.changes import ChangeKind, EntryChange, pack_changes
from knowledge.codec import to_json
from knowledge.dependence import Kept
from knowledge.library import Library
from knowledge.model import Document, Measure, Pack, Sector, Status
from knowledge.store import versions
from scheduler.model import Pilot
from scheduler.store.planning import World
from scheduler.workdays import Calendar
from tests.scheduler.examples import REMIND_AT, SHANGHAI
from tests.scheduler.store.world import subscribe

NOW = datetime(2025, 6, 4, 10, 0, tzinfo=SHANGHAI)
BASE = Pack(
    documents=(Document("tea-1", "茶叶方案", "茶发〔2025〕1号"),),
    sectors=(Sector("shop", "零售"), Sector("trade", "贸易")),
    measures=(
        Measure("tea-1/1.1", "tea-1", 1, 1, ("shop",), "绿茶可以夜间销售", "茶店夜里也可以卖绿茶。", asked_as=("晚上能买绿茶吗",)),
        Measure("tea-1/1.2", "tea-1", 1, 2, ("trade",), "红茶出口免检", "红茶出口不再逐批检验。", asked_as=("红茶出口要检验吗",)),
    ),
)  # fmt: skip


@pytest.fixture
async def editor(database: Database) -> Editor:
    editor = Editor(database, lambda: World((), Calendar(), REMIND_AT, SHANGHAI), lambda: NOW)
    await editor.apply(pack_changes(Pack(), BASE), "pilotbot", ChangeKind.SEED, "seed")
    return editor


@pytest.fixture
def importer(database: Database, editor: Editor) -> Importer:
    return Importer(database, editor)


def csv(*rows: str) -> list[File]:
    return [File("改.csv", "\n".join(rows).encode())]


async def known(database: Database) -> Pack:
    async with database.session() as session:
        return (await versions.load(session))[0]


async def test_an_import_is_recorded_with_author_and_files(importer: Importer, database: Database) -> None:
    preview = await importer.preview(csv("编号,摘要", "tea-1/1.1,茶店可以通宵卖绿茶。"))
    change = await importer.apply(preview, "wang")
    assert change is not None
    assert (change.author, change.kind, change.reason) == ("wang", ChangeKind.IMPORT, "导入 改.csv")
    assert (await known(database)).measures[0].summary == "茶店可以通宵卖绿茶。"


async def test_a_preview_that_the_knowledge_has_outrun_is_not_applied(
    importer: Importer, editor: Editor, database: Database
) -> None:
    preview = await importer.preview(csv("编号,摘要", "tea-1/1.1,甲"))
    other = await importer.preview(csv("编号,摘要", "tea-1/1.1,乙"))
    await importer.apply(other, "li")
    with pytest.raises(versions.Outdated):
        await importer.apply(preview, "wang")
    assert (await known(database)).measures[0].summary == "乙"


async def test_an_import_is_undone_whole_but_for_what_changed_since(
    importer: Importer, editor: Editor, database: Database
) -> None:
    change = await importer.apply(
        await importer.preview(
            csv("编号,摘要,板块,标题", "tea-1/1.1,甲,,", "tea-1/1.2,乙,,", "tea-1/1.3,丙,零售,新的")
        ),
        "wang",
    )
    assert change is not None
    await importer.apply(await importer.preview(csv("编号,摘要", "tea-1/1.2,后来改的")), "li")
    undone = await History(database, editor).undo(change.id, "wang")
    assert undone.kept == (Kept("measure", "tea-1/1.2"),)
    assert [(m.id, m.summary) for m in (await known(database)).measures] == [
        ("tea-1/1.1", "茶店夜里也可以卖绿茶。"),
        ("tea-1/1.2", "后来改的"),
    ]
    assert (await History(database, editor).undo(change.id, "wang")).change is None


async def test_one_entry_goes_back_to_an_earlier_revision(
    importer: Importer, editor: Editor, database: Database
) -> None:
    await importer.apply(await importer.preview(csv("编号,摘要", "tea-1/1.1,甲", "tea-1/1.2,乙")), "wang")
    history = History(database, editor)
    await history.restore("measure", "tea-1/1.1", 1, "li")
    assert [m.summary for m in (await known(database)).measures] == ["茶店夜里也可以卖绿茶。", "乙"]
    with pytest.raises(NoSuchRevision):
        await history.restore("measure", "tea-1/1.1", 9, "li")


async def test_a_preview_tells_which_recorded_questions_change_and_how_many_would_be_told(
    importer: Importer, database: Database
) -> None:
    await subscribe(database, ["ann"], "sector:shop", at=NOW)
    await subscribe(database, ["bob"], "sector:trade", at=NOW)
    await subscribe(database, ["eve"], "all", at=NOW)
    async with database.transaction() as session:
        for n, text in enumerate(["晚上能买绿茶吗", "红茶出口要检验吗", "晚上能买绿茶吗"]):
            session.add(QuestionRow(key=f"q{n}", text=text, at=NOW, outcome="answer", score=1.0))
    preview = await importer.preview(csv("编号,标题", "tea-1/1.1,绿茶可以通宵销售"))
    found = await consequences.of_preview(database, preview)
    assert found.answers == (Answered("晚上能买绿茶吗", ("绿茶可以夜间销售",), ("绿茶可以通宵销售",)),)
    assert (found.asked, found.followers) == (2, 2)


@pytest.mark.parametrize("behind", [False, True])
async def test_the_knowledge_in_memory_is_used_only_while_it_is_the_latest(
    database: Database, editor: Editor, *, behind: bool
) -> None:
    async with database.transaction() as session:
        session.add(QuestionRow(key="q", text="晚上能买绿茶吗", at=NOW, outcome="answer", score=1.0))
        library = Library(*await versions.load(session))
    title = "绿茶可以夜间销售"
    if behind:
        title = "绿茶夜里能卖"
        body = to_json(replace(BASE.measures[0], title=title))
        await editor.apply([EntryChange("measure", "tea-1/1.1", None, body)], "li", ChangeKind.EDIT, "")
    preview = await Importer(database, editor, lambda: library).preview(csv("编号,标题", "tea-1/1.1,绿茶可以通宵销售"))
    assert (preview.plan.planned[0].before or {})["title"] == title
    found = await consequences.of_preview(database, preview, library)
    assert found.answers == (Answered("晚上能买绿茶吗", (title,), ("绿茶可以通宵销售",)),)
    assert await Importer(database, editor).apply(preview, "wang")


async def test_words_that_only_help_to_find_a_measure_are_no_news(importer: Importer, database: Database) -> None:
    await subscribe(database, ["eve"], "all", at=NOW)
    preview = await importer.preview(csv("编号,别名", "tea-1/1.1,抹茶"))
    assert (await consequences.of_preview(database, preview)).followers == 0


async def test_several_files_are_one_change_or_none(importer: Importer, database: Database) -> None:
    pack = File("词.yaml", "synonyms:\n- [绿茶, 青茶]\nsectors:\n- {code: farm, name: 茶园}\n".encode())
    preview = await importer.preview([pack, *csv("编号,板块", "tea-1/1.1,茶园；零售")])
    assert preview.plan.counts == {"added": 2, "changed": 1, "unchanged": 0, "retired": 0}
    await importer.apply(preview, "wang")
    made = await known(database)
    assert (made.synonyms, made.measures[0].sectors) == ((("绿茶", "青茶"),), ("farm", "shop"))


async def test_what_has_a_fault_changes_nothing(importer: Importer, database: Database) -> None:
    preview = await importer.preview(csv("编号,摘要", "tea-1/1.1,甲", "茶,乙"))
    assert preview.plan.faults
    assert preview.plan.is_empty
    assert await importer.apply(preview, "wang") is None
    assert await known(database) == BASE


async def test_a_retired_measure_stays_with_what_replaced_it(importer: Importer, database: Database) -> None:
    preview = await importer.preview(csv("编号,状态,替代措施", "tea-1/1.1,停用,tea-1/1.2"))
    assert preview.plan.counts["retired"] == 1
    await importer.apply(preview, "wang")
    measure = (await known(database)).measures[0]
    assert (measure.status, measure.replaced_by) == (Status.RETIRED, "tea-1/1.2")


async def test_pilots_with_milestones_come_in_by_pack(importer: Importer, database: Database) -> None:
    text = """
pilots:
- document: tea-1
  name: 茶叶试点
  start: 2025-01-15
  leads: [10, 1]
  milestones:
  - {kind: fair, date: 2025-09-01, title: 茶博会}
  - {kind: year-1, removed: true}
"""
    await importer.apply(await importer.preview([File("试点.yaml", text.encode())]), "wang")
    (fact,) = (await known(database)).pilots
    assert (fact.leads, [m.kind for m in fact.milestones], fact.milestones[1].removed) == (
        (10, 1),
        ["fair", "year-1"],
        True,
    )
    assert Pilot.of(fact).start.isoformat() == "2025-01-15"
