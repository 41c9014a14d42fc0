"""The set-up doctor: each trap of connecting to the platform is named, against the stand-in for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from yarl import URL

from bot import check, demo_service
from bot.check import Finding, Level
from bot.database import Database, default_url
from bot.demo.faults import Effect, Fault
from bot.demo.platform import Platform
from bot.settings import Settings
from scheduler import calendar_file

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Settings, Platform]]:
    """A running service, and the configuration that fits it."""
    settings = Settings(port=0, data_dir=tmp_path_factory.mktemp("data"), log_level="error")
    async with demo_service.running(settings) as (base, platform):
        yield (
            demo_service.connected(settings, platform.account, base).model_copy(
                update={"port": URL(base).port, "wecom_account_limit": 200}
            ),
            platform,
        )


async def report(settings: Settings, **changes: object) -> dict[str, Finding]:
    async with ClientSession() as session:
        findings = await check.examine(settings.model_copy(update=changes), session)
    return {finding.check: finding for finding in findings}


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_service_that_works_has_nothing_to_mend(service: tuple[Settings, Platform]) -> None:
    found = await report(service[0])
    assert {name: f.level for name, f in found.items() if name != "calendar"} == dict.fromkeys(
        ("config", "aibot", "database", "clock", "address", "callback", "token", "agent", "quota"), Level.OK
    )


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"wecom_token": SecretStr("another")}, "callback", "Token"),
        ({"wecom_aes_key": SecretStr("b" * 43)}, "callback", "EncodingAESKey"),
        ({"wecom_secret": SecretStr("geheim")}, "token", "40001"),
        ({"wecom_corp_id": "wwother"}, "token", "40013"),
        ({"wecom_agent_id": 7}, "agent", "AgentId"),
        ({"public_url": "http://127.0.0.1:1", "wecom_token": SecretStr("another")}, "callback", "Token"),
        ({"wecom_api_base": "http://127.0.0.1:1"}, "token", "PILOTBOT_WECOM_PROXY"),
        ({"wecom_token": SecretStr("not ascii: é")}, "config", "PILOTBOT_WECOM_TOKEN"),
        ({"wecom_secret": None}, "config", "PILOTBOT_WECOM_SECRET"),
    ],
)
async def test_each_trap_is_named_with_its_next_step(
    service: tuple[Settings, Platform], changes: dict[str, object], name: str, words: str
) -> None:
    found = await report(service[0], **changes)
    assert found[name].level is Level.FAIL
    assert words in str(found[name])
    assert found[name].step
    assert all("\n" not in str(f) and "geheim" not in str(f) for f in found.values())


async def test_what_is_malformed_is_not_called_missing(service: tuple[Settings, Platform]) -> None:
    found = await report(service[0], wecom_aes_key=SecretStr("short"))
    assert "PILOTBOT_WECOM_AES_KEY" in found["config"].text
    assert "没有检查" in found["callback"].text
    assert "缺少" not in found["callback"].text


async def test_an_untrusted_address_is_named(service: tuple[Settings, Platform]) -> None:
    settings, platform = service
    platform.faults.add(Fault(Effect.ERRCODE, "agent/get", errcode=60020))
    found = (await report(settings))["agent"]
    assert (found.level, "企业可信IP" in found.step) == (Level.FAIL, True)


async def test_an_app_that_nobody_sees_is_named(service: tuple[Settings, Platform]) -> None:
    settings, platform = service
    for person in platform.people:
        platform.corp.show_app(person, False)
    found = (await report(settings))["agent"]
    for person in platform.people:
        platform.corp.show_app(person, True)
    assert (found.level, "可见范围" in found.step) == (Level.FAIL, True)


async def test_before_the_first_start_the_callback_need_not_answer(
    service: tuple[Settings, Platform], tmp_path: Path
) -> None:
    found = await report(service[0], port=0, public_url="http://127.0.0.1:1", data_dir=tmp_path / "new")
    assert (found["callback"].level, found["database"].level) == (Level.WARN, Level.OK)
    assert not (tmp_path / "new").exists()


async def test_a_public_address_that_does_not_open_from_inside_is_a_warning(
    service: tuple[Settings, Platform],
) -> None:
    found = (await report(service[0], public_url="http://127.0.0.1:1"))["callback"]
    assert (found.level, "PILOTBOT_PUBLIC_URL" in found.step) == (Level.WARN, True)


async def test_another_program_on_the_port_is_named(service: tuple[Settings, Platform]) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        found = await report(service[0], port=server.sockets[0].getsockname()[1])
    assert (found["address"].level, "PILOTBOT_PORT" in found["address"].step) == (Level.FAIL, True)


async def test_something_else_at_the_public_address_is_named(service: tuple[Settings, Platform]) -> None:
    elsewhere = str(service[0].public_url) + "/elsewhere"
    found = (await report(service[0], public_url=elsewhere))["callback"]
    assert (found.level, "404" in found.text) == (Level.FAIL, True)


async def test_a_database_of_a_newer_version_is_named(service: tuple[Settings, Platform], tmp_path: Path) -> None:
    database = Database(default_url(tmp_path))
    await database.migrate()
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await database.close()
    found = (await report(service[0], data_dir=tmp_path))["database"]
    assert (found.level, "newer" in found.text) == (Level.FAIL, True)


async def test_a_database_that_is_away_is_named_without_its_password(service: tuple[Settings, Platform]) -> None:
    url = SecretStr("postgresql://somebody:geheim@127.0.0.1:1/pilot")
    found = (await report(service[0], database_url=url))["database"]
    assert (found.level, "geheim" in str(found)) == (Level.FAIL, False)


async def test_an_older_database_is_migrated_at_the_next_start() -> None:
    found = check.revisions("SQLite", "0001", "0002")
    assert (found.level, "0001" in found.text, "backup" in found.step) == (Level.WARN, True, True)


@pytest.mark.parametrize(
    ("seconds", "level", "word"),
    [
        (2, Level.OK, ""),
        (-29, Level.OK, ""),
        (31, Level.WARN, "快"),
        (-200, Level.WARN, "慢"),
        (-3600, Level.FAIL, "慢"),
    ],
)
async def test_the_clock_is_compared_with_the_platforms(seconds: int, level: Level, word: str) -> None:
    found = check.skew(NOW + timedelta(seconds=seconds), NOW)
    assert (found.level, word in found.text, str(abs(seconds)) in found.text) == (level, True, True)


@pytest.mark.parametrize(("hours", "word"), [(-3, "快"), (3, "慢")])
async def test_a_clock_that_is_hours_off_the_platforms_is_named(
    service: tuple[Settings, Platform], hours: int, word: str
) -> None:
    async def dated(_: web.Request) -> web.Response:
        theirs = datetime.now(UTC) + timedelta(hours=hours)
        return web.Response(headers={"Date": format_datetime(theirs, usegmt=True)})

    app = web.Application()
    app.router.add_get("/", dated)
    async with TestServer(app) as server:
        found = (await report(service[0], wecom_api_base=str(server.make_url(""))))["clock"]
    assert (found.level, word in found.text, bool(found.step)) == (Level.FAIL, True, True)
    assert abs(int("".join(filter(str.isdigit, found.text))) - 3 * 3600) < 60


@pytest.mark.parametrize(
    ("today", "missing"),
    [(date(2026, 11, 30), None), (date(2026, 12, 1), "2027"), (date(2027, 3, 1), "2027"), (date(2025, 12, 31), None)],
)
async def test_next_years_holidays_are_missed_from_december(today: date, missing: str | None) -> None:
    found = check.calendar(calendar_file.shipped(), today)
    assert (found.level is Level.WARN) == (missing is not None)
    assert (missing or "工作日历") in str(found)


async def test_an_account_limit_that_is_not_set_is_mentioned() -> None:
    found = check.quota(Settings())
    assert (found.level, "PILOTBOT_WECOM_ACCOUNT_LIMIT" in found.text) == (Level.WARN, True)


async def test_a_slow_callback_is_a_warning() -> None:
    assert check.echoed("u", 200, True, 1.2).level is Level.WARN
