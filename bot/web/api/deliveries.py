"""What people were told, are being told and will be, as JSON; and telling it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Body, Call, Operation, Paging
from bot.web.api.problems import Problem
from bot.web.api.subscriptions import UserId
from scheduler.delivery import Kind, State
from scheduler.store import deliveries

MOST_PEOPLE = 1000  # told again at once


class Delivery(BaseModel):
    """One thing for one person."""

    occurrence: int
    user: str
    kind: Kind
    subject: str
    state: State
    at: datetime  # of the attempt, or when it is due
    code: int | None  # the platform's latest answer; null: no call or no answer
    detail: str
    request: str | None  # id of the request that caused it, as the log has it; null: time did


class Deliveries(BaseModel):
    items: list[Delivery]
    next: str | None  # relative to the address that was asked


class DeliveriesQuery(Paging):
    user: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._@-]*$")] = ""
    state: State | None = None
    kind: Kind | None = None


class ResendBody(Body):
    users: Annotated[
        tuple[UserId, ...] | None, Field(max_length=MOST_PEOPLE, description="null: whom it has not surely reached")
    ] = None


class Resent(BaseModel):
    people: int  # who will be told again


def operations(context: Context) -> list[Operation]:
    desk = _Desk(context)
    return [
        Operation("GET", "/deliveries", "listDeliveries", "What people are told, newest first", desk.list, Deliveries,
                  query=DeliveriesQuery, admin=True),
        Operation("POST", "/deliveries/{occurrence}/resend", "resend", "Tell it again, visibly so", desk.resend, Resent,
                  body=ResendBody, admin=True),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    context: Context

    async def list(self, call: Call) -> Answer:
        query = call.query
        async with self.context.storage.session() as session:
            found = await deliveries.listed(
                session,
                user=query.user or None,
                states=[query.state] if query.state else tuple(State),
                kinds=[query.kind] if query.kind else tuple(Kind),
                limit=query.per_page + 1,
                offset=(query.page - 1) * query.per_page,
            )
        following = call.address(query.page + 1) if len(found) > query.per_page else None
        items = [Delivery(**asdict(each)) for each in found[: query.per_page]]
        headers = {"Link": f'<{following}>; rel="next"'} if following else {}
        return Answer(Deliveries(items=items, next=following), headers=headers)

    async def resend(self, call: Call) -> Answer:
        text = call.path["occurrence"]
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such occurrence")
        async with self.context.storage.transaction() as session:
            people = await deliveries.resend(session, int(text), self.context.now(), call.body.users)
        return Answer(Resent(people=people))
