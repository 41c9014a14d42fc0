"""A snapshot that is made of an older one is the one that would be read anew, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from bot.database import Database
from knowledge.changes import ChangeKind, EntryChange, pack_changes
from knowledge.codec import to_json
from knowledge.library import Library
from knowledge.model import Measure, OutOfScope, Pack, Sector, Status
from knowledge.store import snapshots
from knowledge.store.snapshots import SEPARATOR, Snapshot, take
from knowledge.store.versions import apply, changes, history, load, undoing
from knowledge.tables import ChangeRow, EntryRow, RevisionRow
from tests.knowledge.plans import PACK, measure

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
TITLES = ("宠物邮轮", "冷链温度追溯", "仓库夜班", "外籍引航员签证")
ASKED = (
    "邮轮要什么票",
    "老外能开船吗",
    "猫能上船吗",
    "冻肉化了",
    "今天天气",
    "yinhangyuan",
    "7号文第3条",
    "人才",
    "驾照",
)
ACTS = ("add", "edit", "retire", "remove", "move", "word", "topic", "undo", "restore")


async def written(database: Database, made: Sequence[EntryChange], now: datetime = NOW) -> int:
    async with database.transaction() as session:
        return await apply(session, made, "li", ChangeKind.EDIT, "", now)


async def replaced(database: Database, pack: Pack) -> None:
    async with database.transaction() as session:
        old, _ = await load(session)
        await apply(session, pack_changes(old, pack), "li", ChangeKind.IMPORT, "", NOW)


async def taken(database: Database, before: Snapshot | None = None) -> Snapshot:
    async with database.session() as session:
        return await take(session, before)


def edit(changed: Measure, position: int | None = None) -> EntryChange:
    return EntryChange("measure", changed.id, position, to_json(changed))


async def act(session: AsyncSession, name: str, n: int) -> None:
    """Does one of the things that people do to the knowledge, to the n-th of what there is."""
    made = await undone(session) if name == "undo" else await meant(session, name, n)
    await apply(session, made, "li", ChangeKind.EDIT, "", NOW)


async def undone(session: AsyncSession) -> list[EntryChange]:
    return (await undoing(session, (await changes(session, limit=1))[0].id))[0]


async def meant(session: AsyncSession, name: str, n: int) -> list[EntryChange]:
    pack, _ = await load(session)
    new = measure(f"harbour/3.{n}", TITLES[n % len(TITLES)])
    if name == "word":
        words = {"words": ["宠物", "猫", TITLES[n % len(TITLES)]]}
        return [EntryChange("synonym", "宠物", None, words if n % 3 else None)]
    if name == "topic":
        topic = to_json(OutOfScope("船上", "chitchat", (TITLES[n % len(TITLES)],)))
        return [EntryChange("out_of_scope", "船上", n % 2, topic if n % 3 else None)]
    if name == "restore":
        older = await history(session, "measure", PACK.measures[n % len(PACK.measures)].id)
        return [EntryChange("measure", PACK.measures[n % len(PACK.measures)].id, None, older[-1].body)]
    if name == "add" or not pack.measures:
        return [edit(new, None if n % 2 else n % (len(pack.measures) + 1))]
    old = pack.measures[n % len(pack.measures)]
    if name == "remove":
        return [EntryChange("measure", old.id, None, None)]
    if name == "move":
        return [edit(old, n % 5)]
    status = Status.ACTIVE if old.status is Status.RETIRED else Status.RETIRED
    return [edit(replace(old, status=status) if name == "retire" else replace(old, title=new.title))]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20), st.booleans()), min_size=3, max_size=10))
async def test_after_any_changes_it_is_what_would_be_read_anew(
    database: Database, acts: list[tuple[str, int, bool]]
) -> None:
    await replaced(database, PACK)
    known = await taken(database)
    library = Library(known.pack, known.version)
    for name, n, looks in [*acts, ("edit", 0, True)]:
        async with database.transaction() as session:
            await act(session, name, n)
        if looks:
            known, anew = await taken(database, known), await taken(database)
            library, other = Library(known.pack, known.version, before=library), Library(anew.pack, anew.version)
            assert known == anew
            assert (library.active, library.by_sector) == (other.active, other.by_sector)
            assert [library.find(question) for question in ASKED] == [other.find(question) for question in ASKED]


async def test_what_has_not_changed_is_shared(database: Database) -> None:
    await replaced(database, PACK)
    before = await taken(database)
    await written(database, [edit(replace(before.pack.measures[2], title="冷链"))])
    after = await taken(database, before)
    assert [a is b for a, b in zip(after.pack.measures, before.pack.measures, strict=True)].count(False) == 1
    assert after.pack.out_of_scope is before.pack.out_of_scope
    assert after.pack.measures[2].title == "冷链"


async def test_many_changes_at_once_are_read_with_everything(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "FEW", 2)
    await replaced(database, PACK)
    before = await taken(database)
    await written(database, [edit(replace(old, title="改过")) for old in before.pack.measures[:3]])
    after = await taken(database, before)
    assert after == await taken(database)
    assert after.pack.measures[3] is before.pack.measures[3]


async def test_a_change_that_is_seen_late_under_a_lower_number_is_not_missed(database: Database) -> None:
    await replaced(database, PACK)
    async with database.transaction() as session:
        session.add(ChangeRow(id=1000, at=NOW, author="li", kind="edit", reason="", summary={}))
    before = await taken(database)
    number = await written(database, [edit(replace(PACK.measures[0], title="后到的"))])
    async with database.transaction() as session:
        for table in EntryRow, RevisionRow:
            await session.execute(update(table).where(col(table.change_id) == number).values(change_id=1))
    after = await taken(database, before)
    assert after.pack.measures[0].title == "后到的"
    assert after == await taken(database)


async def test_another_history_under_the_same_numbers_is_read_whole(database: Database) -> None:
    await replaced(database, PACK)
    before = await taken(database)
    async with database.transaction() as session:
        for table in EntryRow, RevisionRow, ChangeRow:
            await session.execute(delete(table))
    other = pack_changes(Pack(), replace(PACK, measures=(replace(PACK.measures[0], title="备份里的"),)))
    await written(database, other, NOW - timedelta(days=1))
    assert (await taken(database, before)).pack.measures[0].title == "备份里的"


async def test_a_key_that_looks_like_two_marks_is_no_other_entry(database: Database) -> None:
    await replaced(database, Pack(sectors=(Sector("a", "A"), Sector("b", "B"))))
    before = await taken(database)
    await replaced(database, Pack(sectors=(Sector(f"a{SEPARATOR}1 b", "AB"),)))
    odd = await taken(database, before)
    assert odd.pack.sectors == (Sector(f"a{SEPARATOR}1 b", "AB"),)
    await replaced(database, Pack(sectors=(Sector("a", "A"), Sector("b", "B"))))
    assert (await taken(database, odd)).pack == before.pack


async def test_a_changed_entry_that_cannot_be_read_is_named(database: Database) -> None:
    await replaced(database, PACK)
    before = await taken(database)
    await written(database, [EntryChange("measure", "harbour/1.2", None, {"id": "harbour/1.2"})])
    with pytest.raises(ValueError, match=r"measure 'harbour/1\.2': Measure without "):
        await taken(database, before)


async def test_a_history_with_a_gap_is_no_reason_to_forget_an_entry(database: Database) -> None:
    await replaced(database, PACK)
    before = await taken(database)
    await written(database, [edit(replace(PACK.measures[0], title="没有历史"))])
    async with database.transaction() as session:
        await session.execute(delete(RevisionRow).where(col(RevisionRow.revision) == 2))
    assert (await taken(database, before)).pack.measures[0].title == "没有历史"
