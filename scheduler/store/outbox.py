"""The outbox: which call is due, and what an attempt at it means. A transaction for each question."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from scheduler import messages, retry
from scheduler.delivery import Attempt, Batch, HoldKind, State, Verdict
from scheduler.due import CLOSES, OPENS
from scheduler.messages import Links, Told
from scheduler.retry import Pause, Step
from scheduler.store import batches, occurrences
from scheduler.tables import BatchRow

PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")  # whose days the platform's quota counts
PER_ACCOUNT = 200  # messages a day: https://developer.work.weixin.qq.com/document/path/90236

log = logging.getLogger("pilotbot.delivery")


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
    ) -> None:
        """
        :param encode: makes the bytes of a request that can be kept and repeated.
        :param owner: names this process in its leases.
        :param new_id: a fresh task id, [0-9A-Za-z_@-].
        :param accounts: the corporation's account limit; None: the app's daily quota is not enforced.
        """
        self._storage = storage
        self._encode = encode
        self._links = links
        self._zone = zone
        self._owner = owner
        self._new_id = new_id
        self._random = random
        self._quota = accounts * PER_ACCOUNT if accounts else None

    async def next_due(self) -> datetime | None:
        """When the next call is due; None if nothing waits, or only for an admin.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.session() as session:
            pauses = [row.until for row in (await batches.holds(session)).values()]
            ahead = [at for at in (await occurrences.next_due(session), await batches.next_at(session)) if at]
        if not ahead or None in pauses:
            return None
        return max([min(ahead), *(until for until in pauses if until)])

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
        if not await self._may_send(session, now):
            return None
        row = await batches.due(session, now)
        if row is not None:
            return await self._again(session, row, now)
        return await self._new(session, now)

    async def _may_send(self, session: AsyncSession, now: datetime) -> bool:
        held = await batches.holds(session)
        for kind, row in held.items():
            if row.until is None or now < row.until:
                return False
            if kind is HoldKind.CONFIGURATION:  # one batch tries; the others wait for what it finds
                row.until = now + retry.PROBE
        return True

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
            await self._refresh(session, row, now)
        return await batches.claim(session, row, self._owner, now)

    async def _refresh(self, session: AsyncSession, row: BatchRow, now: datetime) -> None:
        """A batch that was definitely refused may have new bytes: on another day the old ones would count wrongly."""
        today = self._day(now)
        if row.built_on != today or row.plain:
            await batches.rebuild(session, row, today, self._build(today))

    async def _without_call(self, session: AsyncSession, batch: Batch, step: Step, now: datetime) -> Batch:
        attempt = Attempt(Verdict.UNKNOWN if batch.unknown_since else Verdict.NOT_NOW, detail=step.alarm)
        await batches.close(session, batch, attempt, step)
        if step.alarm:
            await self._alarm(session, step.state.value, step.alarm, now)
        return _NOTHING

    async def _new(self, session: AsyncSession, now: datetime) -> Batch | None:
        day = now.astimezone(PLATFORM_ZONE).date()
        room = batches.RECEIVERS
        if self._quota is not None:
            room = min(room, self._quota - await batches.spent(session, day))
            if room <= 0:
                tomorrow = datetime.combine(day + timedelta(days=1), datetime.min.time(), PLATFORM_ZONE)
                if await batches.hold(session, Pause(HoldKind.QUOTA, _QUOTA_USED, tomorrow), now):
                    await self._alarm(session, HoldKind.QUOTA, _QUOTA_USED, now)
                return None
        draft = await batches.draft(session, now, room, quiet=self._is_quiet(now))
        if draft is None:
            return None
        if not draft.users:
            return _NOTHING
        today = self._day(now)
        batch = await batches.form(session, draft, self._new_id(), self._owner, now, today, self._build(today))
        await batches.spend(session, day, batch.size)
        return batch

    async def settle(self, batch: Batch, attempt: Attempt, now: datetime) -> None:
        """Records an attempt and what follows from it.

        :raises Unavailable: the database does not answer; the lease's end makes the attempt one of unknown outcome.
        """
        async with self._storage.transaction() as session:
            held = await batches.holds(session)
            times = held[HoldKind.RATE].times if HoldKind.RATE in held else 0
            step = retry.after(batch, attempt, now, self._random, times)
            if not await batches.settle(session, batch, attempt, step):
                return  # the lease ran out, and whoever took it decides
            if step.mark_unreachable:
                await batches.unreachable(session, batch, attempt, now)
            if step.pause:
                if not await batches.hold(session, step.pause, now):
                    return  # alarmed before
            elif attempt.verdict is Verdict.ACCEPTED:
                await batches.lift(session, HoldKind.RATE, HoldKind.CONFIGURATION, HoldKind.QUOTA)
            if step.alarm:
                await self._alarm(session, attempt.verdict.value, step.alarm, now)

    async def _alarm(self, session: AsyncSession, kind: str, text: str, now: datetime) -> None:
        log.error("%s: %s", kind, text)
        await batches.alarm(session, kind, text, now)

    def _build(self, today: date) -> batches.Build:
        def build(told: Sequence[Told], users: Sequence[str], task_id: str, plain: bool) -> bytes:
            return self._encode(messages.request(told, users, task_id, today, self._links, plain=plain))

        return build

    def _day(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _is_quiet(self, now: datetime) -> bool:
        """What is late waits for the day; what is due right now does not."""
        return not OPENS <= now.astimezone(self._zone).time() < CLOSES


_NOTHING = Batch("", b"", 0, datetime.min.replace(tzinfo=UTC), None, plain=False, is_card=False, size=0)
_UNCLEAR = "whether a message arrived is not known, and its repetition would no longer be recognised"
_QUOTA_USED = "the app's messages of the day are used up"
