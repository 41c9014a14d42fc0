"""What an operator sees of the real service: metrics, readiness, and connections that say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from bot import demo_service
from bot.demo.platform import Platform
from bot.settings import Settings

Service = tuple[str, Platform]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    folder: Path = tmp_path_factory.mktemp("data")
    now = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
    settings = Settings(port=0, data_dir=folder, clock=now, log_level="warning", wecom_account_limit=5)
    async with demo_service.running(settings) as running:
        yield running


async def figures(base: str) -> dict[str, float]:
    async with ClientSession() as session, session.get(f"{base}/metrics") as response:
        assert response.content_type == "text/plain"
        text = await response.text()
    families = text_string_to_metric_families(text)
    return {s.name + "".join(f" {v}" for v in s.labels.values()): s.value for f in families for s in f.samples}


async def test_metrics_follow_what_happens(service: Service) -> None:
    base, platform = service
    user = platform.people[1].user
    before = await figures(base)
    for words in ("QFLP", "帮助", "今天天气怎么样"):
        await platform.say(user, words)
    after = await figures(base)
    for outcome in ("answer", "command", "none"):
        name = f"pilotbot_messages_total wecom text {outcome}"
        assert after[name] - before.get(name, 0) == 1
    assert after["pilotbot_message_seconds_count wecom"] - before.get("pilotbot_message_seconds_count wecom", 0) == 3
    assert after["pilotbot_index_measures"] == 126
    assert after["pilotbot_index_version"] == after["pilotbot_knowledge_version"] >= 1
    assert after["pilotbot_database_up"] == 1
    assert after["pilotbot_outbox_deliveries planned"] == after["pilotbot_outbox_oldest_due_seconds"] == 0
    assert after["pilotbot_journal_oldest_seconds"] < 60
    assert after["pilotbot_quota_left"] <= 1000
    assert after["pilotbot_platform_calls_total 0"] >= 1
    assert after["pilotbot_http_responses_total 200"] > before["pilotbot_http_responses_total 200"]


async def test_idle_connections_do_not_keep_others_waiting(service: Service) -> None:
    base, platform = service
    host, _, port = base.removeprefix("http://").partition(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(200)]
    for number, (_, writer) in enumerate(idle):
        writer.write(b"POST /wecom/callback HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<xml>"[: 20 + number])
    async with ClientSession() as session, session.get(f"{base}/readyz") as ready:
        assert ready.status == 200
    await platform.say(platform.people[2].user, "QFLP")
    assert "依据" in platform.replies(platform.people[2].user)[-1]
    for _, writer in idle:
        writer.close()
