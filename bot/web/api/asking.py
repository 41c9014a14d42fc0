"""A message answered as JSON, without a conversation: what `pilotbot ask --json` prints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Body, Call, Operation, Query
from handlers.aside import aside
from knowledge.model import Outcome

LONGEST_MESSAGE = 2000  # characters
MOST_RESULTS = 50

Message = Annotated[str, Field(max_length=LONGEST_MESSAGE, description="the message, as somebody would type it")]
Top = Annotated[int, Field(ge=1, le=MOST_RESULTS, description="results at most")]


class Result(BaseModel):
    id: str
    score: float
    title: str
    summary: str
    document: str
    clause: str
    sectors: list[str]
    url: str
    status_note: str | None


class Found(BaseModel):
    """`answer`: the first result is the reply; `choices`: a list to choose from; `none`: nothing but near misses."""

    query: str
    status: Outcome
    results: list[Result]


class AskQuery(Query):
    q: Message
    top: Top = 10


class AskBody(Body):
    q: Message
    top: Top = 10


def operations(context: Context) -> list[Operation]:
    return Asking(context).operations()


@dataclass(frozen=True, slots=True)
class Asking:
    """Nothing that is asked here is recorded."""

    context: Context

    def operations(self) -> list[Operation]:
        summary = "What the bot would find for a message"
        return [
            Operation("GET", "/ask", "ask", summary, self.by_query, Found, query=AskQuery),
            Operation("POST", "/ask", "askByPost", f"{summary}, out of the logs of proxies", self.by_body, Found,
                      body=AskBody),
        ]  # fmt: skip

    async def by_query(self, call: Call) -> Answer:
        return await self._found(call.query.q, call.query.top)

    async def by_body(self, call: Call) -> Answer:
        return await self._found(call.body.q, call.body.top)

    async def _found(self, text: str, top: int) -> Answer:
        desk = self.context.desk()
        return Answer(Found.model_validate(await aside(desk.library, partial(desk.ask, text, top))))
