"""Taking changes of the knowledge back: a whole one, or one entry to what it was."""

from __future__ import annotations

from dataclasses import dataclass

from handlers import import_texts as texts
from handlers.editing import Editor
from knowledge.changes import Change, ChangeKind, EntryChange
from knowledge.dependence import Kept
from knowledge.store import versions
from scheduler.store.outbox import Storage


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of taking a change back."""

    change: Change | None  # None: nothing was left to take back
    kept: tuple[Kept, ...]  # entries left alone


class NoSuchRevision(LookupError):  # noqa: N818 - says what is wrong
    """There is no such entry, or it never had that revision."""


class History:
    """Undoes through the editor, so that the followers are told in the same transaction."""

    def __init__(self, storage: Storage, editor: Editor) -> None:
        self._storage = storage
        self._editor = editor

    async def undo(self, change_id: int, author: str) -> Undone:
        """Takes one change back, without what others have changed since and what stays in use.

        :raises Outdated: somebody changed the knowledge meanwhile; nothing was written.
        :raises Unavailable: the database does not answer; nothing was written.
        """
        async with self._storage.session() as session:
            base = await versions.version(session)
            back, kept = await versions.undoing(session, change_id)
        reason = texts.UNDO.format(change=change_id)
        made = (
            await self._editor.apply(back, author, ChangeKind.UNDO, reason, base=base, undoes=change_id)
            if back
            else None
        )
        return Undone(made, tuple(kept))

    async def restore(self, kind: str, key: str, revision: int, author: str) -> Change | None:
        """Makes an entry what it was in a revision; None where it is that already.

        :raises NoSuchRevision: it never was.
        :raises Dangling: it referred to something that is gone, or something refers to what was not there.
        """
        async with self._storage.session() as session:
            base = await versions.version(session)
            entries = await versions.history(session, kind, key)
        wanted = next((entry for entry in entries if entry.revision == revision), None)
        if wanted is None:
            raise NoSuchRevision(f"{kind} {key!r} has no revision {revision}")
        reason = texts.RESTORE.format(revision=revision)
        return await self._editor.apply(
            [EntryChange(kind, key, None, wanted.body)], author, ChangeKind.EDIT, reason, base=base
        )
