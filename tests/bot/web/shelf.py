"""A small knowledge base of our own making, and the pages over it on a loopback server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.web.pages import Pages
from bot.web.site import install
from knowledge.library import Library
from knowledge.model import Document, Finding, Match, Measure, Outcome, Pack, Sector, Status

PUBLIC_URL = "https://pilot.example"
ENDED = "试点期已于 2031-03-01 届满（推算），现行规定请核实"

TEA = Document(
    slug="tea-2028-5",
    title="某市茶叶服务试点方案",
    number="茶发2028年第5号",
    issuer="某市茶叶局",
    issued=date(2028, 3, 1),
    source_url="https://tea.example/5",
    short_names=("5号文",),
    items={1: "种茶", 2: "卖茶"},
)
CUP = Document(
    slug="cup-2029-7",
    title="某市茶杯流通实施意见",
    number="杯发〔2029〕7号",
    issuer="某市茶杯局",
    issued=date(2029, 12, 31),
    missing="7号文手头的文本到第1条为止。",
)
SECTORS = (Sector("field", "茶园"), Sector("shop", "茶店"), Sector("empty", "空板块"))

GREEN = Measure(
    id="tea-2028-5/1.1",
    document=TEA.slug,
    item=1,
    ordinal=1,
    sectors=("field", "shop"),
    title="绿茶直接出园",
    summary="允许茶园把当年绿茶直接卖给外地客商，散装除外。",
    text="允许茶园直接出售绿茶。\n散装除外。",
    note="采摘日期以茶园登记为准。",
    also_in=("cup-2029-7/1.1", "cup-2029-7/9.9"),
    valid_from=date(2028, 4, 1),
    valid_to=date(2031, 3, 1),
)
BLACK = Measure(
    id="tea-2028-5/1.2",
    document=TEA.slug,
    item=1,
    ordinal=2,
    sectors=("field",),
    title="红茶发酵室备案",
    summary="红茶发酵室改为 <备案> 管理。",
)
OLD = Measure(
    id="tea-2028-5/2.1",
    document=TEA.slug,
    item=2,
    ordinal=1,
    sectors=("shop",),
    title="旧茶票",
    summary="茶票可以在茶店使用。",
    status=Status.RETIRED,
    replaced_by=GREEN.id,
)
AIMS = Measure(
    id="tea-2028-5/0.1",
    document=TEA.slug,
    item=0,
    ordinal=1,
    sectors=(),
    title="5号文的目标",
    summary="让喝茶的人多起来。",
)
EXPORT = Measure(
    id="cup-2029-7/1.1",
    document=CUP.slug,
    item=1,
    ordinal=1,
    sectors=("shop",),
    title="绿茶配杯出口",
    summary="探索绿茶与茶杯一起出口。",
    link="javascript:alert(1)",
)
# Enough of one kind to fill more than two pages.
MUGS = tuple(
    Measure(
        id=f"cup-2029-7/2.{n}",
        document=CUP.slug,
        item=2,
        ordinal=n,
        sectors=("shop",),
        title=f"第{n}号茶杯上架",
        summary=f"茶店可以摆出第{n}号茶杯。",
    )
    for n in range(1, 43)
)
PACK = Pack(documents=(TEA, CUP), sectors=SECTORS, measures=(AIMS, GREEN, BLACK, OLD, EXPORT, *MUGS))


def finding(outcome: Outcome, *scored: tuple[Measure, float], answers: int = 1, **rest: Any) -> Finding:
    """What the matcher might say."""
    return Finding("", outcome, tuple(Match(m, score) for m, score in scored), answers, **rest)


class ScriptedLibrary(Library):
    """The real lookups; only what a question leads to is written down beforehand."""

    def __init__(self, script: Mapping[str, Finding], pack: Pack = PACK) -> None:
        super().__init__(pack)
        self._script = script

    def find(self, text: str, limit: int = 10) -> Finding:
        return self._script.get(text, Finding(text, Outcome.NONE))


LIBRARY = ScriptedLibrary(
    {
        "绿茶": finding(Outcome.ANSWER, (GREEN, 0.9), (EXPORT, 0.6), (BLACK, 0.2)),
        "绿茶和红茶": finding(Outcome.ANSWER, (GREEN, 0.9), (BLACK, 0.8), (EXPORT, 0.3), answers=2),
        "茶": finding(Outcome.CHOICES, (GREEN, 0.4), (BLACK, 0.3), (EXPORT, 0.25), (MUGS[0], 0.1)),
        "7号文第2条": finding(Outcome.CHOICES, *((m, 1.0) for m in MUGS), heading="7号文第2条"),
        "7号文第3条": finding(Outcome.NONE, missing="7号文手头的文本到第1条为止，第3条没有收录。"),
        "咖啡": finding(Outcome.NONE, (BLACK, 0.1)),
    }
)


def status_note(document: str) -> str | None:
    return ENDED if document == TEA.slug else None


def application(library: Callable[[], Library] = lambda: LIBRARY, public_url: str = PUBLIC_URL) -> web.Application:
    """The pages as the service puts them together, with one page that fails."""

    async def fail(request: web.Request) -> web.Response:
        raise RuntimeError("password=hunter2")

    app = web.Application()
    install(app, public_url)
    app.add_routes(Pages(library, status_note).routes())
    app.add_routes([web.get("/fails", fail), web.get("/api/v1/fails", fail)])
    return app


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """:returns: the address of a loopback server, without a slash at its end."""
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def visible(html: str) -> str:
    """The text of a page's main part without tags, spaces folded."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())
