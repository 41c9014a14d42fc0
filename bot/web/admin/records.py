"""Who did what and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import web

from bot.web.admin import texts
from bot.web.admin.access import page
from bot.web.admin.parts import Parts
from handlers.store import audit

PAGE = 50


class Records:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/audit", self.list), web.get("/check", self.check)]

    async def list(self, request: web.Request) -> web.Response:
        """The last acts; `before` of the address, ISO 8601, leads to older ones."""
        before = self._parts.now() + timedelta(seconds=1)
        try:
            wanted = datetime.fromisoformat(request.query.get("before", ""))
            before = wanted if wanted.tzinfo else before
        except ValueError:
            pass
        async with self._parts.database.session() as session:
            acts = await audit.latest(session, before, PAGE)
        older = acts[-1].at.isoformat() if len(acts) == PAGE else None
        return page(request, "audit.html", acts=acts, words=texts.ACTS, summed=summed, older=older)

    async def check(self, request: web.Request) -> web.Response:
        """What the set-up doctor finds now."""
        if self._parts.examine is None:
            raise web.HTTPNotFound
        return page(request, "check.html", findings=await self._parts.examine(), levels=texts.LEVELS)


def summed(summary: Mapping[str, Mapping[str, int]]) -> str:
    """What a change of the knowledge did, as '修改1项措施、新增2项文件'."""
    parts = [
        f"{texts.CHANGES.get(act, act)}{number}项{texts.KINDS.get(kind, kind)}"
        for kind, acts in summary.items()
        for act, number in acts.items()
    ]
    return "、".join(parts)
