"""Sending: who gets what, how often, and what is recorded, whatever fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from sqlmodel import select

from bot.database import Database
from knowledge import trace
from scheduler.delivery import Attempt, HoldKind, Kind, Mark, Notice, Verdict
from scheduler.dispatcher import Gate, dispatch
from scheduler.milestones import moved
from scheduler.retry import WINDOW
from scheduler.store import alarms, followers, holds, occurrences
from scheduler.store.followers import ALL, MILESTONES
from scheduler.store.occurrences import Announcement
from scheduler.tables import OccurrenceRow, RecipientRow
from tests.scheduler.examples import SHANGHAI
from tests.scheduler.platform import Platform, Time
from tests.scheduler.store.world import Replica, pilot, subscribe, tell, told, world

LAST = date(2022, 4, 27)  # a Wednesday
PILOT = pilot(LAST)
BEFORE = datetime(2022, 3, 1, 9, 0, tzinfo=SHANGHAI)
AFTER = datetime(2022, 4, 29, 9, 0, tzinfo=SHANGHAI)
PEOPLE = [f"user{n}" for n in range(7)]


async def freeze(database: Database, now: datetime) -> None:
    async with database.transaction() as session:
        assert await holds.freeze(session, "wangfang", now)
        assert not await holds.freeze(session, "wangfang", now)


async def release(database: Database) -> None:
    async with database.transaction() as session:
        assert await holds.release(session) == (HoldKind.FROZEN,)


@pytest.fixture
def clock() -> Time:
    return Time(BEFORE)


@pytest.fixture
def replica(database: Database, clock: Time, platform: Platform) -> Replica:
    return Replica(database, clock, platform, world(PILOT))


async def raised(database: Database) -> list[str]:
    async with database.session() as session:
        return [kept.alarm.detail for kept in await alarms.listed(session)]


async def test_every_follower_gets_every_reminder_once_and_nobody_else_any(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, PEOPLE, MILESTONES, BEFORE)
    await subscribe(database, ["boss"], ALL, BEFORE)
    await subscribe(database, ["stranger"], "sector:finance", BEFORE)
    await replica.until(AFTER)
    days = Counter(what for _, what in platform.seen)
    assert set(days.values()) == {8}
    assert [what.partition("：")[2] for what in days] == ["还有30天", "还有7天", "还有1天", "今天"]
    assert {user for user, _ in platform.seen} == {*PEOPLE, "boss"}
    assert set(platform.counts().values()) == {1}


async def test_people_share_calls_of_a_thousand(replica: Replica, database: Database, platform: Platform) -> None:
    await subscribe(database, [f"u{n}" for n in range(2500)], MILESTONES, BEFORE)
    await replica.until(datetime(2022, 4, 1, 12, 0, tzinfo=SHANGHAI))
    sizes = [len(request["touser"].split("|")) for request in platform.requests]
    assert sizes == [1000, 1000, 500]


async def test_two_replicas_plan_and_send_together_without_sending_twice(
    database: Database, clock: Time, platform: Platform
) -> None:
    both = [Replica(database, clock, platform, world(PILOT)) for _ in range(2)]
    await subscribe(database, PEOPLE, MILESTONES, BEFORE)
    while clock.now < AFTER:
        for replica in both:
            await replica.tick()
        clock.pass_(hours=4)
    assert Counter(platform.counts().values()) == {1: 4 * len(PEOPLE)}


async def test_what_was_missed_is_sent_once_by_day_and_the_rest_is_skipped(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.tick()
    clock.now = datetime(2022, 4, 21, 23, 0, tzinfo=SHANGHAI)  # 30 and 7 days were missed, and it is night
    await replica.tick()
    assert platform.seen == []
    await replica.until(datetime(2022, 4, 22, 12, 0, tzinfo=SHANGHAI))
    assert [what.partition("：")[2] for _, what in platform.seen] == ["还有5天"]


async def test_a_pilot_entirely_in_the_past_sends_nothing(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    clock.now = AFTER
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.until(AFTER + timedelta(days=3))
    assert platform.seen == []


async def test_who_subscribes_pauses_or_leaves_in_time_is_respected(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["early", "paused", "gone"], MILESTONES, BEFORE)
    await replica.tick()
    async with database.transaction() as session:
        await followers.pause(session, "paused", clock.now)
        await followers.unfollow(session, "gone")
    await replica.until(datetime(2022, 4, 1, 9, 0, tzinfo=SHANGHAI))
    await subscribe(database, ["late"], MILESTONES, clock.now)
    await replica.until(datetime(2022, 4, 19, 9, 0, tzinfo=SHANGHAI))
    assert platform.users() == ["early"]
    await replica.until(datetime(2022, 4, 21, 9, 0, tzinfo=SHANGHAI))
    assert platform.users() == ["early", "early", "late"]


async def test_until_its_first_attempt_a_batch_follows_the_followers(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["stays", "leaves", "pauses"], MILESTONES, BEFORE)
    clock.now = datetime(2022, 3, 28, 9, 10, tzinfo=SHANGHAI)
    await replica.planner.run(BEFORE)
    await replica.planner.run(clock.now)
    async with database.transaction() as session:
        await followers.unfollow(session, "leaves")
        await followers.pause(session, "pauses", clock.now)
    await replica.tick()
    assert platform.users() == ["stays"]
    assert await told(database, "leaves") == ["withdrawn"]


async def test_done_means_no_further_lead_of_this_milestone(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["done", "open"], MILESTONES, BEFORE)
    await replica.until(datetime(2022, 3, 30, 9, 0, tzinfo=SHANGHAI))
    async with database.transaction() as session:
        assert await occurrences.mark(session, "done", "demo/end", 0, Mark.DONE, clock.now)
        assert not await occurrences.mark(session, "done", "demo/end", 0, Mark.DONE, clock.now)
    await replica.until(AFTER)
    assert Counter(user for user, _ in platform.seen) == {"done": 1, "open": 4}


@pytest.mark.parametrize("trouble", ["drop", "lose", "die before", "die after", "busy"])
async def test_one_failure_of_any_kind_still_ends_in_one_message(
    database: Database, clock: Time, platform: Platform, trouble: str
) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter([trouble, *[""] * 50])
    await tell(database, "k", "好", PEOPLE, clock.now)
    await replica.until(clock.now + timedelta(minutes=30))
    assert platform.counts() == {(user, "好"): 1 for user in PEOPLE}
    assert await told(database, "user0") == ["sent"]


async def test_without_the_duplicate_check_a_dropped_answer_is_seen_twice(
    database: Database, clock: Time, platform: Platform
) -> None:
    platform.duplicate_check = False  # so the test above can fail
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["drop", *[""] * 50])
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(clock.now + timedelta(minutes=30))
    assert platform.counts() == {("li", "好"): 2}


async def test_the_very_same_bytes_are_repeated(database: Database, clock: Time, platform: Platform) -> None:
    replica = Replica(database, clock, platform, world())
    bodies: list[bytes] = []
    send = platform.send

    async def spy(body: bytes):  # type: ignore[no-untyped-def]
        bodies.append(body)
        return await send(body)

    platform.send = spy  # type: ignore[method-assign]
    platform.plan = iter(["lose", "drop", "busy", *[""] * 9])
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(clock.now + timedelta(minutes=30))
    assert len(bodies) == 4
    assert len(set(bodies)) == 1


async def test_an_outage_longer_than_the_duplicate_check_ends_unconfirmed_with_an_alarm(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["drop", *["lose"] * 500])
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(clock.now + WINDOW + timedelta(hours=2))
    assert await told(database, "li") == ["unconfirmed"]
    assert platform.counts() == {("li", "好"): 1}
    assert len(await raised(database)) == 1


async def test_it_ends_so_also_where_the_sending_was_paused_meanwhile(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["drop", *["rate"] * 500])
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(clock.now + WINDOW + timedelta(hours=2))
    assert await told(database, "li") == ["unconfirmed"]
    assert len(await raised(database)) == 1


async def test_a_process_that_never_comes_back_leaves_it_unconfirmed_too(
    database: Database, clock: Time, platform: Platform
) -> None:
    platform.plan = iter(["die after", *[""] * 9])
    await tell(database, "k", "好", ["li"], clock.now)
    assert await Replica(database, clock, platform, world()).tick() == -1
    clock.pass_(hours=5)
    await Replica(database, clock, platform, world()).tick()
    assert await told(database, "li") == ["unconfirmed"]
    assert platform.counts() == {("li", "好"): 1}


async def test_a_definite_refusal_has_no_such_limit(database: Database, clock: Time, platform: Platform) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["untrusted"] * 60 + [""] * 9)  # one every five minutes
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(clock.now + timedelta(hours=6))
    assert await told(database, "li") == ["sent"]
    assert len(await raised(database)) == 1  # not one for each probe


async def test_a_configuration_error_stops_everything_and_loses_nothing(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["untrusted"] * 2 + [""] * 9)
    await tell(database, "k1", "一", ["li"], clock.now)
    await tell(database, "k2", "二", ["wang"], clock.now)
    assert await replica.tick() == 1
    assert platform.seen == []
    clock.pass_(minutes=1)
    assert await replica.tick() == 0
    await replica.until(clock.now + timedelta(minutes=30))
    assert sorted(platform.seen) == [("li", "一"), ("wang", "二")]


async def test_the_rate_limit_stops_everything_for_a_while(database: Database, clock: Time, platform: Platform) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["rate", *[""] * 9])
    await tell(database, "k1", "一", ["li"], clock.now)
    await tell(database, "k2", "二", ["wang"], clock.now)
    assert await replica.tick() == 1
    clock.pass_(seconds=30)
    assert await replica.tick() == 0
    clock.pass_(seconds=31)
    assert await replica.tick() == 2
    assert sorted(platform.seen) == [("li", "一"), ("wang", "二")]


async def test_a_refused_card_becomes_a_text(replica: Replica, database: Database, platform: Platform) -> None:
    platform.plan = iter(["bad card", *[""] * 99])
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.until(datetime(2022, 3, 30, 9, 0, tzinfo=SHANGHAI))
    ((user, text),) = platform.seen
    assert user == "li"
    assert text.startswith("【里程碑提醒】示范试点\n")
    assert [request["msgtype"] for request in platform.requests] == ["text"]


async def test_a_message_that_is_refused_for_good_is_given_up_with_an_alarm(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["never", *[""] * 9])
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(clock.now + timedelta(minutes=10))
    assert (await told(database, "li"), await raised(database)) == (["given_up"], ["empty"])


async def test_a_repeated_task_id_after_an_unclear_attempt_means_it_was_sent(
    replica: Replica, database: Database, platform: Platform
) -> None:
    platform.duplicate_check = False
    platform.plan = iter(["drop", *[""] * 99])
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.until(datetime(2022, 3, 30, 9, 0, tzinfo=SHANGHAI))
    assert len(platform.seen) == 1
    assert await told(database, "li") == ["sent"]


async def test_somebody_out_of_reach_is_left_alone_until_they_write(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, PEOPLE, MILESTONES, BEFORE)
    platform.invalid = {"user3"}
    await replica.until(datetime(2022, 4, 21, 9, 0, tzinfo=SHANGHAI))
    assert await told(database, "user3") == ["invalid"]
    platform.invalid = set()
    async with database.transaction() as session:
        await followers.back(session, {"user3": clock()})
    await replica.until(AFTER)
    assert Counter(user for user, _ in platform.seen)["user3"] == 2


async def test_when_many_are_invalid_at_once_nobody_is_marked_and_sending_stops(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world(), admins=("Admin",))
    users = [f"u{n:03}" for n in range(100)]
    platform.invalid = set(users[:6])
    await subscribe(database, users, MILESTONES, BEFORE)
    await tell(database, "k1", "一", users, clock.now)
    await tell(database, "k2", "二", users, clock.now)
    await replica.tick()
    assert len(platform.seen) == 94 + 1  # who are told also now
    async with database.session() as session:
        assert (await followers.follower(session, "u000")).unreachable_since is None
        assert set(await holds.holds(session)) == {HoldKind.INVALID}
    async with database.transaction() as session:
        await holds.lift(session, HoldKind.INVALID)
    platform.invalid = set()
    await replica.tick()
    assert len(platform.seen) == 194 + 1
    assert [what.splitlines()[1] for user, what in platform.seen if user == "admin"] == [
        "一条消息的 100 名接收人中有 6 名无效"
    ]


async def test_nobody_gets_more_than_thirty_messages_a_minute(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    for n in range(40):
        await tell(database, f"k{n}", str(n), ["li"], clock.now)
    await replica.tick()
    assert len(platform.seen) == 30
    clock.pass_(seconds=61)  # the last of them may have arrived a little later than it was sent
    await replica.tick()
    assert len(platform.seen) == 30
    clock.pass_(seconds=20)
    await replica.tick()
    assert Counter(platform.counts().values()) == {1: 40}


async def test_repeated_attempts_count_as_messages_too(database: Database, clock: Time, platform: Platform) -> None:
    replica = Replica(database, clock, platform, world())
    platform.plan = iter(["busy"] * 10 + [""] * 99)
    for n in range(40):
        await tell(database, f"k{n:02}", str(n), ["li"], clock.now, Kind.MOVED)
    times: list[datetime] = []
    while clock.now < BEFORE + timedelta(minutes=5):
        before = len(platform.seen)
        await replica.tick()
        times += [clock.now] * (len(platform.seen) - before)
        clock.pass_(seconds=14)
    assert len(times) == 40
    assert all(late - early >= timedelta(minutes=1) for early, late in zip(times, times[30:], strict=False))


async def test_the_apps_daily_quota_is_never_exceeded(database: Database, clock: Time, platform: Platform) -> None:
    both = [Replica(database, clock, platform, world(), accounts=1) for _ in range(2)]
    users = [f"u{n:03}" for n in range(150)]
    await tell(database, "k1", "一", users, clock.now)
    await tell(database, "k2", "二", users, clock.now)
    for replica in both:
        await replica.tick()
    assert len(platform.seen) == 200
    clock.now = datetime(2022, 3, 2, 9, 0, tzinfo=SHANGHAI)
    await both[0].tick()
    assert Counter(platform.counts().values()) == {1: 300}


async def test_a_moved_date_is_told_once_and_only_leads_ahead_remain(
    replica: Replica, database: Database, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.until(datetime(2022, 3, 30, 9, 0, tzinfo=SHANGHAI))
    replica.world = world(moved(PILOT, "end", date(2022, 4, 13)))
    await replica.until(AFTER)
    whats = [what.splitlines()[0] for _, what in platform.seen]
    assert [what.rpartition("：")[2] for what in whats] == [
        "还有30天",
        "【里程碑改期】示范试点",
        "还有7天",
        "还有1天",
        "今天",
    ]


async def test_what_waits_during_a_stop_is_sent_as_the_nearest_reminder_only(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.tick()
    await freeze(database, clock.now)
    await replica.until(datetime(2022, 4, 21, 9, 0, tzinfo=SHANGHAI))  # leads of 30 and 7 days wait
    await release(database)
    await replica.tick()
    assert [what.partition("：")[2] for _, what in platform.seen] == ["还有6天"]
    assert await told(database, "li") == ["expired", "sent"]


async def test_a_refused_reminder_gives_way_to_the_next_one(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    platform.plan = iter(["untrusted"] * 3 + [""] * 9)
    await replica.until(datetime(2022, 3, 28, 9, 22, tzinfo=SHANGHAI))
    assert platform.seen == []
    clock.now = datetime(2022, 4, 20, 9, 10, tzinfo=SHANGHAI)
    await replica.tick()
    assert [what.partition("：")[2] for _, what in platform.seen] == ["还有7天"]
    assert await told(database, "li") == ["expired", "sent"]


async def test_a_reminder_that_waits_for_a_date_that_moved_is_not_sent(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.tick()
    await freeze(database, clock.now)
    await replica.until(datetime(2022, 3, 30, 9, 0, tzinfo=SHANGHAI))
    replica.world = world(moved(PILOT, "end", date(2022, 6, 15)))
    await replica.tick()
    await release(database)
    await replica.tick()
    assert [what.splitlines()[0] for _, what in platform.seen] == ["【里程碑改期】示范试点"]


async def test_what_was_refused_is_not_tried_again_at_night(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    clock.now = datetime(2022, 3, 1, 20, 50, tzinfo=SHANGHAI)
    platform.plan = ("untrusted" if clock.now.hour < 23 and clock.now.day == 1 else "" for _ in count())
    await tell(database, "k", "好", ["li"], clock.now)
    await replica.until(datetime(2022, 3, 2, 7, 59, tzinfo=SHANGHAI))
    assert platform.seen == []
    await replica.until(datetime(2022, 3, 2, 8, 1, tzinfo=SHANGHAI))
    assert platform.seen == [("li", "好")]


async def test_a_clock_that_jumps_back_repeats_nothing_and_loses_nothing(
    replica: Replica, database: Database, clock: Time, platform: Platform
) -> None:
    await subscribe(database, ["li"], MILESTONES, BEFORE)
    await replica.until(datetime(2022, 4, 21, 9, 0, tzinfo=SHANGHAI))
    clock.now = datetime(2022, 3, 20, 9, 0, tzinfo=SHANGHAI)
    await replica.until(AFTER)
    assert Counter(platform.counts().values()) == {1: 4}


async def test_a_freeze_stops_the_sending_until_it_is_lifted(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    await tell(database, "k", "好", ["li"], clock.now)
    await freeze(database, clock.now)
    await replica.until(clock.now + timedelta(hours=1))
    assert platform.seen == []
    await release(database)
    await replica.tick()
    assert platform.seen == [("li", "好")]


async def test_what_a_request_causes_is_sent_under_its_id(replica: Replica, database: Database, clock: Time) -> None:
    trace.begin("abc-1")
    await tell(database, "answer", "来了", ["ann"], clock.now)
    batch = await replica.outbox.claim(clock.now)
    assert batch is not None
    assert batch.request == "abc-1"


class Slow:
    """A platform that takes its time with some messages."""

    def __init__(self, platform: Platform, *texts: str) -> None:
        self._platform = platform
        self._texts = texts

    async def send(self, body: bytes) -> Attempt:
        for _ in range(100 * any(text in body.decode() for text in self._texts)):
            await asyncio.sleep(0.001)
        return await self._platform.send(body)


async def answer(database: Database, now: datetime, *given: tuple[str, str]) -> None:
    """Late answers, as (user, text)."""
    async with database.transaction() as session:
        alike: dict[str, dict[str, datetime]] = {}
        for n, (user, text) in enumerate(given):
            alike.setdefault(text, {}).setdefault(user, now + n * datetime.resolution)
        announcements = [
            Announcement(Notice(f"answer:{now}:{text}", Kind.ANSWER, {"text": text}), due, None)
            for text, due in alike.items()
        ]
        await occurrences.push_each(session, announcements, now)


async def test_answers_to_one_person_arrive_in_the_order_of_asking_and_hold_up_nobody_else(
    replica: Replica, database: Database, platform: Platform, clock: Time
) -> None:
    await answer(database, clock(), ("li", "一"), ("li", "二"), ("wang", "甲"), ("li", "三"))
    await tell(database, "all", "四", ["li", "wang"], clock.pass_(seconds=1))
    gate = Gate(8)
    gate.width = 8
    for _ in range(5):  # ticks
        clock.pass_(seconds=1)
        await dispatch(replica.outbox, Slow(platform, "一").send, clock, gate=gate)
    assert [text for user, text in platform.seen if user == "li"] == ["一", "二", "三", "四"]
    assert platform.seen[:2] == [("wang", "甲"), ("wang", "四")]


async def test_an_answer_that_many_share_overtakes_none_of_their_others(
    replica: Replica, database: Database, platform: Platform, clock: Time
) -> None:
    await answer(database, clock(), ("wang", "乙"), ("li", "甲"), ("li", "乙"), ("zhao", "甲"), ("zhao", "乙"))
    gate = Gate(8)
    gate.width = 8
    calls = 0
    for _ in range(5):  # ticks
        clock.pass_(seconds=1)
        calls += await dispatch(replica.outbox, Slow(platform, "甲").send, clock, gate=gate)
    assert platform.seen[0] == ("wang", "乙")
    assert calls == 3
    for user in ("li", "zhao"):
        assert [text for who, text in platform.seen if who == user] == ["甲", "乙"]


async def test_no_two_late_answers_are_due_at_one_instant(database: Database, clock: Time) -> None:
    await answer(database, clock(), *(("li", str(n)) for n in range(5)))
    async with database.session() as session:
        rows = select(RecipientRow.due_at, OccurrenceRow.content).join(OccurrenceRow)
        due = {at: content["text"] for at, content in await session.execute(rows)}
    assert [due[at] for at in sorted(due)] == ["0", "1", "2", "3", "4"]


async def test_an_answer_waits_for_one_that_is_tried_again_but_not_for_ever(
    replica: Replica, database: Database, platform: Platform, clock: Time
) -> None:
    async def send(body: bytes) -> Attempt:
        refused = Attempt(Verdict.NOT_NOW, -1, "busy", after=120.0)
        return refused if "一" in body.decode() else await platform.send(body)

    await answer(database, clock(), ("li", "一"), ("li", "二"))
    for seconds, seen in ((1, []), (30, []), (60, [("li", "二")])):
        clock.pass_(seconds=seconds)
        await dispatch(replica.outbox, send, clock)
        assert platform.seen == seen


async def test_an_answer_that_waits_for_the_morning_holds_back_no_newer_one(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    evening = datetime(2022, 3, 1, 22, 0, tzinfo=SHANGHAI)
    await answer(database, evening, ("li", "一"))
    clock.now = evening + timedelta(minutes=20)
    await answer(database, clock.now, ("li", "二"), ("li", "三"))
    await replica.until(evening + timedelta(hours=1))
    assert platform.seen == [("li", "二"), ("li", "三")]
    await replica.until(evening + timedelta(hours=11))
    assert platform.seen[2:] == [("li", "一")]


async def test_at_night_only_those_get_a_shared_answer_for_whom_it_is_not_late(
    database: Database, clock: Time, platform: Platform
) -> None:
    replica = Replica(database, clock, platform, world())
    evening = datetime(2022, 3, 1, 22, 0, tzinfo=SHANGHAI)
    due = {"li": evening, "wang": evening + timedelta(minutes=20)}
    async with database.transaction() as session:
        shared = Announcement(Notice("shared", Kind.ANSWER, {"text": "好"}), due, None)
        await occurrences.push_each(session, [shared], evening)
    clock.now = evening + timedelta(minutes=21)
    await replica.tick()
    assert platform.seen == [("wang", "好")]
