"""The timeline for people, and as a calendar for their programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from aiohttp import web

from bot.web import ical, texts
from bot.web.render import render
from bot.web.timeline import picture, rule, sections
from scheduler import due
from scheduler.milestones import milestones
from scheduler.model import Pilot
from scheduler.store.followers import ALL, DOCUMENT, MILESTONES, Follower
from scheduler.store.planning import World

PAGE, CALENDAR = "/milestones", "/calendar.ics"


class MilestonePages:
    """:param world: pilots, working days and the time of reminders, as of now.
    :param follower: whose calendar a token opens; None for one that is forged or was renewed.
    :param public_url: what addresses start with.
    """

    def __init__(
        self,
        world: Callable[[], World],
        follower: Callable[[str], Awaitable[Follower | None]],
        now: Callable[[], datetime],
        public_url: str,
    ) -> None:
        self._world = world
        self._follower = follower
        self._now = now
        self._url = public_url + PAGE

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PAGE, self.page), web.get(CALENDAR, self.calendar)]

    async def page(self, request: web.Request) -> web.Response:
        """The picture and the list."""
        today = self._now().date()
        shown = sections(self._world(), today)
        return render(request, "milestones.html", sections=shown, picture=picture(shown, today), today=today)

    async def calendar(self, request: web.Request) -> web.Response:
        """All pilots, one of them by `document`, or those that a `person` follows."""
        world = self._world()
        if token := request.query.get("person"):
            person = await self._follower(token)
            if person is None:
                raise web.HTTPForbidden(text=texts.CALENDAR_REVOKED)
            return self._feed(texts.MY_CALENDAR, followed(world.pilots, person), world)
        document = request.query.get("document")
        pilots = [pilot for pilot in world.pilots if document in (None, "", pilot.document)]
        if document and not pilots:
            raise web.HTTPNotFound(text=texts.NO_SUCH_PILOT)
        return self._feed(pilots[0].name if document else texts.CALENDAR, pilots, world)

    def _feed(self, name: str, pilots: Iterable[Pilot], world: World) -> web.Response:
        events = [
            ical.Event(m, due.reminders(m, world.calendar, world.remind_at, world.zone), rule(pilot, m))
            for pilot in pilots
            for m in milestones(pilot)
        ]
        body = ical.calendar(name, sorted(events, key=lambda e: e.milestone.date), self._url, self._now())
        return web.Response(
            text=body,
            content_type="text/calendar",
            charset="utf-8",
            headers={"Cache-Control": "no-cache", "Content-Disposition": 'inline; filename="milestones.ics"'},
        )


def followed(pilots: Iterable[Pilot], person: Follower) -> list[Pilot]:
    """The pilots of the documents that somebody follows; all of them for those who follow more, or no document."""
    wanted = {topic.removeprefix(DOCUMENT) for topic in person.topics if topic.startswith(DOCUMENT)}
    if not wanted or {ALL, MILESTONES} & set(person.topics):
        return list(pilots)
    return [pilot for pilot in pilots if pilot.document in wanted]
