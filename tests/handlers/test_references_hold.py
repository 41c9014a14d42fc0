"""Whatever people do to the knowledge, every entry's references exist; on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from json import JSONDecoder

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from bot.database import Database
from handlers.editing import Editor
from handlers.entries import Conflict, Entries, Signed
from handlers.history import History, NoSuchRevision
from knowledge.changes import KINDS, ChangeKind, EntryChange, pack_changes
from knowledge.codec import to_json
from knowledge.dependence import Kept, Why, needs
from knowledge.model import Document, Measure, Pack, PilotFact, Sector
from knowledge.store import versions
from knowledge.store.versions import Dangling
from knowledge.tables import ChangeRow, EntryRow, RevisionRow
from tests.scheduler.store.world import world

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
TEA, SHOP = Document("tea", "茶叶方案", "茶发1号"), Sector("shop", "零售")
GREEN = Measure("tea/1.1", "tea", 1, 1, ("shop",), "绿茶", "卖绿茶")
BLACK = Measure("tea/1.2", "tea", 1, 2, ("shop",), "红茶", "卖红茶", also_in=("tea/1.3",))
WHITE = Measure("tea/1.3", "tea", 1, 3, ("shop",), "白茶", "卖白茶")
PILOT = PilotFact("tea", "茶叶试点", date(2026, 1, 1))
PACK = Pack((TEA,), (SHOP,), (GREEN, BLACK, WHITE), pilots=(PILOT,))
KEYS = [("document", "d0"), ("document", "d1"), ("sector", "s0"), ("sector", "s1"), ("pilot", "d0"), ("pilot", "d1")]
KEYS += [("measure", f"d{document}/1.{ordinal}") for document in range(2) for ordinal in range(1, 4)]
ACTS = ("load", "load", "undo", "undo", "edit", "edit", "link", "remove", "restore")


class Desk:
    """Everything with which people change the knowledge."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.editor = Editor(database, world, lambda: NOW)
        self.entries = Entries(database, self.editor)
        self.history = History(database, self.editor)

    async def clear(self) -> None:
        async with self.database.transaction() as session:
            for table in EntryRow, RevisionRow, ChangeRow:
                await session.execute(delete(table))

    async def known(self) -> Pack:
        async with self.database.session() as session:
            return (await versions.load(session))[0]

    async def load(self, pack: Pack) -> int:
        """An import: it adds and changes, and never removes."""
        changes = [change for change in pack_changes(Pack(), pack) if change.body]
        made = await self.editor.apply(
            [EntryChange(c.kind, c.key, None, c.body) for c in changes], "wang", ChangeKind.IMPORT, ""
        )
        return made.id if made else 0

    async def write(self, kind: str, key: str, value: object) -> None:
        body = KINDS[kind].body(value) if value else None
        await self.entries.write(kind, key, body, None, Signed("li", ""))

    async def remove(self, sectors: Sequence[Sector]) -> None:
        gone = [EntryChange("sector", sector.code, None, None) for sector in sectors]
        await self.editor.apply(gone, "li", ChangeKind.EDIT, "")

    async def act(self, name: str, n: int, m: int) -> None:
        """One of the things that people do, to the n-th and m-th of what there is."""
        if name == "load":
            await self.load(_plan(await self.known(), n, m))
        elif name == "undo":
            async with self.database.session() as session:
                changes = await versions.changes(session)
            await self.history.undo(changes[n % len(changes)].id if changes else 0, "li")
        elif name == "remove":
            await self.write(*KEYS[n % 6], None)
        elif name == "restore":
            await self.history.restore(*KEYS[n % len(KEYS)], m % 4 + 1, "li")
        else:
            await self._edit(await self.known(), n, m, links=name == "link")

    async def _edit(self, pack: Pack, n: int, m: int, *, links: bool) -> None:
        if not pack.measures:
            return
        body = to_json(pack.measures[n % len(pack.measures)])
        others = [one.id for one in pack.measures if one.id != body["id"]]
        body |= {"also_in": others[m % 3 :][:1]} if links else {"asked_as": [f"第{m}问"], "sectors": [f"s{m % 2}"]}
        await self.entries.write("measure", body["id"], body, None, Signed("li", ""))

    async def missing(self) -> set[tuple[str, str]]:
        """What entries refer to and is not there."""
        changes = pack_changes(Pack(), await self.known())
        wanted = {target for change in changes for target in needs(change.kind, change.body)}
        return wanted - {(change.kind, change.key) for change in changes}


def _plan(known: Pack, n: int, m: int) -> Pack:
    """A file with a document and some of its measures, as an import accepts it."""
    slug, code = f"d{n % 2}", f"s{m % 2}"
    others = tuple(one.id for one in known.measures)
    measures = tuple(
        Measure(
            f"{slug}/1.{place}", slug, 1, place, (code,), f"标题{n}", f"摘要{m}", also_in=others[:1] if m % 3 else ()
        )
        for place in range(1, n % 3 + 2)
    )
    pilots = (PilotFact(slug, "试点", date(2026, 1, 1 + m)),) if n % 3 == 0 else ()
    return Pack((Document(slug, f"方案{m // 4}"),), (Sector(code, "板块"),), measures, pilots=pilots)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 11), st.integers(0, 11)), min_size=4, max_size=10))
