"""What is remembered between messages: written behind the answers in batches, or at once where one depends on it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Select, delete, exc, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.model import NO_REPLY, Incoming, Outcome, Reply, State
from handlers.request import Standing
from handlers.store.people import nameless
from handlers.store.records import CLOCK_SLACK, Record, greets_first, write
from handlers.store.together import write_together
from handlers.tables import ConversationRow, InboxRow, WelcomeRow
from knowledge.codec import from_json, to_json
from knowledge.errors import Unavailable
from scheduler.store import followers, occurrences

log = logging.getLogger("pilotbot.journal")

FLUSH_SECONDS = 0.1  # how long a record waits for others; longer where the machine has no processor time to spare
LONGEST_PAUSE = 5.0  # s between attempts while the database is away
CATCH_UP_SECONDS = 1.0  # for what is pending when somebody reads
CLOSE_SECONDS = 5.0  # for what is pending when the service stops
CLOSING_PAUSE = 0.5  # s between attempts then
BATCH = 500  # records in a transaction
CAPACITY = 20_000  # records kept while the database is away; the oldest go first
RECENT = 10_000  # replies kept in memory, for retries that follow within seconds
TRIES = 10  # with a record while others can be written, before it is passed over for a reason that nobody foresaw
KEEP_DELIVERIES = timedelta(hours=24)  # the platform's retries end within seconds
TOLD = 20  # deliveries to a person that are looked at

Left: TypeAlias = "list[tuple[Record, Exception]]"  # what could not be written, and why

_by_time = attrgetter("at")


class Storage(Protocol):
    """What the journal needs of the database; both raise Unavailable when it does not answer."""

    def session(self) -> AbstractAsyncContextManager[AsyncSession]:
        """For reading."""

    def transaction(self) -> AbstractAsyncContextManager[AsyncSession]:
        """For writing: all or nothing."""


class Journal:
    """`handlers.ports.Memory` over the database.

    While the database is away, deliveries that this process does not know count as new, so that questions go on
    being answered. Their key still keeps them from a second effect.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Callable[[], datetime],
        interval: float = FLUSH_SECONDS,
        batch: int = BATCH,
        capacity: int = CAPACITY,
        recent: int = RECENT,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._interval = interval  # s
        self._batch = batch
        self._capacity = capacity
        self._recent_size = recent
        self._recent: OrderedDict[str, Reply] = OrderedDict()  # the least recently used first
        self._pending: dict[str, Record] = {}  # by key, the oldest first; each stays until it is committed
        self._states: dict[str, Record] = {}  # person -> the pending record with their newest state
        self._last = datetime.min.replace(tzinfo=UTC)  # time of the last record
        self._flusher: asyncio.Task[None] | None = None  # at work while anything is pending
        self._hurry = asyncio.Event()
        self._failures = 0  # attempts to write that failed in a row
        self._dropped = 0  # records lost since the last one that was written
        self._tries: Counter[str] = Counter()  # key -> times that others were written and this pending one was not
        self._closing = False

    @property
    def backlog(self) -> int:
        """Records that are still to be written."""
        return len(self._pending)

    @property
    def age(self) -> float:
        """For how many seconds the oldest record has been waiting to be written; 0 where none is."""
        oldest = min(self._pending.values(), key=_by_time, default=None)
        return max(0.0, (self._clock() - oldest.at).total_seconds()) if oldest else 0.0

    def replied_here(self, key: str) -> Reply | None:
        """The reply that this process gave to the delivery, or None."""
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        pending = self._pending.get(key)
        return pending.reply if pending else None

    async def replied(self, key: str) -> Reply | None:
        """The reply given to this delivery before, here or by another replica; None for a new one."""
        here = self.replied_here(key)
        if here is not None or self._failures:
            return here
        try:
            seen = col(InboxRow.key).in_((key, nameless(key)))  # the latter: its sender was forgotten since
            stored = await self._read(select(col(InboxRow.reply)).where(seen))
        except Unavailable as error:
            log.warning("%s counts as new: %s", key, error)
            return None
        return None if stored is None else from_json(Reply, stored)

    async def state(self, user: str) -> State:
        """The person's conversation as of now, own pending writes included; an empty one for a stranger.

        :raises Unavailable: the database does not answer, and nothing is pending.
        """
        pending = self._states.get(user)
        if pending and pending.outcome.state:
            return pending.outcome.state
        stored = await self._read(select(col(ConversationRow.state)).where(col(ConversationRow.user) == user))
        return State(user) if stored is None else from_json(State, stored)

    async def standing(self, incoming: Incoming) -> Standing:
        """What the person follows and was told; for a click also what its card told them.

        :raises Unavailable: the database does not answer.
        """
        user = incoming.user
        async with self._storage.session() as session:
            return Standing(
                await followers.follower(session, user),
                await followers.told(session, user, TOLD),
                await occurrences.done(session, user),
                await occurrences.of_task(session, incoming.task, user) if incoming.task else None,
            )

    async def welcomed(self, user: str) -> date | None:
        """The local day on which the person was last welcomed, None if never.

        :raises Unavailable: the database does not answer.
        """
        day: date | None = await self._read(select(col(WelcomeRow.day)).where(col(WelcomeRow.user) == user))
        return day

    def record_later(self, key: str, reply: Reply, outcome: Outcome) -> None:
        """Written within the interval; kept and tried again while the database is away. Not for a welcome."""
        if key in self._pending:
            return
        if len(self._pending) >= self._capacity:
            self._forget(next(iter(self._pending.values())))
            self._dropped += 1
        record = self._pending[key] = Record(key, reply, outcome, self._now())
        if outcome.state:
            self._states[outcome.state.user] = record
        self._remember(key, reply)
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush(), name="journal")
        if len(self._pending) >= self._batch and not self._failures:
            self._hurry.set()

    async def record(self, key: str, reply: Reply, outcome: Outcome) -> Reply:
        """Written when it returns.

        :returns: the reply that counts: this one; the one stored earlier when the delivery was known after all, in
            which case nothing of this outcome took effect; none for a second welcome on one day.
        :raises Unavailable: the database does not answer.
        """
        record = Record(key, reply, outcome, self._now())
        async with self._storage.transaction() as session:
            if not await write(session, [record], self._clock()):
                stored = await session.scalar(select(col(InboxRow.reply)).where(col(InboxRow.key) == key))
                reply = from_json(Reply, stored) if stored else reply
            elif outcome.welcomed and not await greets_first(session, outcome.welcomed):
                reply = NO_REPLY
                await session.execute(update(InboxRow).where(col(InboxRow.key) == key).values(reply=to_json(reply)))
        self._remember(key, reply)
        self._supersede(record)
        return reply

    async def catch_up(self) -> None:
        """Writes what waits, for readers who look for what was said just now; briefly, and not for a database that is away."""
        if self._flusher and not self._failures:
            self._hurry.set()
            await asyncio.wait([self._flusher], timeout=CATCH_UP_SECONDS)

    async def prune(self, now: datetime) -> int:
        """Deletes deliveries that no retry can concern any more, and returns how many.

        :raises Unavailable: the database does not answer.
        """
        old = delete(InboxRow).where(col(InboxRow.received_at) < now - KEEP_DELIVERIES)
        async with self._storage.transaction() as session:
            return len((await session.scalars(old.returning(col(InboxRow.key)))).all())

    async def close(self, within: float = CLOSE_SECONDS) -> None:
        """Writes what is pending. What the database does not take in time is lost, and logged.

        :param within: seconds.
        """
        self._closing = True
        self._hurry.set()
        if self._flusher:
            await asyncio.wait([self._flusher], timeout=within)
            self._flusher.cancel()
        if self._pending:
            log.error("%d records are lost", len(self._pending))

    async def _read(self, statement: Select[Any]) -> Any:
        async with self._storage.session() as session:
            return await session.scalar(statement)

    def _now(self) -> datetime:
        """The clock's time, moved on where needed so that the order of records is never in doubt; a clock that was put
        back is followed.
        """
        now = self._clock()
        put_back = now + CLOCK_SLACK < self._last
        self._last = now if put_back else max(now, self._last + datetime.resolution)
        return self._last

    def _remember(self, key: str, reply: Reply) -> None:
        self._recent[key] = reply
        self._recent.move_to_end(key)
        if len(self._recent) > self._recent_size:
            self._recent.popitem(last=False)

    def _forget(self, record: Record) -> None:
        """Takes a record from the pending ones, be it written or lost."""
        self._pending.pop(record.key, None)
        self._tries.pop(record.key, None)
        state = record.outcome.state
        if state and self._states.get(state.user) is record:
            del self._states[state.user]

    def _supersede(self, written: Record) -> None:
        """The state just written is newer than a pending one, which the database will pass over by its time."""
        state = written.outcome.state
        if state and state.user in self._states and self._states[state.user].at < written.at:
            del self._states[state.user]

    async def _flush(self) -> None:
        while self._pending:
            await self._pause()
            together = sorted(islice(self._pending.values(), self._batch), key=_by_time)
            try:
                left = await self._store(together)
            except Unavailable as error:
                self._failures += 1
                log.warning("%d records wait, %d were dropped: %s", len(self._pending), self._dropped, error)
                continue
            if left:
                log.error("%d of %d records wait, nobody foresaw why", len(left), len(together), exc_info=left[0][1])
            if others := len(left) < len(together):
                self._dropped = 0
            self._failures = 0 if others else self._failures + 1
            self._postpone(left, others)

    def _postpone(self, left: Left, others: bool) -> None:
        """They wait behind all others, so as not to be in their way.

        :param others: others could be written, so that they may be at fault themselves: they do not wait for ever.
        """
        for record, error in left:
            self._tries[record.key] += others
            if self._tries[record.key] >= TRIES:
                self._pass_over(record, error)
            elif self._pending.pop(record.key, None):  # else too many came meanwhile
                self._pending[record.key] = record

    async def _pause(self) -> None:
        if not self._failures and (self._closing or len(self._pending) >= self._batch):
            return
        self._hurry.clear()
        longest = CLOSING_PAUSE if self._closing else LONGEST_PAUSE
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self._interval * 2 ** min(self._failures, 10), longest)):
                await self._hurry.wait()

    async def _store(self, records: Sequence[Record]) -> Left:
        """Writes a batch; where one of it cannot be written, the others still are.

        :returns: those that may yet be written.
        """
        refused = await write_together(records, self._write)
        left = [(record, error) for record, error in refused if not _is_unwritable(error)]
        for record, error in refused:
            if _is_unwritable(error):
                self._pass_over(record, error)
        waiting = {record.key for record, _ in left}
        for record in records:
            if record.key not in waiting:
                self._forget(record)
        return left

    async def _write(self, records: Sequence[Record]) -> None:
        async with self._storage.transaction() as session:
            await write(session, records, self._clock())

    def _pass_over(self, record: Record, error: Exception) -> None:
        log.error("%s cannot be recorded and is passed over: %s", record.key, type(error).__name__)
        self._forget(record)


def _is_unwritable(error: Exception) -> bool:
    """Whether it is the record's own fault, for which no other attempt could make up."""
    at_fault = (exc.DataError, exc.IntegrityError, ValueError, TypeError)
    return isinstance(error, at_fault) or type(error) is exc.StatementError  # the latter: a value that cannot be bound
