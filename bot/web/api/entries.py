"""Entries of the knowledge: listed, read, and changed only over the state that was read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from aiohttp import hdrs
from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Paging, Query, paged, part
from bot.web.api.problems import Fault, Problem
from bot.web.api.values import Fields, Line
from handlers.entries import Conflict, Signed
from knowledge.changes import KINDS, ChangeKind
from knowledge.library import Library
from knowledge.store.versions import Dangling
from scheduler.model import PilotError
from scheduler.updates import Weight

ANY = "*"
CREATED = {201: "Created", 200: "Replaced"}
TAKEN = "it was changed meanwhile: read it again, and repeat your change"


class Reason(Query):
    reason: Annotated[Line, Field(description="for the history")] = ""
    weight: Annotated[Weight, Field(description="minor: followers are not told; urgent: at once")] = Weight.NORMAL


class Revision(BaseModel):
    """What an entry was from one change on."""

    revision: int
    change: int
    at: datetime
    author: str
    kind: ChangeKind
    reason: str
    fields: dict[str, Any] | None  # None: it was removed


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of entry as the API shows and takes it."""

    kind: str  # a key of knowledge.changes.KINDS
    path: str  # of the list
    parameter: str  # name of the key in paths
    singular: str
    plural: str
    shown: Any  # what answers hold
    page: Any  # a part of the list
    fields: type[Fields]  # what PUT takes
    changes: type[Fields]  # what PATCH takes: the same, each of them optional
    new: type[Fields]  # what POST takes: the fields and the key
    values: Callable[[Library], Mapping[str, Any]]  # key -> value
    show: Callable[[Library, Any], Any]
    is_key: Callable[[str], bool]
    key_of: Callable[[Mapping[str, Any]], str]  # of the fields that POST takes
    fixed: Callable[[str], dict[str, Any]]  # the fields that follow from the key
    faults: Callable[[Library, Any], list[Fault]]  # what is wrong with a value among the others
    public: bool = True  # whether reading needs no token


@dataclass(frozen=True, slots=True)
class State:
    """An entry as it is in the database."""

    revision: int  # 0: never there
    value: Any  # None: not there


