"""Taking a change back: who hears of it, and in how many messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.database import Database
from handlers.editing import Editor
from handlers.history import History
from knowledge.changes import Change, ChangeKind, EntryChange, pack_changes
from knowledge.codec import to_json
from knowledge.model import Document, Measure, Pack, Sector
from knowledge.store import versions
from scheduler.delivery import Cadence, State
from scheduler.store import deliveries, followers
from scheduler.updates import Weight
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, subscribe, world

THURSDAY = datetime(2022, 3, 3, 15, 0, tzinfo=SHANGHAI)
MONDAY = datetime(2022, 3, 7, 12, 0, tzinfo=SHANGHAI)  # after the digests
LOANS = Measure("plan/1.1", "plan", 1, 1, ("finance", "trade"), "跨境贷款", "办理跨境贷款")
VISAS = Measure("plan/1.2", "plan", 1, 2, ("talent",), "签证便利", "办理签证")
CARDS = Measure("plan/1.3", "plan", 1, 3, ("finance",), "外卡受理", "商户受理外卡")
PACK = Pack(
    documents=(Document("plan", "某某试点方案", short_names=("方案",)),),
    sectors=(Sector("finance", "金融"), Sector("trade", "贸易"), Sector("talent", "人才")),
    measures=(LOANS, VISAS),
)
ONLINE = replace(LOANS, summary="网上办理跨境贷款")
FAST = replace(VISAS, summary="当天办理签证")

SETTLE = Measure("rules/1.1", "rules", 1, 1, ("talent",), "落户", "办理落户")
RENT = Measure("rules/1.2", "rules", 1, 2, ("talent",), "租房", "补贴租房", also_in=("rules/1.3",))
BUY = Measure("rules/1.3", "rules", 1, 3, ("talent",), "购房", "补贴购房")
RULES = Pack((Document("rules", "某某实施细则", short_names=("细则",)),), measures=(SETTLE, RENT, BUY))


class Desk:
    """An admin's hand on the knowledge, and the people who follow it."""

    def __init__(self, database: Database, replica: Replica) -> None:
        self.database = database
        self.replica = replica
        self.editor = Editor(database, world, replica.clock)
        self.history = History(database, self.editor)
        self.pack = PACK

    async def load(self, *measures: Measure, weight: Weight = Weight.NORMAL) -> Change:
        """The knowledge becomes these measures; sends what is due."""
        changed = replace(self.pack, measures=measures)
        changes = pack_changes(self.pack, changed)
        made = await self.editor.apply(changes, "wang", ChangeKind.IMPORT, "导入", weight=weight)
        assert made is not None
        self.pack = changed
        await self.replica.tick()
        return made

    async def undo(self, change: Change) -> Change:
        """Takes it back; sends what is due."""
        made = (await self.history.undo(change.id, "li")).change
        assert made is not None
        await self.replica.tick()
        return made

    async def follow(self, user: str, *topics: str, cadence: Cadence = Cadence.IMMEDIATE) -> None:
        async with self.database.transaction() as session:
            await followers.follow(session, user, topics, self.replica.clock())
            await followers.set_cadence(session, user, cadence, self.replica.clock())

    def got(self, user: str) -> list[str]:
        """The messages that reached a person."""
        return [text for name, text in self.replica.platform.seen if name == user]


@pytest.fixture
async def desk(database: Database) -> Desk:
    async with database.transaction() as session:
        await versions.apply(session, pack_changes(Pack(), PACK), "pilotbot", ChangeKind.SEED, "", THURSDAY)
    clock = Time(THURSDAY)
    return Desk(database, Replica(database, clock, Platform(clock), world()))


async def test_what_was_not_sent_yet_is_never_sent(desk: Desk) -> None:
    await desk.follow("li", "sector:finance", cadence=Cadence.WEEKLY)
    await desk.undo(await desk.load(ONLINE, VISAS))
    await desk.replica.until(MONDAY)
    assert desk.got("li") == []


