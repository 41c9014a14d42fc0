"""Every kind of page keeps to itself: its headers, no inline script or style, nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from bot.web.security import HEADERS
from tests.bot.web.admin.desk import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATHS = (
    "/measures",
    "/measures/mofcom-2021-63/2.13",
    "/measures/no-such",
    "/milestones",
    "/calendar.ics",
    "/sandbox/",
    "/api/v1/openapi.json",
    "/api/v1/no-such",
    "/healthz",
    "/metrics",
    "/admin/measures",
    "/admin/learning?all=1",
    "/admin/import",
    "/admin/knowledge/pilot/edit?key=mofcom-2021-63",
    "/admin/people",
    "/admin/broadcasts",
    "/admin/check",
    "/admin/no-such",
    "/admin/export.xlsx",
)
INLINE = re.compile(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:")
FOREIGN = re.compile(
    r"<(?:script|img|iframe|form|link(?! rel=\"canonical\"))[^>]* (?:src|href|action)=\"(?:https?:)?//"
)


@pytest.mark.parametrize("path", PATHS)
async def test_it_keeps_to_itself(admin: Browser, path: str) -> None:
    async with admin.session.get(admin.base + path) as answer:
        body = await answer.read()
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
    if answer.content_type == "text/html":
        assert INLINE.findall(body.decode()) == []
        assert FOREIGN.findall(body.decode()) == []
