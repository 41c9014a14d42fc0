"""Changing the knowledge: what changes and who is told of it are one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from handlers.store.work import Work
from knowledge.changes import Change, ChangeKind, EntryChange
from knowledge.store import versions
from scheduler.store import announcing, pilots, taking_back
from scheduler.store.outbox import Storage
from scheduler.store.planning import World
from scheduler.updates import Weight


class Editor:
    """The one way in which people change the knowledge. `world` gives what planning depends on as of now."""

    def __init__(self, storage: Storage, world: Callable[[], World], now: Callable[[], datetime]) -> None:
        self._storage = storage
        self._world = world
        self._now = now

    async def apply(
        self,
        changes: Sequence[EntryChange],
        author: str,
        kind: ChangeKind,
        reason: str,
        *,
        weight: Weight = Weight.NORMAL,
        base: int | None = None,
        undoes: int | None = None,
        also: Work | None = None,
        told: Callable[[float], None] = lambda _: None,
    ) -> Change | None:
        """Records one change and who is to be told of it; None where it changes nothing.

        :param reason: for the history; followers of an urgent change read it too.
        :param base: the version that the changes were made from, where somebody may have been faster.
        :param undoes: the change that this one takes back: who was told of it is told so.
        :param also: what belongs to the same transaction, also where the knowledge stays as it is.
        :param told: now and then, which share of it is written, from 0 to 1.
        :raises Outdated: the knowledge is no longer at `base`; nothing was written.
        :raises Dangling: an entry would refer to one that is not there; nothing was written.
        :raises PilotError: a pilot or milestone cannot be so; nothing was written.
        :raises Unavailable: the database does not answer; nothing was written.
        """
        async with self._storage.transaction() as session:
            await versions.one_writer(session)
            before = await versions.version(session)
            changes = await pilots.revised(session, changes)
            made = await versions.apply(session, changes, author, kind, reason, self._now(), base, undoes, told)
            if also:
                await also(session)
            if made == before:
                return None
            if kind is ChangeKind.EDIT:  # imports and undoings were checked as a whole, against `base`
                await versions.check(session, made)
            if undoes is None:
                await announcing.announce_change(session, made, weight, reason, self._now(), self._world())
            else:
                await taking_back.take_back(session, undoes, made, self._now(), self._world())
            return (await versions.changes(session, limit=1))[0]