async def test_who_was_told_gets_one_correction_that_says_what_was_taken_back(desk: Desk) -> None:
    await desk.follow("li", "sector:finance", "sector:trade", "document:plan")
    made = await desk.load(ONLINE, VISAS, CARDS)
    desk.replica.clock.pass_(minutes=5)
    await desk.undo(made)
    _, correction = desk.got("li")
    assert correction.splitlines() == [
        "【更新撤回】方案、金融、贸易：之前通知的2项变化已撤回，以现行内容为准（03-03 15:05）",
        '· 取消修订：<a href="https://bot.example.com/measures/plan/1.1">跨境贷款</a>',
        "· 取消新增：外卡受理",
    ]


async def test_who_follows_everything_or_does_so_by_now_is_corrected_once_too(desk: Desk) -> None:
    await desk.follow("all", "all", "sector:finance")
    await desk.follow("later", "sector:finance")
    made = await desk.load(ONLINE, VISAS)
    await desk.follow("later", "all")
    await desk.undo(made)
    assert [len(desk.got(user)) for user in ("all", "later")] == [2, 2]
    assert desk.got("all")[1].startswith("【更新撤回】全部：")


async def test_a_correction_keeps_to_the_persons_cadence_unless_the_change_was_urgent(desk: Desk) -> None:
    await desk.follow("li", "sector:finance", cadence=Cadence.WEEKLY)
    made = await desk.load(ONLINE, VISAS)
    await desk.replica.until(MONDAY)
    await desk.undo(made)
    assert len(desk.got("li")) == 1
    await desk.replica.until(MONDAY + timedelta(days=7))
    assert desk.got("li")[1].startswith("【更新撤回】")
    desk.pack = PACK
    await desk.undo(await desk.load(ONLINE, VISAS, weight=Weight.URGENT))
    assert desk.got("li")[3].startswith("【更新撤回】")


async def test_who_stopped_following_or_paused_since_is_left_alone(desk: Desk) -> None:
    await desk.follow("gone", "sector:finance")
    await desk.follow("paused", "sector:finance")
    made = await desk.load(ONLINE, VISAS)
    async with desk.database.transaction() as session:
        await followers.unfollow(session, "gone")
        await followers.pause(session, "paused", THURSDAY)
    await desk.undo(made)
    assert [len(desk.got(user)) for user in ("gone", "paused")] == [1, 1]


async def test_who_began_to_follow_since_hears_of_it_as_of_any_change(desk: Desk) -> None:
    made = await desk.load(ONLINE, VISAS)
    desk.replica.clock.pass_(minutes=5)
    await desk.follow("new", "sector:finance", "sector:trade")
    await desk.undo(made)
    (news,) = desk.got("new")
    assert news.startswith("【政策更新】金融、贸易：1项有变化")


async def test_what_others_changed_since_is_still_told(desk: Desk) -> None:
    await desk.follow("now", "document:plan")
    await desk.follow("weekly", "document:plan", "sector:finance", cadence=Cadence.WEEKLY)
    made = await desk.load(ONLINE, FAST)
    await desk.load(ONLINE, replace(FAST, title="签证更便利"), weight=Weight.MINOR)
    await desk.undo(made)
    assert [("跨境贷款" in text, "签证便利" in text) for text in desk.got("now")] == [(True, True), (True, False)]
    await desk.replica.until(MONDAY)
    (news,) = desk.got("weekly")
    assert news.startswith("【政策更新】方案：1项有变化")
    assert ("跨境贷款" in news, "签证便利" in news) == (False, True)


async def test_what_nobody_was_to_be_told_is_taken_back_without_a_word(desk: Desk) -> None:
    await desk.follow("li", "all")
    made = await desk.load(ONLINE, VISAS, weight=Weight.MINOR)
    await desk.follow("new", "all")
    await desk.undo(made)
    assert (desk.got("li"), desk.got("new")) == ([], [])


async def test_whom_it_did_not_reach_is_not_told_that_it_was_taken_back(desk: Desk) -> None:
    await desk.follow("li", "all")
    desk.replica.platform.invalid = {"li"}
    made = await desk.load(ONLINE, VISAS)
    desk.replica.platform.invalid = set()
    async with desk.database.transaction() as session:
        await followers.back(session, {"li": desk.replica.clock.pass_(minutes=1)})
    await desk.undo(made)
    assert desk.got("li") == []


