"""The history of the knowledge: what was changed by whom, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import LARGEST_PAGE, Answer, Call, Operation, Query
from bot.web.api.problems import Problem
from knowledge.changes import Change as Made
from knowledge.changes import ChangeKind
from knowledge.dependence import Kept, Why
from knowledge.store import versions
from knowledge.store.versions import Outdated
from scheduler.model import PilotError

LARGEST_ID = 2**53
_REASONS: Mapping[Why, str] = {
    Why.CHANGED: "it was changed again since",
    Why.NEEDED: "{other} stays and refers to it",
    Why.LACKING: "what it was before refers to {other}, which is gone",
}


class Change(BaseModel):
    """One act that changed the knowledge."""

    id: int
    at: datetime
    author: str
    kind: ChangeKind
    reason: str
    summary: dict[str, dict[str, int]]  # kind of entry -> 'added', 'changed', 'removed' -> how many
    undoes: int | None  # the change that it took back; null: it is no undoing
    undone_by: int | None  # the change that took it back; null: it was not taken back


class Difference(BaseModel):
    kind: str
    key: str
    before: dict[str, Any] | None  # null: it was not there
    after: dict[str, Any] | None  # null: it is gone


class ChangeInFull(Change):
    entries: list[Difference]


class Changes(BaseModel):
    items: list[Change]
    next: str | None  # relative to the address that was asked


class Undone(BaseModel):
    change: int | None  # null: nothing was left to take back
    kept: list[tuple[str, str]]  # kind and key of entries left alone
    reasons: list[str]  # why, for each of them


class HistoryQuery(Query):
    before: Annotated[int | None, Field(ge=1, le=LARGEST_ID, description="id of the last change seen")] = None
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20


def operations(context: Context) -> list[Operation]:
    desk = _Desk(context)
    return [
        Operation("GET", "/history", "listChanges", "What was changed, newest first", desk.list, Changes,
                  query=HistoryQuery, admin=True),
        Operation("GET", "/history/{change}", "getChange", "One change, entry by entry", desk.get, ChangeInFull,
                  admin=True),
        Operation("POST", "/history/{change}/undo", "undoChange", "Take a change back, without what came later and what is still referred to",
                  desk.undo, Undone, admin=True, problems=(409, 422)),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    context: Context

    async def list(self, call: Call) -> Answer:
        limit = call.query.limit
        async with self.context.storage.session() as session:
            found = await versions.changes(session, limit + 1, call.query.before)
            undone = await versions.undone(session, [each.id for each in found])
        shown = found[:limit]
        following = f"{self.context.api}/history?limit={limit}&before={shown[-1].id}" if len(found) > limit else None
        links: Mapping[str, str] = {"Link": f'<{following}>; rel="next"'} if following else {}
        return Answer(Changes(items=[Change(**_fields(each, undone)) for each in shown], next=following), headers=links)

    async def get(self, call: Call) -> Answer:
        change = await self._change(call)
        async with self.context.storage.session() as session:
            diffs = await versions.diff(session, change.id)
            undone = await versions.undone(session, [change.id])
        entries = [Difference(kind=d.kind, key=d.key, before=_plain(d.before), after=_plain(d.after)) for d in diffs]
        return Answer(ChangeInFull(**_fields(change, undone), entries=entries))

    async def undo(self, call: Call) -> Answer:
        change = await self._change(call)
        try:
            undone = await self.context.history.undo(change.id, call.who)
        except Outdated:
            raise Problem(HTTPStatus.CONFLICT, "the knowledge was changed meanwhile: try again") from None
        except PilotError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
        await self.context.refresh()
        made = undone.change.id if undone.change else None
        kept = [(each.kind, each.key) for each in undone.kept]
        return Answer(Undone(change=made, kept=kept, reasons=[_reason(each) for each in undone.kept]))

    async def _change(self, call: Call) -> Made:
        text = call.path["change"]
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
        async with self.context.storage.session() as session:
            found = await versions.change(session, number)
        if found is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such change")
        return found


def _fields(change: Made, undone: Mapping[int, Made]) -> dict[str, Any]:
    summary = {kind: dict(acts) for kind, acts in change.summary.items()}
    names = ("id", "at", "author", "kind", "reason", "undoes")
    later = undone[change.id].id if change.id in undone else None
    return {name: getattr(change, name) for name in names} | {"summary": summary, "undone_by": later}


def _reason(kept: Kept) -> str:
    return _REASONS[kept.why].format(other=" ".join(kept.other or ()))


def _plain(body: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if body is None else dict(body)
