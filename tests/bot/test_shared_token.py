"""One access token for all replicas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.database import Database
from bot.demo.model import Account, Person
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.shared_token import SharedToken
from bot.wecom.client import WecomClient

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
ACCOUNT = Account("wwtest", 1000002, "s" * 43, "t" * 24, "k" * 43)


@dataclass
class Scene:
    platform: Platform
    database: Database
    session: ClientSession
    url: str
    now: datetime = NOW

    def replica(self, database: Database | None = None, ahead: timedelta = timedelta()) -> WecomClient:
        """:param ahead: by so much its clock shows more than the platform's; elapsed time is the same for all."""
        shelf = SharedToken(database or self.database, "app", now=lambda: self.now + ahead)
        clock = lambda: self.now.timestamp()  # noqa: E731
        return WecomClient(
            self.session, self.url, ACCOUNT.corp_id, ACCOUNT.secret, ACCOUNT.agent_id, clock=clock, shelf=shelf
        )

    def fetched(self) -> int:
        return sum(call.path == "gettoken" for call in self.platform.calls)


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    app = web.Application()
    async with ClientSession() as session:
        scene: Scene
        platform = Platform(ACCOUNT, "http://localhost/", session, lambda: scene.now, people=[Person("li", "", "")])
        scene = Scene(platform, database, session, "")
        mount(app, platform)
        async with TestServer(app) as server:
            scene.url = str(server.make_url("/"))
            yield scene


async def say(client: WecomClient, text: str) -> None:
    await client.send({"touser": "li", "msgtype": "text", "text": {"content": text}})


async def test_a_second_replica_uses_the_token_of_the_first(scene: Scene) -> None:
    one, two = scene.replica(), scene.replica()
    for client in (one, two, one, two):
        await say(client, "好")
    assert scene.fetched() == 1


async def test_a_token_that_ended_early_is_replaced_once_for_all(scene: Scene) -> None:
    one, two = scene.replica(), scene.replica()
    await say(one, "一")
    await say(two, "二")
    scene.platform.expire_tokens()
    await say(one, "三")
    await say(two, "四")
    assert scene.fetched() == 2
    assert len(scene.platform.deliveries) == 4


async def test_an_old_token_is_not_taken_from_the_shelf(scene: Scene) -> None:
    await say(scene.replica(), "一")
    scene.now += timedelta(hours=3)
    await say(scene.replica(), "二")
    assert scene.fetched() == 2


async def test_without_the_database_each_replica_has_its_own(scene: Scene) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    await say(scene.replica(away), "一")
    await say(scene.replica(away), "二")
    await away.close()
    assert scene.fetched() == 2


@pytest.mark.parametrize("hours", [-6, 6])
async def test_a_token_noted_by_a_clock_that_is_off_costs_one_more_call_at_most(scene: Scene, hours: int) -> None:
    await say(scene.replica(ahead=timedelta(hours=hours)), "一")
    scene.now += timedelta(hours=3)  # the platform has ended it
    for text in ("二", "三"):
        await say(scene.replica(), text)
    assert scene.fetched() == 2
    assert len(scene.platform.deliveries) == 3


async def test_a_clock_that_is_put_back_does_not_prolong_a_token(scene: Scene) -> None:
    elapsed = [0.0]
    shelf = SharedToken(scene.database, "app", now=lambda: scene.now)
    client = WecomClient(
        scene.session,
        scene.url,
        ACCOUNT.corp_id,
        ACCOUNT.secret,
        ACCOUNT.agent_id,
        clock=lambda: elapsed[0],
        shelf=shelf,
    )
    await say(client, "一")
    elapsed[0] = 3 * 3600
    scene.now -= timedelta(hours=6)
    await say(client, "二")
    assert len(scene.platform.deliveries) == 2