async def test_what_was_taken_back_cannot_be_sent_again_and_what_was_sent_again_is_corrected(desk: Desk) -> None:
    await subscribe(desk.database, [f"n{n}" for n in range(30)], "sector:talent", THURSDAY)
    desk.replica.platform.invalid = {"n1"}
    made = await desk.load(LOANS, FAST)
    desk.replica.platform.invalid = set()
    async with desk.database.transaction() as session:
        await followers.back(session, {"n1": desk.replica.clock.pass_(minutes=1)})
        (occurrence,) = {d.occurrence for d in await deliveries.listed(session, user="n1")}
        assert await deliveries.resend(session, occurrence, desk.replica.clock()) == 1
    await desk.replica.tick()
    await desk.undo(made)
    assert [text[:6] for text in desk.got("n1")] == ["【补发 03", "【更新撤回】"]
    async with desk.database.transaction() as session:
        assert await deliveries.resend(session, occurrence, desk.replica.clock(), ["n2"]) == 0


async def test_a_second_thought_is_news_except_to_those_who_never_heard_of_the_first(desk: Desk) -> None:
    await desk.follow("now", "sector:finance")
    made = await desk.load(ONLINE, VISAS)
    await desk.follow("now", cadence=Cadence.DAILY)
    desk.replica.clock.pass_(minutes=5)
    await desk.follow("quick", "sector:finance")
    undone = await desk.undo(made)
    desk.replica.clock.pass_(minutes=5)
    await desk.undo(undone)
    await desk.replica.until(MONDAY)
    assert [text[:6] for text in desk.got("now")] == ["【政策更新】"]
    assert [text[:6] for text in desk.got("quick")] == ["【政策更新】"] * 2


async def test_the_same_import_once_more_is_no_repetition_to_the_platform(desk: Desk) -> None:
    await desk.follow("li", "sector:finance")
    for _ in range(2):
        desk.pack = PACK
        made = await desk.load(ONLINE, VISAS)
        desk.replica.clock.pass_(minutes=5)
        await desk.undo(made)
        desk.replica.clock.pass_(minutes=5)
    assert [text[:6] for text in desk.got("li")] == ["【政策更新】", "【更新撤回】"] * 2


async def load_rules(desk: Desk) -> Change:
    """Imports another document; sends what is due."""
    changes = [change for change in pack_changes(Pack(), RULES) if change.body]
    made = await desk.editor.apply(changes, "wang", ChangeKind.IMPORT, "导入")
    assert made is not None
    await desk.replica.tick()
    desk.replica.clock.pass_(minutes=5)
    return made


async def test_a_document_that_is_gone_is_called_back_by_its_name(desk: Desk) -> None:
    await desk.follow("li", "document:rules")
    await desk.undo(await load_rules(desk))
    assert desk.got("li")[1].startswith("【更新撤回】细则：之前通知的3项变化已撤回")


async def test_what_is_still_used_is_not_called_back(desk: Desk) -> None:
    await desk.follow("li", "document:rules")
    await desk.follow("weekly", "document:rules", cadence=Cadence.WEEKLY)
    made = await load_rules(desk)
    taught = to_json(replace(RENT, asked_as=("怎么租房",)))
    change = EntryChange("measure", RENT.id, None, taught)
    await desk.editor.apply([change], "wang", ChangeKind.EDIT, "", weight=Weight.MINOR)
    await desk.undo(made)
    await desk.replica.until(MONDAY)
    assert desk.got("li")[1].splitlines() == [
        "【更新撤回】细则：之前通知的1项变化已撤回，以现行内容为准（03-03 15:05）",
        "· 取消新增：落户",
    ]
    (news,) = desk.got("weekly")
    assert news.startswith("【政策更新】细则：2项有变化")


async def test_a_persons_list_says_what_became_of_it(desk: Desk) -> None:
    await desk.follow("li", "sector:finance")
    await desk.follow("wang", "sector:finance", cadence=Cadence.WEEKLY)
    await desk.undo(await desk.load(ONLINE, VISAS))
    async with desk.database.session() as session:
        states = {user: [one.state for one in await followers.told(session, user, 9)] for user in ("li", "wang")}
    assert states == {"li": [State.SENT, State.SENT], "wang": [State.WITHDRAWN]}
