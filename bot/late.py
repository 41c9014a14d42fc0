"""Answers that came too late to be replies: recorded, to be pushed."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from handlers import texts
from handlers.model import NO_REPLY, Incoming
from handlers.store import records
from handlers.store.journal import Storage
from handlers.store.records import Delivery
from handlers.store.together import write_together
from knowledge import trace
from knowledge.errors import Unavailable
from scheduler.delivery import Kind, Notice
from scheduler.store import occurrences
from scheduler.store.occurrences import Announcement

PAUSE = 1.0  # s between attempts while the database is away
BATCH = 10_000  # in a transaction
CROWD = 100  # that wait: then there will be more, and the more are told the same at once, the fewer calls it takes
CROWD_SECONDS = 2.0  # for which others are waited for then
CAPACITY = 20_000  # that wait for the database, a kB each

log = logging.getLogger("pilotbot.callback")


@dataclass(slots=True, eq=False)
class _Late:
    incoming: Incoming
    text: str
    request: str | None  # the id of the request that brought the message
    error: Exception | None = None  # why it cannot be recorded at all


class LateAnswers:
    """Many that wait to be recorded go into one transaction: after a rush there are thousands.

    While the database is away they are kept in memory and tried again.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Callable[[], datetime],
        pause: float = PAUSE,
        batch: int = BATCH,
        capacity: int = CAPACITY,
        crowd_seconds: float = CROWD_SECONDS,
    ) -> None:
        """:param crowd_seconds: for which others are waited for where CROWD wait already."""
        self._storage = storage
        self._clock = clock
        self._pause = pause  # s
        self._batch = batch
        self._capacity = capacity
        self._crowd_seconds = crowd_seconds
        self._waiting: dict[str, _Late] = {}  # by the delivery's key, the oldest first
        self._turn = asyncio.Lock()

    async def push(self, incoming: Incoming, text: str) -> None:
        """Recorded when it returns; once, also when the delivery is repeated.

        :raises Unavailable: so many wait for the database already that this one is lost.
        :raises Exception: this one cannot be recorded at all.
        """
        if len(self._waiting) >= self._capacity:
            raise Unavailable(f"{len(self._waiting)} others wait for the database")
        self._waiting[incoming.key] = late = _Late(incoming, text, trace.current())
        try:
            async with self._turn:
                while incoming.key in self._waiting:  # else whoever came before has recorded it too
                    if len(self._waiting) >= CROWD:
                        await asyncio.sleep(self._crowd_seconds)
                    await self._try()
        finally:
            if self._waiting.get(incoming.key) is late:  # else another delivery of it waits now
                del self._waiting[incoming.key]
        if late.error:
            raise late.error

    async def turn_away(self, unanswered: Sequence[Incoming]) -> None:
        """Asks those to write again whose messages stay unanswered: one notice for all, which is quickly recorded. Not
        those whose answer is recorded after all.

        :raises Unavailable: the database does not answer.
        """
        if not unanswered:
            return
        now = self._clock()
        notice = Notice(f"unanswered:{now.isoformat()}:{unanswered[0].key}", Kind.ANSWER, {"text": texts.RESTARTED})
        async with self._storage.transaction() as session:
            answered = await records.noted(session, [_mark_key(incoming) for incoming in unanswered])
            users = {incoming.user for incoming in unanswered if _mark_key(incoming) not in answered}
            await occurrences.push(session, notice, users, now)

    async def _try(self) -> None:
        try:
            await self._record_some()
        except Unavailable as error:
            log.warning("%d late answers wait: %s", len(self._waiting), error)
            await asyncio.sleep(self._pause)

    async def _record_some(self) -> None:
        together = dict(islice(self._waiting.items(), self._batch))
        for late, error in await write_together(list(together.values()), self._record):
            late.error = error
        self._waiting = {key: other for key, other in self._waiting.items() if key not in together}

    async def _record(self, answers: Sequence[_Late]) -> None:
        now = self._clock()
        in_turn = {late.incoming.key: now + place * datetime.resolution for place, late in enumerate(answers)}
        async with self._storage.transaction() as session:
            new = await records.first_seen(session, [_mark(late, in_turn[late.incoming.key]) for late in answers])
            told = [late for late in answers if _mark_key(late.incoming) in new]
            await occurrences.push_each(session, _announcements(told, in_turn), now)


def _mark(late: _Late, at: datetime) -> Delivery:
    """What keeps a delivery from being answered late twice."""
    return Delivery(_mark_key(late.incoming), late.incoming.user, at, NO_REPLY)


def _mark_key(incoming: Incoming) -> str:
    return f"late:{incoming.key}"


def _announcements(answers: Iterable[_Late], in_turn: Mapping[str, datetime]) -> list[Announcement]:
    """One for all who are told the same, since a call of the platform can go to many people. Who asked the same twice is
    told once.

    :param in_turn: when each is due, by the key of its delivery.
    """
    alike: dict[str, list[_Late]] = defaultdict(list)
    for late in answers:
        alike[late.text].append(late)
    return [
        Announcement(
            Notice(f"alike:{first.incoming.key}", Kind.ANSWER, {"text": text}),
            {late.incoming.user.lower(): in_turn[late.incoming.key] for late in (*reversed(others), first)},
            first.request,
        )
        for text, (first, *others) in alike.items()
    ]
