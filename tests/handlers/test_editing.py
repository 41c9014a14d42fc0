"""Changing the knowledge: the change, and who is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from bot.database import Database
from handlers.editing import Editor
from knowledge.changes import Change, ChangeKind, pack_changes
from knowledge.model import Document, Measure, Pack, Sector, Status
from knowledge.store import versions
from knowledge.store.versions import Outdated
from scheduler.store import followers
from scheduler.updates import Weight
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.store.world import subscribe, world

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=SHANGHAI)
LOANS = Measure("plan/1.1", "plan", 1, 1, ("finance",), "跨境贷款", "办理跨境贷款")
VISAS = Measure("plan/1.2", "plan", 1, 2, ("talent",), "签证便利", "办理签证")
AIMS = Measure("plan/0.1", "plan", 0, 1, (), "目标", "三年见效")
PACK = Pack(
    documents=(Document("plan", "某某试点方案", "某发1号", "某局", date(2021, 4, 21), short_names=("方案",)),),
    sectors=(Sector("finance", "金融"), Sector("talent", "人才")),
    measures=(AIMS, LOANS, VISAS),
)


@pytest.fixture
def editor(database: Database) -> Editor:
    return Editor(database, world, lambda: NOW)


@pytest.fixture(autouse=True)
async def people(database: Database) -> None:
    async with database.transaction() as session:
        await versions.apply(session, pack_changes(Pack(), PACK), "pilotbot", ChangeKind.SEED, "", NOW)
    for user, topic in (("fin", "sector:finance"), ("tal", "sector:talent"), ("doc", "document:plan"), ("all", "all")):
        await subscribe(database, [user], topic, NOW)


async def edit(editor: Editor, *measures: Measure, weight: Weight = Weight.NORMAL) -> Change | None:
    changes = pack_changes(PACK, replace(PACK, measures=measures))
    return await editor.apply(changes, "wangfang", ChangeKind.EDIT, "更正", weight=weight)


async def acts(database: Database) -> dict[str, list[tuple[str, str]]]:
    """Person -> the measures that they will be told of, and what happened to those."""
    async with database.session() as session:
        told = {user: await followers.told(session, user, 9) for user in ("fin", "tal", "doc", "all")}
    return {
        user: [(item["title"], item["act"]) for one in found for item in _items(one)] for user, found in told.items()
    }


def _items(told: followers.Told) -> Sequence[dict[str, str]]:
    return told.content["items"]  # type: ignore[return-value]


async def test_a_changed_measure_is_told_to_those_who_follow_its_sector_or_document(
    editor: Editor, database: Database
) -> None:
    made = await edit(editor, AIMS, replace(LOANS, summary="网上办理跨境贷款"), VISAS)
    assert made is not None
    assert (made.author, made.kind, made.reason, dict(made.summary)) == (
        "wangfang", ChangeKind.EDIT, "更正", {"measure": {"changed": 1}},
    )  # fmt: skip
    news = [("跨境贷款", "changed")]
    assert await acts(database) == {"fin": news, "doc": news, "all": news, "tal": []}


async def test_who_followed_the_old_sector_and_who_follows_the_new_one_are_both_told(
    editor: Editor, database: Database
) -> None:
    await edit(editor, AIMS, replace(LOANS, sectors=("talent",)), VISAS)
    assert {user for user, found in (await acts(database)).items() if found} == {"fin", "tal", "doc", "all"}


@pytest.mark.parametrize(
    ("left", "act"),
    [((AIMS, LOANS), "removed"), ((AIMS, LOANS, replace(VISAS, status=Status.RETIRED)), "retired")],
)
async def test_a_measure_that_is_retired_or_removed_is_told_as_no_longer_in_force(
    editor: Editor, database: Database, left: tuple[Measure, ...], act: str
) -> None:
    await edit(editor, *left)
    assert (await acts(database))["tal"] == [("签证便利", act)]


@pytest.mark.parametrize(
    "measures",
    [
        (AIMS, LOANS, VISAS),
        (AIMS, VISAS, LOANS),
        (AIMS, replace(LOANS, asked_as=("怎么贷款",), keywords=("贷款",)), VISAS),
        (replace(AIMS, summary="三年大见效"), LOANS, VISAS),
    ],
)
async def test_what_people_do_not_see_is_no_news(
    editor: Editor, database: Database, measures: tuple[Measure, ...]
) -> None:
    await edit(editor, *measures)
    assert not any((await acts(database)).values())


async def test_a_minor_change_is_recorded_and_not_told(editor: Editor, database: Database) -> None:
    assert await edit(editor, AIMS, LOANS, weight=Weight.MINOR) is not None
    assert not any((await acts(database)).values())


async def test_what_changes_nothing_is_no_change_even_after_a_minor_one(editor: Editor, database: Database) -> None:
    await edit(editor, AIMS, LOANS, weight=Weight.MINOR)
    assert await edit(editor, AIMS, LOANS) is None
    assert not any((await acts(database)).values())


async def test_the_reason_is_shown_with_an_urgent_change_only(editor: Editor, database: Database) -> None:
    await edit(editor, AIMS, replace(LOANS, title="贷款"), VISAS)
    await edit(editor, AIMS, replace(LOANS, title="跨境借款"), VISAS, weight=Weight.URGENT)
    async with database.session() as session:
        told = await followers.told(session, "fin", 9)
    assert {(one.content["items"][0]["title"], one.content["reason"]) for one in told} == {  # type: ignore[index]
        ("贷款", ""), ("跨境借款", "更正"),
    }  # fmt: skip


async def test_who_was_slower_changes_and_tells_nothing(editor: Editor, database: Database) -> None:
    changes = pack_changes(PACK, replace(PACK, measures=(AIMS, LOANS)))
    with pytest.raises(Outdated):
        await editor.apply(changes, "wangfang", ChangeKind.EDIT, "", base=0)
    assert not any((await acts(database)).values())
