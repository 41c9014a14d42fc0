"""Who follows what, as JSON. Topics: 'sector:<code>', 'document:<slug>', 'milestones', 'all'."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.web.api.context import Context
from bot.web.api.entries import unknown
from bot.web.api.operations import Answer, Body, Call, Operation, Page, Paging, paged
from bot.web.api.problems import Problem
from knowledge.library import Library
from scheduler.delivery import Cadence
from scheduler.store import followers
from scheduler.store.followers import ALL, DOCUMENT, MILESTONES, SECTOR, Follower
from scheduler.updates import due_at

MOST_PEOPLE = 1000  # subscribed at once

# As the platform has them: https://developer.work.weixin.qq.com/document/path/90195
UserId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
Topic = Annotated[str, StringConstraints(max_length=80, pattern=r"^(all|milestones|(sector|document):[a-z0-9-]+)$")]
Topics = Annotated[tuple[Topic, ...], Field(max_length=200)]


class Subscription(BaseModel):
    user: str  # in lower case
    topics: list[str]
    cadence: Cadence
    paused_at: datetime | None
    unreachable_since: datetime | None  # until they write again


class SubscriptionPage(Page[Subscription]):
    """A part of the people who follow something, or did."""


class SubscriptionBody(Body):
    topics: Topics
    cadence: Cadence | None = None  # null: as it is
    paused: bool | None = None  # null: as it is


class BulkBody(Body):
    users: Annotated[tuple[UserId, ...], Field(min_length=1, max_length=MOST_PEOPLE)]
    topics: Annotated[tuple[Topic, ...], Field(min_length=1, max_length=50)]


class Subscribed(BaseModel):
    added: int  # subscriptions that were not there before


def operations(context: Context) -> list[Operation]:
    desk = _Desk(context)
    return [
        Operation("GET", "/subscriptions", "listSubscriptions", "Who follows what", desk.list, SubscriptionPage,
                  query=Paging, admin=True),
        Operation("POST", "/subscriptions", "subscribe", "Subscribe people in bulk", desk.subscribe, Subscribed,
                  body=BulkBody, admin=True),
        Operation("GET", "/subscriptions/{user}", "getSubscription", "What one person follows", desk.get, Subscription,
                  admin=True),
        Operation("PUT", "/subscriptions/{user}", "putSubscription", "What one person follows from now on", desk.put,
                  Subscription, body=SubscriptionBody, admin=True),
        Operation("DELETE", "/subscriptions/{user}", "unsubscribe", "One person follows nothing any more",
                  desk.delete, None, statuses={204: "Unsubscribed"}, admin=True),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    context: Context

    async def list(self, call: Call) -> Answer:
        size, start = call.query.per_page, (call.query.page - 1) * call.query.per_page
        async with self.context.storage.session() as session:
            total = await followers.number(session)
            found = await followers.listed(session, size, start)
        page, headers = paged([_shown(each) for each in found], total, call)
        return Answer(page, headers=headers)

    async def get(self, call: Call) -> Answer:
        async with self.context.storage.session() as session:
            return Answer(_shown(await followers.follower(session, call.path["user"].lower())))

    async def subscribe(self, call: Call) -> Answer:
        self._check(call.body.topics)
        now = self.context.now()
        async with self.context.storage.transaction() as session:
            added = [await followers.follow_many(session, call.body.users, topic, now) for topic in call.body.topics]
        return Answer(Subscribed(added=sum(added)))

    async def put(self, call: Call) -> Answer:
        self._check(call.body.topics)
        user, now, body = call.path["user"].lower(), self.context.now(), call.body
        if not _is_user(user):
            raise Problem(HTTPStatus.NOT_FOUND, "this cannot be a user id")
        async with self.context.storage.transaction() as session:
            known = await followers.follower(session, user)
            await followers.unfollow(session, user, set(known.topics) - set(body.topics))
            await followers.follow(session, user, body.topics, now)
            if body.cadence and body.cadence is not known.cadence:
                world = self.context.world()
                due = due_at(body.cadence, now, world.calendar, world.remind_at, world.zone)
                await followers.set_cadence(session, user, body.cadence, due)
            if body.paused is not None and body.paused != (known.paused_at is not None):
                await (followers.pause(session, user, now) if body.paused else followers.resume(session, user))
            return Answer(_shown(await followers.follower(session, user)))

    async def delete(self, call: Call) -> Answer:
        async with self.context.storage.transaction() as session:
            await followers.unfollow(session, call.path["user"].lower())
        return Answer(None, HTTPStatus.NO_CONTENT)

    def _check(self, topics: tuple[str, ...]) -> None:
        """:raises Problem: a sector or document does not exist."""
        faults = unknown("topics", topics, dict.fromkeys(_topics(self.context.library())))
        if faults:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "there is nothing like that to follow", faults)


def _topics(library: Library) -> list[str]:
    sectors, documents = (SECTOR + code for code in library.sectors), (DOCUMENT + slug for slug in library.documents)
    return [ALL, MILESTONES, *sectors, *documents]


def _is_user(user: str) -> bool:
    return len(user) <= 64 and user.isascii() and user[0].isalnum() and all(c.isalnum() or c in "._@-" for c in user)


def _shown(follower: Follower) -> Subscription:
    return Subscription(
        user=follower.user,
        topics=list(follower.topics),
        cadence=follower.cadence,
        paused_at=follower.paused_at,
        unreachable_since=follower.unreachable_since,
    )
