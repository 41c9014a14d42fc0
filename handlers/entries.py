"""One entry of the knowledge at a time: read it, and write it only over the revision that was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.editing import Editor
from handlers.store.work import Work
from knowledge.changes import Change, ChangeKind, EntryChange, EntryRevision
from knowledge.store import versions
from scheduler.store.outbox import Storage
from scheduler.updates import Weight

ATTEMPTS = 20  # when others change other entries at the same moment


class Conflict(Exception):  # noqa: N818  says what is wrong
    """Somebody else has changed the entry since it was read."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who makes a change, why, and who is to hear of it."""

    author: str
    reason: str
    weight: Weight = Weight.NORMAL
    kind: ChangeKind = ChangeKind.EDIT


class Entries:
    """Entries by kind (a key of knowledge.changes.KINDS) and key."""

    def __init__(self, storage: Storage, editor: Editor) -> None:
        self._storage = storage
        self._editor = editor

    async def history(self, kind: str, key: str) -> list[EntryRevision]:
        """What the entry was, newest first; empty for one that never existed.

        :raises Unavailable: the database does not answer.
        """
        async with self._storage.session() as session:
            return await versions.history(session, kind, key)

    async def write(
        self,
        kind: str,
        key: str,
        body: Mapping[str, Any] | None,
        revision: int | None,
        signed: Signed,
        also: Work | None = None,
    ) -> Change | None:
        """Makes the entry what `body` says, None to remove it.

        :param revision: the one that the change was made from, 0 for an entry that was not there; None: whatever.
        :param also: what belongs to the same transaction.
        :returns: None where it changes nothing.
        :raises Conflict: the entry is at another revision by now; nothing was written.
        :raises Dangling: an entry would refer to one that is not there; nothing was written.
        :raises Unavailable: the database does not answer; nothing was written.
        """
        change = EntryChange(kind, key, None, body)
        for _ in range(ATTEMPTS):
            async with self._storage.session() as session:
                base = await versions.version(session)
                known = await versions.history(session, kind, key)
            if revision is not None and revision != (known[0].revision if known else 0):
                raise Conflict(f"{kind} {key}")
            try:
                return await self._editor.apply(
                    [change], signed.author, signed.kind, signed.reason, weight=signed.weight, base=base, also=also
                )
            except versions.Outdated:
                continue
        raise Conflict(f"{kind} {key}")
