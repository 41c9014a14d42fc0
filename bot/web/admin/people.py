"""Who follows what, subscribing many at once, what people ask, and what they say of the answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from bot.web.admin import texts
from bot.web.admin.access import FORM, page, see, text, who
from bot.web.admin.parts import Parts
from bot.wecom.errors import ApiError, ConfigurationError, NoDepartment
from handlers.store import statistics
from scheduler.store import followers
from scheduler.store.followers import ALL, MILESTONES
from scheduler.updates import topic_names

HOME = "/admin/people"
USER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}")  # https://developer.work.weixin.qq.com/document/path/90195
MOST = 5000  # people in one form
DAYS = 30  # of the statistics


class Wrong(Exception):  # noqa: N818  says what happened
    """What was typed cannot be; the text is for the person who typed it."""


class People:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/people", self.list),
            web.post("/people", self.subscribe),
            web.get("/statistics", self.statistics),
        ]

    async def list(self, request: web.Request) -> web.Response:
        return await self._list(request)

    async def _list(self, request: web.Request, status: int = 200, problem: str = "") -> web.Response:
        user = request.query.get("user", "").strip().lower()
        async with self._parts.database.session() as session:
            counts = await followers.counts(session)
            person = await followers.follower(session, user) if user else None
            told = await followers.told(session, user, 20) if user else ()
        return page(
            request,
            "people.html",
            status,
            counts=counts,
            topics=self._topics(),
            user=user,
            person=person,
            told=told,
            problem=problem,
            typed=request.get(FORM, {}),
            cadences=texts.CADENCES,
            kinds=texts.TOLD,
            states=texts.STATES,
        )

    def _topics(self) -> dict[str, str]:
        return {MILESTONES: texts.MILESTONES} | topic_names(self._parts.library().pack)

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        """Many people at once, to follow a topic or no longer."""
        form, topic = request[FORM], text(request[FORM], "topic")
        try:
            users = await self._chosen(text(form, "users"), text(form, "department"))
            if topic not in self._topics():
                raise Wrong(texts.NO_USERS.format(most=MOST))
        except Wrong as problem:
            return await self._list(request, 422, str(problem))
        leaving = text(form, "act") == "unsubscribe"
        count = await self._changed(users, topic, who(request), leaving=leaving)
        raise see(request, f"{HOME}?done={'same' if not count else 'unsubscribed' if leaving else 'subscribed'}")

    async def _chosen(self, typed: str, department: str) -> Sequence[str]:
        """Those who are named, and those in the department, in lower case.

        :raises Wrong: that cannot be; the text says why.
        """
        users = [user.lower() for user in dict.fromkeys(re.split(r"[\s,，、;；|]+", typed)) if user]
        wrong = [user for user in users if not USER.fullmatch(user)]
        if wrong:
            raise Wrong(texts.BAD_USER.format(user=wrong[0][:64]))
        if department:
            users = list(dict.fromkeys([*users, *await self._members(department)]))
        if not 0 < len(users) <= MOST:
            raise Wrong(texts.NO_USERS.format(most=MOST))
        return users

    async def _members(self, department: str) -> Sequence[str]:
        if not re.fullmatch(r"[0-9]{1,10}", department):
            raise Wrong(texts.BAD_DEPARTMENT.format(number=department[:20]))
        try:
            found = await self._parts.members(int(department))
        except ApiError as error:
            raise Wrong(_why(error, department)) from None
        if not found:
            raise Wrong(texts.NO_MEMBERS)
        return found

    async def _changed(self, users: Sequence[str], topic: str, by: str, *, leaving: bool) -> int:
        async with self._parts.database.transaction() as session:
            if leaving:
                gone = [await followers.unfollow(session, user, [topic]) for user in users]
                count = sum(map(bool, gone))
            else:
                count = await followers.follow_many(session, users, topic, self._parts.now())
            act = "unsubscribe" if leaving else "subscribe"
            what = texts.SUBSCRIBED.format(topic=self._topics().get(topic, topic), count=count)
            await self._parts.noted(session, by, act, what, "、".join(users[:20]))
        return count

    async def statistics(self, request: web.Request) -> web.Response:
        now = self._parts.now()
        async with self._parts.database.session() as session:
            found = await statistics.since(session, now - timedelta(days=DAYS))
            ratings = await statistics.ratings(session, 50)
            counts = await followers.counts(session)
        library = self._parts.library()
        return page(
            request,
            "statistics.html",
            found=found,
            ratings=ratings,
            days=DAYS,
            following=counts,
            everything=ALL,
            library=library,
            outcomes=texts.OUTCOMES,
        )


def _why(error: ApiError, department: str) -> str:
    if isinstance(error, NoDepartment):
        return texts.BAD_DEPARTMENT.format(number=department)
    return texts.MAY_NOT_SEE if isinstance(error, ConfigurationError) else texts.PLATFORM_SILENT
