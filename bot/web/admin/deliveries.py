"""What was told, to whom, and what became of it; telling it again; stopping all sending; telling everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web

from bot.web.admin import texts
from bot.web.admin.access import FORM, page, see, text, who
from bot.web.admin.parts import Parts
from handlers.store.work import Session
from scheduler.delivery import State
from scheduler.store import alarms, broadcasts, deliveries, holds
from scheduler.store.broadcasts import Broadcast, BroadcastError
from scheduler.store.deliveries import Round
from scheduler.store.followers import MILESTONES
from scheduler.updates import topic_names

HOME = "/admin/deliveries"
BROADCASTS = "/admin/broadcasts"
PAGE = 50
TOGETHER = 3  # of the updates that one change makes, how many are listed


class Deliveries:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/deliveries", self.rounds),
            web.post("/deliveries", self.switch),
            web.get("/deliveries/{occurrence}", self.round),
            web.post("/deliveries/{occurrence}", self.resend),
            web.get("/broadcasts", self.broadcasts),
            web.post("/broadcasts", self.draft),
            web.get("/broadcasts/{broadcast}", self.broadcast),
            web.post("/broadcasts/{broadcast}", self.send),
        ]

    async def rounds(self, request: web.Request) -> web.Response:
        """Everything that was or will be told; `before` of the address leads to older ones, `user` to one person,
        `change` to what tells of one change of the knowledge.
        """
        query, before = request.query.get("user", "").strip().lower(), _optional(request, "before")
        change = _optional(request, "change")
        async with self._parts.database.session() as session:
            person = await deliveries.listed(session, user=query, limit=PAGE) if query else ()
            rounds = await deliveries.rounds(session, change=change, limit=PAGE, before=before)
            stops = await holds.holds(session)
            kept = await alarms.listed(session, 10)
        return page(
            request,
            "deliveries.html",
            bundles=_bundles(rounds, TOGETHER if change is None else PAGE),
            change=change,
            person=person,
            user=query,
            older=rounds[-1].occurrence if len(rounds) == PAGE else None,
            stops=list(stops.values()),
            releasable=any(kind in holds.ADMINS_OWN for kind in stops),
            alarms=kept,
            kinds=texts.TOLD,
            states=texts.STATES,
            holds=texts.HOLDS,
        )

    async def switch(self, request: web.Request) -> web.StreamResponse:
        """Stops all sending, or lets it go on."""
        stop, reason = text(request[FORM], "act") == "freeze", text(request[FORM], "reason")[:200]
        async with self._parts.database.transaction() as session:
            if stop:
                await holds.freeze(session, "，".join(filter(None, (who(request), reason))), self._parts.now())
            else:
                await holds.release(session)
            act = "freeze" if stop else "release"
            await self._parts.noted(session, who(request), act, reason=reason)
        raise see(request, f"{HOME}?done={'frozen' if stop else 'released'}")

    async def round(self, request: web.Request) -> web.Response:
        """One thing, person by person."""
        occurrence = _number(request)
        chosen = request.query.get("state", "")
        states = [state for state in State if state == chosen] or tuple(State)
        number = request.query.get("page", "")
        offset = (int(number) - 1) * PAGE if number.isdecimal() and 0 < int(number) < 10**6 else 0
        async with self._parts.database.session() as session:
            found = await deliveries.rounds(session, limit=1, before=occurrence + 1)
            if not found or found[0].occurrence != occurrence:
                raise web.HTTPNotFound
            people = await deliveries.listed(session, occurrence=occurrence, states=states, limit=PAGE, offset=offset)
        shown = sum(number for state, number in found[0].counts.items() if state in states)
        return page(
            request,
            "delivery.html",
            round=found[0],
            people=people,
            state=chosen,
            page=offset // PAGE + 1,
            pages=max(1, -(-shown // PAGE)),
            on=lambda n: f"{HOME}/{occurrence}?page={n}&state={chosen}",
            failed=sum(found[0].counts.get(state, 0) for state in deliveries.FAILED),
            kinds=texts.TOLD,
            states=texts.STATES,
        )

    async def resend(self, request: web.Request) -> web.StreamResponse:
        """Again to those whom it did not surely reach, or to one person."""
        occurrence, user = _number(request), text(request[FORM], "user")
        async with self._parts.database.transaction() as session:
            count = await deliveries.resend(session, occurrence, self._parts.now(), [user] if user else None)
            if count:
                what = texts.RESENT.format(occurrence=occurrence, count=count)
                await self._parts.noted(session, who(request), "resend", what)
        raise see(request, f"{HOME}/{occurrence}?done={'resent' if count else 'nobody'}")

    async def broadcasts(self, request: web.Request) -> web.Response:
        return await self._broadcasts(request)

    async def _broadcasts(self, request: web.Request, status: int = 200, problem: str = "") -> web.Response:
        async with self._parts.database.session() as session:
            found = await broadcasts.listed(session)
        return page(
            request,
            "broadcasts.html",
            status,
            broadcasts=found,
            topics=self._topics(),
            problem=problem,
            typed=request.get(FORM, {}),
        )

    def _topics(self) -> dict[str, str]:
        """Topic -> what people call it; '' stands for everybody who follows anything."""
        return {"": texts.EVERYBODY, MILESTONES: texts.MILESTONES} | {
            topic: name for topic, name in topic_names(self._parts.library().pack).items() if topic != "all"
        }

    async def draft(self, request: web.Request) -> web.StreamResponse:
        form, key = request[FORM], self._parts.new_id()
        topic = text(form, "topic")
        try:
            async with self._parts.database.transaction() as session:
                known = topic if topic in self._topics() else ""
                now = self._parts.now()
                await broadcasts.draft(session, key, who(request), text(form, "text"), known or None, now)
        except BroadcastError as error:
            return await self._broadcasts(request, 422, str(error))
        raise see(request, f"{BROADCASTS}/{key}")

    async def broadcast(self, request: web.Request) -> web.Response:
        """A draft as people would see it, how many they are, and what it takes; or what became of it."""
        async with self._parts.database.session() as session:
            found = await self._found(session, request)
            preview = await broadcasts.preview(
                session, found, self._parts.now(), self._parts.settings.wecom_account_limit
            )
            stops = await holds.holds(session)
        return page(
            request,
            "broadcast.html",
            broadcast=found,
            preview=preview,
            stopped=any(kind in holds.ADMINS_OWN for kind in stops),
            topics=self._topics(),
            admins=self._parts.settings.admin_users,
        )

    async def send(self, request: web.Request) -> web.StreamResponse:
        """A trial to one admin, or the real thing, once."""
        form, now = request[FORM], self._parts.now()
        async with self._parts.database.transaction() as session:
            found = await self._found(session, request)
            if text(form, "act") == "confirm":
                count = await broadcasts.confirm(session, found, who(request), now)
                done = "same" if count is None else "broadcast"
                if count is not None:
                    await self._parts.noted(
                        session, who(request), "broadcast", texts.TO.format(count=count), found.text[:100]
                    )
            else:
                user = text(form, "user").lower()
                if user not in self._parts.settings.admin_users:
                    raise web.HTTPNotFound
                await broadcasts.try_out(session, found, user, now)
                await self._parts.noted(session, who(request), "trial", user, found.text[:100])
                done = "tried"
        raise see(request, f"{BROADCASTS}/{found.id}?done={done}")

    @staticmethod
    async def _found(session: Session, request: web.Request) -> Broadcast:
        found = await broadcasts.find(session, request.match_info["broadcast"])
        if found is None:
            raise web.HTTPNotFound
        return found


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one change of the knowledge makes people told, or one other thing."""

    rounds: Sequence[Round]  # that are listed
    change: int | None
    number: int  # of all


def _bundles(rounds: Sequence[Round], most: int) -> list[Bundle]:
    """Neighbours that tell of the same change are one; of these, those that reach most people come first."""
    neighbours = [list(found) for _, found in groupby(rounds, key=lambda round: round.change or -round.occurrence)]
    return [
        Bundle(sorted(found, key=lambda round: -sum(round.counts.values()))[:most], found[0].change, len(found))
        for found in neighbours
    ]


def _optional(request: web.Request, name: str) -> int | None:
    """A number of the address, where it is one."""
    found = request.query.get(name, "")
    return int(found) if found.isdecimal() and len(found) < 10 else None


def _number(request: web.Request) -> int:
    number = request.match_info["occurrence"]
    if not number.isdecimal() or len(number) > 9:
        raise web.HTTPNotFound
    return int(number)
