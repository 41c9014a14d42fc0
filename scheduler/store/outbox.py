"""The outbox: which call is due, and what an attempt at it means. A transaction for each question."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler import due, messages, retry, wording
from scheduler.delivery import Alarm, AlarmKind, Attempt, Batch, HoldKind, Kind, State, Verdict
from scheduler.messages import Links, Told
from scheduler.retry import Pause, Step
from scheduler.store import alarms, batches, holds, occurrences, put_back, quota
from scheduler.tables import BatchRow

STOPPED = (Kind.ALARM,)  # what is sent also while an admin has to act


class Storage(Protocol):
    """What deliveries need of the database; both raise Unavailable when it does not answer."""

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        """For reading."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """For writing: all or nothing."""


class Outbox:
    """`scheduler.dispatcher.Outbox` over the database. Any number of processes may work on one."""

    def __init__(
        self,
        storage: Storage,
        encode: Callable[[Mapping[str, object]], bytes],
        links: Links,
        zone: ZoneInfo,
        *,
        owner: str,
        new_id: Callable[[], str],
        random: Callable[[], float],
        accounts: int | None = None,
        admins: Sequence[str] = (),
    ) -> None:
        """
        :param encode: makes the bytes of a request that can be kept and repeated.
        :param owner: names this process in its leases.
        :param new_id: a fresh task id, [0-9A-Za-z_@-].
        :param accounts: the corporation's account limit; None: the app's daily quota is not enforced.
        :param admins: whom alarms are told.
        """
        self._storage = storage
        self._encode = encode
        self._links = links
        self._zone = zone
        self._owner = owner
        self._new_id = new_id
        self._random = random
        self._quota = accounts * quota.PER_ACCOUNT if accounts else None
        self._admins = admins

    async def next_due(self) -> datetime | None:
        """When the next call is due; None if nothing waits, or only for an admin.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.session() as session:
            pauses = [held.until for held in (await holds.holds(session)).values()]
            kinds = STOPPED if None in pauses else None
            due_at = await occurrences.next_due(session, kinds), await batches.next_at(session, kinds)
        ahead = [at for at in due_at if at]
        return max([min(ahead), *(until for until in pauses if until)]) if ahead else None

    async def claim(self, now: datetime) -> Batch | None:
        """The next call, which this process alone may make until its lease ends; None if nothing is due.

        One with 0 attempts stands for work that was done without a call: ask again.

        :raises Unavailable: the database does not answer.
        """
        try:
            async with self._storage.transaction() as session:
                return await self._claimed(session, now)
        except batches.Raced:
            return _NOTHING

    async def _claimed(self, session: AsyncSession, now: datetime) -> Batch | None:
        """The next call; one with 0 attempts where something was settled without a call; None if nothing is due."""
        held = await holds.holds(session)
        if any(each.until and now < each.until for each in held.values()):
            return None
        kinds = STOPPED if any(each.until is None for each in held.values()) else None
        row = await batches.due(session, now, kinds)
        batch = await (self._again(session, row, now) if row else self._new(session, now, kinds))
        if batch and batch.attempts and HoldKind.CONFIGURATION in held:
            await holds.probe(session, HoldKind.CONFIGURATION, now + retry.PROBE)
        return batch

    async def _again(self, session: AsyncSession, row: BatchRow, now: datetime) -> Batch:
        batch = await batches.batch_of(session, row)
        if row.state == State.SENDING:
            step = retry.lapsed(batch, now)
            row.unknown_since = step.unknown_since
            if step.state is not State.WAITING:
                return await self._without_call(session, batch, step, now)
        elif row.unknown_since and now >= row.unknown_since + retry.WINDOW:
            return await self._without_call(session, batch, Step(State.UNCONFIRMED, alarm=_UNCLEAR), now)
        elif row.unknown_since is None:
            if batch.expires_at and batch.expires_at <= now:
                return await self._without_call(session, batch, Step(State.EXPIRED), now)
            if due.is_quiet(now, self._zone) and now - batch.recorded_at > due.ON_TIME:
                return self._put_off(row, due.opening(now, self._zone))
            await self._refresh(session, row, now)
        if await batches.crowded(session, row, now):
            return self._put_off(row, now + batches.CROWDED)
        return await batches.claim(session, row, self._owner, now)

    def _put_off(self, row: BatchRow, until: datetime) -> Batch:
        row.state, row.next_at = State.WAITING.value, until
        return _NOTHING

    async def _refresh(self, session: AsyncSession, row: BatchRow, now: datetime) -> None:
        """A batch that was definitely refused may have new bytes: on another day the old ones would count wrongly."""
        today = self._day(now)
        if row.built_on != today or row.plain:
            await batches.rebuild(session, row, today, self._build(today))

    async def _without_call(self, session: AsyncSession, batch: Batch, step: Step, now: datetime) -> Batch:
        detail = step.alarm.detail if step.alarm else ""
        attempt = Attempt(Verdict.UNKNOWN if batch.unknown_since else Verdict.NOT_NOW, detail=detail)
        await batches.close(session, batch, attempt, step)
        await self._sound(session, step.alarm, now)
        return _NOTHING

    async def _new(self, session: AsyncSession, now: datetime, kinds: Collection[Kind] | None) -> Batch | None:
        day = quota.day_of(now)
        room = batches.RECEIVERS
        if self._quota is not None:
            room = min(room, self._quota - await quota.spent(session, day))
            if room <= 0:
                if await holds.hold(session, Pause(HoldKind.QUOTA, wording.QUOTA_USED, quota.end_of(day)), now):
                    await self._sound(session, Alarm(AlarmKind.QUOTA, wording.QUOTA_USED), now)
                return None
        draft = await batches.draft(session, now, room, quiet=due.is_quiet(now, self._zone), kinds=kinds)
        if draft is None:
            return None
        if not draft.users:
            return _NOTHING
        today = self._day(now)
        batch = await batches.form(session, draft, self._new_id(), self._owner, now, today, self._build(today))
        await quota.spend(session, day, batch.size)
        return batch

    async def settle(self, batch: Batch, attempt: Attempt, now: datetime) -> None:
        """Records an attempt and what follows from it.

        :raises Unavailable: the database does not answer; the lease's end makes the attempt one of unknown outcome.
        """
        async with self._storage.transaction() as session:
            held = await holds.holds(session)
            times = held[HoldKind.RATE].times if HoldKind.RATE in held else 0
            step = retry.after(batch, attempt, now, self._random, times)
            if not await batches.settle(session, batch, attempt, step):
                return  # the lease ran out, and whoever took it decides
            if step.mark_unreachable:
                await batches.unreachable(session, batch, attempt, now)
            if step.pause:
                new = await holds.hold(session, step.pause, now)
                if not new and step.state is State.WAITING:
                    return  # alarmed before
            elif attempt.verdict is Verdict.ACCEPTED:
                await holds.lift(session, HoldKind.RATE, HoldKind.CONFIGURATION, HoldKind.QUOTA)
            await self._sound(session, step.alarm, now)

    async def put_right(self, now: datetime) -> None:
        """For a clock that was ahead: what was recorded for a time to come is due, or too long ago to be repeated.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.transaction() as session:
            await put_back.put_right(session, now)

    async def _sound(self, session: AsyncSession, alarm: Alarm | None, now: datetime) -> None:
        if alarm:
            await alarms.sound(session, alarm, now.astimezone(self._zone), self._admins)

    def _build(self, today: date) -> batches.Build:
        def build(told: Sequence[Told], users: Sequence[str], task_id: str, plain: bool) -> bytes:
            return self._encode(messages.request(told, users, task_id, today, self._links, plain=plain))

        return build

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()


_NEVER = datetime.min.replace(tzinfo=UTC)
_NOTHING = Batch("", b"", 0, _NEVER, None, plain=False, is_card=False, size=0, recorded_at=_NEVER)
_UNCLEAR = Alarm(AlarmKind.UNCONFIRMED, wording.UNCLEAR)
