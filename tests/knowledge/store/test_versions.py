"""The knowledge in the database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.database import Database
from knowledge.changes import ChangeKind, EntryChange, pack_changes
from knowledge.dependence import Kept
from knowledge.model import Document, Measure, OutOfScope, Pack, PilotFact, Sector
from knowledge.store.versions import Outdated, apply, changes, history, load, undoing, version

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)

PACK = Pack(
    documents=(Document("plan", "某某试点方案", "某发1号", "某局", date(2021, 4, 21), items={1: "总则", 2: "任务"}),),
    sectors=(Sector("tech", "科技", ("技术",)), Sector("finance", "金融")),
    measures=(
        Measure("plan/1.1", "plan", 1, 1, ("tech",), "甲", "做甲事", asked_as=("甲怎么办",)),
        Measure("plan/1.2", "plan", 1, 2, ("finance", "tech"), "乙", "做乙事", valid_to=date(2024, 4, 21)),
    ),
    synonyms=(("看病", "就医"), ("看病", "看医生")),
    out_of_scope=(OutOfScope("天气", "chitchat", ("今天天气",)),),
    pilots=(PilotFact("plan", "某某试点", date(2021, 4, 21), "document"),),
)


async def write(
    database: Database,
    made: Sequence[EntryChange],
    kind: ChangeKind = ChangeKind.EDIT,
    now: datetime = NOW,
    base: int | None = None,
) -> int:
    async with database.transaction() as session:
        return await apply(session, made, "wangfang", kind, "a reason", now, base)


async def replace(database: Database, new: Pack) -> int:
    async with database.transaction() as session:
        old, base = await load(session)
        return await apply(session, pack_changes(old, new), "wangfang", ChangeKind.IMPORT, "a reason", NOW, base)


async def loaded(database: Database) -> tuple[Pack, int]:
    async with database.session() as session:
        return await load(session)


async def sector_names(database: Database) -> list[str]:
    return [sector.name for sector in (await loaded(database))[0].sectors]


def sector(code: str, name: str, position: int | None = None) -> EntryChange:
    return EntryChange("sector", code, position, {"code": code, "name": name, "aliases": []})


def removed(code: str) -> EntryChange:
    return EntryChange("sector", code, None, None)


async def test_an_empty_database_holds_an_empty_pack_at_version_0(database: Database) -> None:
    assert await loaded(database) == (Pack(), 0)


async def test_what_was_applied_is_loaded_and_the_change_is_its_version(database: Database) -> None:
    number = await replace(database, PACK)
    assert await loaded(database) == (PACK, number)
    async with database.session() as session:
        assert await version(session) == number


async def test_applying_what_is_there_already_makes_no_change(database: Database) -> None:
    number = await replace(database, PACK)
    assert await replace(database, PACK) == number
    assert await write(database, pack_changes(Pack(), PACK)) == number
    assert await write(database, [removed("nothing")]) == number
    async with database.session() as session:
        assert len(await changes(session)) == 1


async def test_any_pack_follows_any_other_in_its_own_order(database: Database) -> None:
    chance = random.Random(7)
    for _ in range(25):
        codes = chance.sample("abcdefghij", chance.randrange(11))
        pack = Pack(sectors=tuple(Sector(code, chance.choice("xy")) for code in codes))
        if chance.random() < 0.3:
            await write(database, [removed(chance.choice("abcdefghij"))])
        await replace(database, pack)
        assert (await loaded(database))[0] == pack


async def test_single_edits_keep_the_place_and_new_entries_come_last_in_the_order_given(database: Database) -> None:
    await write(database, [sector("z", "Z"), sector("b", "B"), sector("a", "A")])
    await write(database, [sector("b", "B2"), sector("y", "Y"), sector("x", "X")])
    assert await sector_names(database) == ["Z", "B2", "A", "Y", "X"]


async def test_an_entry_that_changes_and_moves_leaves_every_place_to_one(database: Database) -> None:
    await write(database, [sector("a", "A"), sector("b", "B"), sector("c", "C")])
    await write(database, [sector("c", "C2", 0)])
    assert await sector_names(database) == ["A", "C2", "B"]
    await write(database, [sector("b", "B", 1)])
    assert await sector_names(database) == ["A", "B", "C2"]


async def test_the_last_of_several_changes_of_one_entry_counts(database: Database) -> None:
    await write(database, [sector("a", "first"), sector("a", "second")])
    assert await sector_names(database) == ["second"]


async def test_a_change_tells_who_when_why_and_how_much(database: Database) -> None:
    await write(database, [sector("a", "A"), sector("b", "B"), sector("c", "C")])
    later = NOW + timedelta(days=1)
    number = await write(database, [sector("a", "A2"), removed("b"), sector("d", "D", 0)], ChangeKind.IMPORT, later)
    async with database.session() as session:
        last, first = await changes(session)
        assert await changes(session, limit=1) == [last]
        assert await changes(session, before=last.id) == [first]
    assert (last.id, last.at, last.author, last.kind, last.reason) == (
        number,
        later,
        "wangfang",
        ChangeKind.IMPORT,
        "a reason",
    )
    assert last.summary == {"sector": {"added": 1, "changed": 1, "removed": 1}}
    assert first.summary == {"sector": {"added": 3}}


async def test_the_history_of_an_entry_has_every_body_newest_first(database: Database) -> None:
    numbers = [
        await write(database, made)
        for made in ([sector("a", "A")], [sector("a", "B")], [removed("a")], [sector("a", "C")])
    ]
    async with database.session() as session:
        found = await history(session, "sector", "a")
        assert await history(session, "sector", "nothing") == []
    assert [(revision.revision, (revision.body or {}).get("name")) for revision in found] == [
        (4, "C"),
        (3, None),
        (2, "B"),
        (1, "A"),
    ]
    assert [revision.change.id for revision in reversed(found)] == numbers


async def test_a_move_alone_is_a_change_without_a_revision(database: Database) -> None:
    await write(database, [sector("a", "A"), sector("b", "B")])
    moved = await write(database, [sector("a", "A", 1), sector("b", "B", 0)])
    assert await sector_names(database) == ["B", "A"]
    async with database.session() as session:
        assert len(await history(session, "sector", "a")) == 1
        assert (await changes(session, limit=1))[0].summary == {}
        assert await version(session) == moved


async def test_an_undone_change_leaves_what_was_there_before(database: Database) -> None:
    before = Pack(sectors=tuple(Sector(code, "old") for code in "abc"))
    await replace(database, before)
    number = await replace(database, Pack(sectors=(Sector("a", "new"), Sector("b", "old"), Sector("d", "new"))))
    async with database.transaction() as session:
        back, later = await undoing(session, number)
        await apply(session, back, "wangfang", ChangeKind.UNDO, "a mistake", NOW)
    assert later == []
    assert (await loaded(database))[0] == before


async def test_undoing_leaves_alone_what_was_changed_again_since(database: Database) -> None:
    number = await write(database, [sector("a", "A"), sector("b", "B")])
    await write(database, [sector("a", "better")])
    async with database.session() as session:
        assert await undoing(session, number) == ([removed("b")], [Kept("sector", "a")])
        assert await undoing(session, 10_000) == ([], [])


async def test_of_two_changes_made_from_one_version_the_second_is_refused(database: Database) -> None:
    results = await asyncio.gather(
        *(write(database, [sector(code, code)], base=0) for code in "ab"), return_exceptions=True
    )
    assert [type(result) for result in sorted(results, key=str)] == [int, Outdated]
    assert len(await sector_names(database)) == 1


async def test_changes_at_the_same_time_are_all_kept_in_one_order(database: Database) -> None:
    numbers = await asyncio.gather(*(write(database, [sector("same", code), sector(code, code)]) for code in "abcdef"))
    async with database.session() as session:
        revisions = await history(session, "sector", "same")
    assert sorted(numbers, reverse=True) == [revision.change.id for revision in revisions]
    assert len(await sector_names(database)) == 7


async def test_a_failed_transaction_leaves_the_knowledge_as_it_was(database: Database) -> None:
    number = await replace(database, PACK)
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await apply(session, [sector("x", "X")], "wangfang", ChangeKind.EDIT, "a reason", NOW)
            raise RuntimeError
    assert await loaded(database) == (PACK, number)


async def test_an_entry_that_cannot_be_read_is_named(database: Database) -> None:
    await replace(database, PACK)
    async with database.transaction() as session:
        await session.execute(text("UPDATE entry SET body = '{}' WHERE key = 'plan/1.2'"))
    with pytest.raises(ValueError, match=r"measure 'plan/1\.2': Measure without "):
        await loaded(database)


async def test_thousands_of_measures_change_places_at_once(database: Database) -> None:
    measures = [
        Measure(f"plan/{n // 50}.{n % 50}", "plan", n // 50, n % 50, ("tech",), f"标题{n}", "摘要" * 40, ("词",) * 8)
        for n in range(3_000)
    ]
    await replace(database, Pack(measures=tuple(measures)))
    await replace(database, Pack(measures=tuple(reversed(measures))))
    assert (await loaded(database))[0].measures[0] == measures[-1]