def etag(kind: str, value: Any) -> str:
    """Changes whenever a field of the entry does."""
    body = json.dumps(KINDS[kind].body(value), sort_keys=True, ensure_ascii=False)
    return f'"{sha256(body.encode()).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Shelf:
    """The operations on entries of one shape."""

    context: Context
    shape: Shape

    def reading(self) -> list[Operation]:
        shape, one = self.shape, f"{self.shape.path}/{{{self.shape.parameter}}}"
        return [
            Operation("GET", shape.path, f"list{shape.plural}", f"All {shape.plural.lower()}", self.list, shape.page,
                      query=Paging, admin=not shape.public),
            Operation("GET", one, f"get{shape.singular}", "One of them, with its ETag", self.get, shape.shown,
                      admin=not shape.public),
        ]  # fmt: skip

    def writing(self) -> list[Operation]:
        shape, one, name = self.shape, f"{self.shape.path}/{{{self.shape.parameter}}}", self.shape.singular

        def row(method: str, path: str, act: str, summary: str, handle: Any, **rest: Any) -> Operation:
            return Operation(method, path, f"{act}{name}", summary, handle, shape.shown, admin=True,
                             **{"query": Reason, **rest})  # fmt: skip

        return [
            row("POST", shape.path, "create", "Create", self.create, body=shape.new, statuses={201: "Created"},
                problems=(409,)),
            row("PUT", one, "put", "Replace, or create with If-None-Match: *", self.put, body=shape.fields,
                statuses=CREATED, conditional=True),
            row("PATCH", one, "patch", "Change the fields that are sent; null puts the default", self.patch,
                body=shape.changes, conditional=True),
        ]  # fmt: skip

    def history(self) -> Operation:
        path = f"{self.shape.path}/{{{self.shape.parameter}}}/history"
        summary = "What it was, newest first"
        return Operation(
            "GET", path, f"history{self.shape.singular}", summary, self.revisions, list[Revision], admin=True
        )

    def removing(self) -> Operation:
        shape = self.shape
        return Operation(
            "DELETE", f"{shape.path}/{{{shape.parameter}}}", f"delete{shape.singular}", "Remove", self.delete, None,
            query=Reason, statuses={204: "Removed"}, problems=(409,), admin=True, conditional=True,
        )  # fmt: skip

    async def list(self, call: Call) -> Answer:
        library = self.context.library()
        values = list(self.shape.values(library).values())
        page, headers = paged([self.shape.show(library, each) for each in part(values, call)], len(values), call)
        return Answer(page, headers=headers)

    async def get(self, call: Call) -> Answer:
        library = self.context.library()
        value = self.shape.values(library).get(self._key(call))
        if value is None:
            raise self._missing()
        return self._answer(library, value)

    async def create(self, call: Call) -> Answer:
        fields = call.body.all()
        key = self.shape.key_of(fields)
        state = await self._state(key)
        if state.value is not None:
            raise Problem(HTTPStatus.CONFLICT, "it exists already; change it with PUT or PATCH")
        return await self._write(call, key, fields, state)

    async def put(self, call: Call) -> Answer:
        key = self._key(call)
        if not self.shape.is_key(key):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "this cannot be a key", [Fault(where="path", detail=key)])
        state = await self._state(key)
        if hdrs.IF_NONE_MATCH in call.headers:
            if call.headers[hdrs.IF_NONE_MATCH].strip() != ANY or state.value is not None:
                raise Problem(HTTPStatus.PRECONDITION_FAILED, "it exists already")
        elif state.value is not None or hdrs.IF_MATCH in call.headers:
            self._check_condition(call, state)
        return await self._write(call, key, call.body.all(), state)

    async def patch(self, call: Call) -> Answer:
        return await self.change(call, call.body.given())

    async def delete(self, call: Call) -> Answer:
        key, state = self._key(call), await self._existing(call)
        await self._save(call, key, None, state.revision)
        await self.context.refresh()
        return Answer(None, HTTPStatus.NO_CONTENT)

    async def change(self, call: Call, fields: Mapping[str, Any]) -> Answer:
        """Sets fields of an existing entry, under the usual conditions."""
        return await self._write(call, self._key(call), fields, await self._existing(call))

    async def revisions(self, call: Call) -> Answer:
        found = await self.context.entries.history(self.shape.kind, self._key(call))
        if not found:
            raise self._missing()
        return Answer(
            [
                Revision(
                    revision=each.revision,
                    change=each.change.id,
                    at=each.change.at,
                    author=each.change.author,
                    kind=each.change.kind,
                    reason=each.change.reason,
                    fields=dict(each.body) if each.body is not None else None,
                )
                for each in found
            ]
        )

    async def _existing(self, call: Call) -> State:
        state = await self._state(self._key(call))
        if state.value is None:
            raise self._missing()
        self._check_condition(call, state)
        return state

    async def _state(self, key: str) -> State:
        found = await self.context.entries.history(self.shape.kind, key)
        if not found:
            return State(0, None)
        body = found[0].body
        return State(found[0].revision, None if body is None else KINDS[self.shape.kind].value(body))

    def _check_condition(self, call: Call, state: State) -> None:
        """:raises Problem: 428 without If-Match, 412 where it names another state."""
        given = call.headers.get(hdrs.IF_MATCH)
        if given is None:
            raise Problem(HTTPStatus.PRECONDITION_REQUIRED, "send If-Match with the ETag of what you change")
        wanted = [tag.strip() for tag in given.split(",")]
        if state.value is None or not {ANY, etag(self.shape.kind, state.value)} & set(wanted):
            raise Problem(HTTPStatus.PRECONDITION_FAILED, TAKEN)

    async def _write(self, call: Call, key: str, fields: Mapping[str, Any], state: State) -> Answer:
        kind, library = KINDS[self.shape.kind], self.context.library()
        before = kind.body(state.value) if state.value is not None else {}
        value = _value(kind.value, {**before, **fields, **self.shape.fixed(key)})
        # What was wrong before may stay so: somebody came to correct another field.
        known = self.shape.faults(library, state.value) if state.value is not None else []
        faults = [fault for fault in self.shape.faults(library, value) if fault not in known]
        if faults:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the fields do not fit the knowledge", faults)
        await self._save(call, key, kind.body(value), state.revision)
        await self.context.refresh()
        library = self.context.library()
        answer = self._answer(library, self.shape.values(library).get(key, value))
        if state.value is not None:
            return answer
        place = f"{self.context.api}{self.shape.path}/{quote(key)}"
        return Answer(answer.value, HTTPStatus.CREATED, {**answer.headers, hdrs.LOCATION: place})

    async def _save(self, call: Call, key: str, body: Mapping[str, Any] | None, revision: int) -> None:
        signed = Signed(call.who, call.query.reason or "API", call.query.weight)
        try:
            await self.context.entries.write(self.shape.kind, key, body, revision, signed)
        except Conflict:
            raise Problem(HTTPStatus.PRECONDITION_FAILED, TAKEN) from None
        except Dangling as error:
            status = HTTPStatus.CONFLICT if body is None else HTTPStatus.UNPROCESSABLE_ENTITY
            raise Problem(status, str(error)) from None
        except PilotError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    def _answer(self, library: Library, value: Any) -> Answer:
        return Answer(self.shape.show(library, value), headers={hdrs.ETAG: etag(self.shape.kind, value)})

    def _key(self, call: Call) -> str:
        return call.path[self.shape.parameter]

    def _missing(self) -> Problem:
        return Problem(HTTPStatus.NOT_FOUND, f"there is no such {self.shape.singular.lower()}")


def _value(read: Callable[[Mapping[str, Any]], Any], body: Mapping[str, Any]) -> Any:
    try:
        return read(body)
    except ValueError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None


def unknown(where: str, given: Sequence[str], known: Mapping[str, Any]) -> list[Fault]:
    """Faults for what refers to nothing."""
    return [Fault(where=f"{where}/{n}", detail="does not exist") for n, key in enumerate(given) if key not in known]
