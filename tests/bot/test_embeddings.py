"""The semantic stage against a local stand-in of an embeddings service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.database import Database
from bot.embeddings import Embeddings, EmbeddingsFailed, Semantics
from knowledge.library import Library
from knowledge.model import Finding, Match, Outcome
from tests.knowledge.plans import PACK

TOPICS = ("邮轮", "船舶", "冷链", "引航员", "仓库")
MEANT = {"坐大船出海玩": "邮轮"}  # what the stand-in takes a text to mean, beside what it says


class Service:
    """Gives each text the vector of the topics that it is about; can fail in several ways."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.trouble = ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        match self.trouble:
            case "late":
                await asyncio.sleep(5)
            case "status":
                return web.Response(status=503)
            case "nonsense":
                return web.json_response({"data": [{"index": 0, "embedding": "x"}]})
        data = [{"index": n, "embedding": vector(text)} for n, text in enumerate(body["input"])]
        return web.json_response({"data": data[::-1], "model": body["model"]})


def vector(text: str) -> list[float]:
    meant = text + MEANT.get(text, "")
    return [1.0 if topic in meant else 0.01 for topic in TOPICS]


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def url(service: Service) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/embeddings", service.answer)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await server.close()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'pilotbot.db'}")
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


LIBRARY = Library(PACK, 3)
UNSURE = Finding("坐大船出海玩", Outcome.CHOICES, (Match(PACK.measures[1], 0.4), Match(PACK.measures[0], 0.2)))


def semantics(session: ClientSession, url: str, database: Database) -> Semantics:
    return Semantics(Embeddings(session, url, "small", "hush-key"), database, lambda: LIBRARY)


async def test_meaning_orders_what_words_were_not_sure_of(
    service: Service, url: str, database: Database, session: ClientSession
) -> None:
    stage = semantics(session, url, database)
    await stage.embed_knowledge()
    found = await stage.refine(UNSURE)
    assert found.outcome is Outcome.CHOICES
    assert [m.measure.id for m in found.matches][:2] == ["harbour/1.1", "harbour/1.2"]
    assert all(0 <= m.score <= 1 for m in found.matches)
    assert service.asked[-1] == {"model": "small", "input": ["坐大船出海玩"]}
    assert set(service.keys) == {"Bearer hush-key"}


async def test_nothing_becomes_an_answer_and_what_is_sure_stays(
    service: Service, url: str, database: Database, session: ClientSession
) -> None:
    stage = semantics(session, url, database)
    await stage.embed_knowledge()
    asked = len(service.asked)
    for sure in (
        Finding("q", Outcome.ANSWER, UNSURE.matches),
        Finding("q", Outcome.CHOICES, UNSURE.matches, heading="人才"),
        Finding("q", Outcome.NONE, missing="没有收录"),
        Finding("q", Outcome.NONE, beside="chitchat"),
    ):
        assert await stage.refine(sure) is sure
    assert len(service.asked) == asked
    nothing = Finding("坐大船出海玩", Outcome.NONE)
    found = await stage.refine(nothing)
    assert (found.outcome, found.matches[0].measure.id) == (Outcome.NONE, "harbour/1.1")


async def test_a_text_is_embedded_once_also_after_a_restart(
    service: Service, url: str, database: Database, session: ClientSession
) -> None:
    await semantics(session, url, database).embed_knowledge()
    asked = len(service.asked)
    await semantics(session, url, database).embed_knowledge()
    assert asked == 1
    assert len(service.asked) == asked


@pytest.mark.parametrize("trouble", ["late", "status", "nonsense"])
async def test_trouble_falls_back_to_the_words_and_is_logged_once(
    trouble: str,
    service: Service,
    url: str,
    database: Database,
    session: ClientSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = semantics(session, url, database)
    await stage.embed_knowledge()
    service.trouble = trouble
    caplog.clear()
    for _ in range(2):
        assert await asyncio.wait_for(stage.refine(UNSURE), 2) is UNSURE
    assert [r.levelname for r in caplog.records].count("WARNING") == 1
    assert "hush-key" not in caplog.text
    service.trouble = ""
    assert (await stage.refine(UNSURE)).matches[0].measure.id == "harbour/1.1"


async def test_a_service_that_is_away_says_so(database: Database, session: ClientSession) -> None:
    with pytest.raises(EmbeddingsFailed):
        await semantics(session, "http://127.0.0.1:9", database).embed_knowledge()


@pytest.mark.parametrize("path", ["", "/v1", "/v1/embeddings", "/v1/"])
async def test_the_address_may_be_given_in_any_usual_form(
    path: str, service: Service, url: str, session: ClientSession
) -> None:
    assert len(await Embeddings(session, url + path, "small").embed(["邮轮"], 5.0)) == 1
    assert service.keys == [""]
