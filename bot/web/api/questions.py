"""Questions that had no good answer, and what people say of answers, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from bot.web.api.context import Context
from bot.web.api.operations import Answer, Call, Operation, Page, Paging, paged, part
from handlers.store import learning, questions


class Question(BaseModel):
    key: str  # of its delivery
    user: str | None  # null once its asker is forgotten
    text: str
    at: datetime
    outcome: str
    useless: bool  # its asker said so
    top: str | None  # id of the best match then


class QuestionPage(Page[Question]):
    """A part of the questions that wait for an admin."""


class Rating(BaseModel):
    user: str | None  # null once the person is forgotten
    at: datetime
    useful: bool
    question: str
    measures: list[str]  # ids that the answer named


class RatingPage(Page[Rating]):
    """A part of the feedback."""


class Recent(Paging):
    days: Annotated[int, Field(ge=1, le=3650, description="how far back to look")] = 180


def operations(context: Context) -> list[Operation]:
    desk = _Desk(context)
    return [
        Operation("GET", "/unanswered", "listUnanswered", "Questions that no admin has seen to, newest first",
                  desk.unanswered, QuestionPage, query=Recent, admin=True),
        Operation("GET", "/feedback", "listFeedback", "What people say of answers, newest first", desk.feedback,
                  RatingPage, query=Paging, admin=True),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    context: Context

    async def unanswered(self, call: Call) -> Answer:
        since = self.context.now() - timedelta(days=call.query.days)
        await self.context.written()
        async with self.context.storage.session() as session:
            found = await learning.unanswered(session, since)
        shown = [
            Question(key=q.key, user=q.user, text=q.text, at=q.at, outcome=q.outcome, useless=q.useless, top=q.top)
            for q in part(found, call)
        ]
        page, headers = paged(shown, len(found), call)
        return Answer(page, headers=headers)

    async def feedback(self, call: Call) -> Answer:
        await self.context.written()
        size, start = call.query.per_page, (call.query.page - 1) * call.query.per_page
        async with self.context.storage.session() as session:
            total = await questions.ratings(session)
            found = await questions.rated(session, size, start)
        shown = [
            Rating(user=r.user, at=r.at, useful=r.useful, question=r.question, measures=list(r.measures)) for r in found
        ]
        page, headers = paged(shown, total, call)
        return Answer(page, headers=headers)