async def test_after_any_imports_edits_and_undoings_all_references_exist(
    desk: Desk, acts: list[tuple[str, int, int]]
) -> None:
    await desk.clear()
    for name, n, m in [("load", 2, 0), *acts]:
        with suppress(Dangling, Conflict, NoSuchRevision):
            await desk.act(name, n, m)
        assert await desk.missing() == set(), name


async def test_an_undone_import_leaves_the_document_sector_and_measures_of_what_was_taught_since(desk: Desk) -> None:
    number = await desk.load(PACK)
    taught = to_json(BLACK) | {"asked_as": ["红茶怎么卖"]}
    await desk.entries.write("measure", BLACK.id, taught, None, Signed("li", ""))
    undone = await desk.history.undo(number, "li")
    black = ("measure", BLACK.id)
    assert set(undone.kept) == {
        Kept(*black),
        Kept("document", "tea", Why.NEEDED, black),
        Kept("sector", "shop", Why.NEEDED, black),
        Kept("measure", WHITE.id, Why.NEEDED, black),
    }
    left = await desk.known()
    assert (left.documents, left.sectors, left.pilots) == ((TEA,), (SHOP,), ())
    assert [measure.id for measure in left.measures] == [BLACK.id, WHITE.id]


async def test_a_pilot_that_was_moved_since_keeps_its_document(desk: Desk) -> None:
    number = await desk.load(PACK)
    await desk.write("pilot", "tea", PilotFact("tea", "茶叶试点", date(2026, 2, 1)))
    await desk.history.undo(number, "li")
    left = await desk.known()
    assert ([pilot.document for pilot in left.pilots], left.documents, left.measures) == (["tea"], (TEA,), ())


async def test_an_undoing_is_taken_back_only_as_far_as_the_documents_are_there(desk: Desk) -> None:
    first = await desk.load(Pack((TEA,), (SHOP,)))
    second = await desk.load(Pack(measures=(GREEN,)))
    undone = (await desk.history.undo(second, "li")).change
    await desk.history.undo(first, "li")
    assert undone is not None
    again = await desk.history.undo(undone.id, "li")
    assert again.change is None
    assert again.kept[0].why is Why.LACKING
    assert await desk.known() == Pack()


@pytest.mark.parametrize(("kind", "key"), [("document", "tea"), ("sector", "shop"), ("measure", WHITE.id)])
async def test_what_is_referred_to_is_not_removed(desk: Desk, kind: str, key: str) -> None:
    await desk.load(PACK)
    with pytest.raises(Dangling, match=f"refers to {kind} {key}"):
        await desk.write(kind, key, None)
    assert await desk.known() == PACK


async def test_a_version_whose_document_is_gone_does_not_come_back(desk: Desk) -> None:
    await desk.history.undo(await desk.load(PACK), "li")
    with pytest.raises(Dangling, match=r"measure tea/1\.1 refers to "):
        await desk.history.restore("measure", GREEN.id, 1, "li")
    assert await desk.known() == Pack()


async def test_what_lacked_something_before_can_still_be_corrected(desk: Desk) -> None:
    await desk.load(Pack(measures=(GREEN,)))  # as older versions left it
    await desk.entries.write("measure", GREEN.id, to_json(GREEN) | {"title": "好茶"}, None, Signed("li", ""))
    assert [measure.title for measure in (await desk.known()).measures] == ["好茶"]


@pytest.mark.parametrize("key", ['"', "\\", "%", "_", "/", "零售", "é\u2028\t\x7f", "shop", "a\"},{'b", "😀"])
async def test_a_sector_that_is_referred_to_is_not_removed_whatever_it_is_called(desk: Desk, key: str) -> None:
    other = Sector("other", "别的")
    await desk.load(Pack((TEA,), (Sector(key, "零售"), other), (replace(GREEN, sectors=(key,)),)))
    await desk.write("sector", "other", None)
    with pytest.raises(Dangling, match="refers to sector"):
        await desk.write("sector", key, None)
    assert [sector.code for sector in (await desk.known()).sectors] == [key]


async def test_of_many_removed_at_once_none_is_referred_to_by_what_stays(desk: Desk) -> None:
    sectors = tuple(Sector(f"s{n}", "零售") for n in range(50))
    await desk.load(Pack((TEA,), sectors, (replace(GREEN, sectors=("s49",)),)))
    with pytest.raises(Dangling, match="refers to sector s49"):
        await desk.remove(sectors)
    await desk.remove(sectors[:49])
    assert (await desk.known()).sectors == sectors[49:]


async def test_an_entry_that_cannot_be_read_keeps_nothing_else_from_being_removed(desk: Desk) -> None:
    await desk.load(PACK)
    async with desk.database.transaction() as session:
        await session.execute(text("UPDATE entry SET body = '{}' WHERE key = 'tea/1.2'"))
    await desk.write("measure", GREEN.id, None)


async def test_no_body_is_read_on_the_event_loop_while_an_import_is_undone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.load(PACK)
    number = await desk.load(Pack(measures=(replace(GREEN, title="好茶"),)))
    here, read = threading.get_ident(), []

    def loads(body: str) -> object:
        read.append(threading.get_ident())
        return JSONDecoder().decode(body)

    monkeypatch.setattr(json, "loads", loads)
    async with desk.database.session() as session:
        back, kept = await versions.undoing(session, number)
    assert ([change.key for change in back], kept) == ([GREEN.id], [])
    assert read
    assert here not in read
