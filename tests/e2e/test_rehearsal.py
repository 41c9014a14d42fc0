"""The set-up guide on one machine: `python -m bot.demo` beside `pilotbot serve`, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession

from bot.process import bound, port_of

ROOT = Path(__file__).parents[2]
SECONDS = 30.0  # for anything to happen on a busy machine
LABELS = {  # what the platform's pages call it -> the variable
    "企业ID": "PILOTBOT_WECOM_CORP_ID",
    "AgentId": "PILOTBOT_WECOM_AGENT_ID",
    "Secret": "PILOTBOT_WECOM_SECRET",
    "Token": "PILOTBOT_WECOM_TOKEN",
    "EncodingAESKey": "PILOTBOT_WECOM_AES_KEY",
    "接口地址": "PILOTBOT_WECOM_API_BASE",
}

Event = tuple[str, dict[str, Any]]


@dataclass
class Rehearsal:
    folder: Path  # of the operator, with `.env`
    session: ClientSession
    address: str  # of the stand-in

    async def act(self, **what: object) -> None:
        async with self.session.post(f"{self.address}/sandbox/act", json=what) as response:
            assert response.status == 202

    async def told(self, wanted: Callable[[Event], bool]) -> dict[str, Any]:
        """The first event of the chat page's stream that is wanted."""
        async with self.session.get(f"{self.address}/sandbox/events") as stream:
            kind = ""
            async for line in stream.content:
                name, _, value = line.decode().strip().partition(": ")
                kind = value if name == "event" else kind
                event = (kind, json.loads(value) if name == "data" else {})
                if name == "data" and wanted(event):
                    return event[1]
        raise AssertionError("the stream ended")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command, in the operator's folder."""
        return subprocess.run(
            _python("bot", *arguments), **_inside(self.folder), capture_output=True, text=True, check=False
        )


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _inside(folder: Path) -> dict[str, Any]:
    return {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}


@contextmanager
def process(folder: Path, module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Runs inside the block, and must end by itself at SIGTERM."""
    with subprocess.Popen(_python(module, *arguments), **_inside(folder), stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
            running.send_signal(signal.SIGTERM)
            assert running.wait(SECONDS) == 0
        finally:
            running.kill()


def shown(standing: subprocess.Popen[str]) -> dict[str, str]:
    """What the stand-in prints: label -> value."""
    lines = iter(standing.stdout.readline, "") if standing.stdout else iter(())
    found: dict[str, str] = {}
    for line in lines:
        label, value, *_ = [*line.split(), "", ""]
        found[label] = value
        if "聊天页面" in found:
            return found
    raise AssertionError(f"only {found} was shown")


def free_port() -> int:
    with closing(bound("127.0.0.1", 0)) as free:
        return port_of(free)


async def ready(session: ClientSession, url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            async with session.get(url) as response:
                if response.status == 200:
                    return
        except ClientError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture
async def rehearsal(tmp_path: Path) -> AsyncIterator[Rehearsal]:
    """The stand-in runs, and `.env` holds what it shows; the service does not run yet."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with process(tmp_path, "bot.demo", f"{base}/wecom/callback", "--port", str(free_port())) as standing:
        card = shown(standing)
        mine = {
            "PILOTBOT_PORT": str(port),
            "PILOTBOT_PUBLIC_URL": base,
            "PILOTBOT_WECOM_ACCOUNT_LIMIT": "200",
            "PILOTBOT_ADMIN_USERS": "wangfang",
        }
        values = {**mine, **{variable: card[label] for label, variable in LABELS.items()}}
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()), "utf-8")
        async with ClientSession() as session:
            yield Rehearsal(tmp_path, session, card["接口地址"])


def verified(event: Event) -> bool:
    return event[0] == "exchange" and event[1]["kind"] == "verify"


def reply_to_question(event: Event) -> bool:
    return event[0] == "entry" and event[1]["side"] == "app" and "依据" in str(event[1]["message"])


async def test_the_guide_leads_from_nothing_to_the_first_answer(rehearsal: Rehearsal) -> None:
    base = re.findall("PUBLIC_URL=(.*)", (rehearsal.folder / ".env").read_text("utf-8"))[0]
    with process(rehearsal.folder, "bot", "serve"):
        await ready(rehearsal.session, f"{base}/readyz")
        await rehearsal.act(do="verify")
        assert [attempt["problems"] for attempt in (await rehearsal.told(verified))["attempts"]] == [[]]
        checked = rehearsal.run("check")
        assert checked.returncode == 0, checked.stdout
        assert rehearsal.run("menu").returncode == 0
        await rehearsal.act(do="text", user="zhangmin", text="老外能考证吗")
        assert "第1条第7项" in str((await rehearsal.told(reply_to_question))["message"])
        async with rehearsal.session.get(f"{base}/admin/wecom") as asking:
            assert str(asking.url).startswith(f"{rehearsal.address}/oauth/")
            assert "王芳" in await asking.text()


async def test_before_the_service_runs_the_callback_cannot_be_saved(rehearsal: Rehearsal) -> None:
    await rehearsal.act(do="verify")
    assert [attempt["problems"] for attempt in (await rehearsal.told(verified))["attempts"]] == [["连不上回调地址"]]


async def test_an_untrusted_address_gets_a_token_and_nothing_more(rehearsal: Rehearsal) -> None:
    await rehearsal.act(do="fault", label="ip")
    await rehearsal.told(lambda event: event[0] == "settings" and event[1]["faults"] == ["ip"])
    lines = {line.split()[1]: line for line in rehearsal.run("check").stdout.splitlines()}
    assert lines["token"].startswith("ok")
    assert "企业可信IP" in lines["agent"]


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with closing(bound("127.0.0.1", 0)) as taken:
        taken.listen()
        command = _python("bot.demo", "http://127.0.0.1:1/", "--port", str(port_of(taken)))
        ended = subprocess.run(command, **_inside(tmp_path), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.strip().count("\n"), "Traceback" in ended.stderr) == (1, 0, False)


def test_what_is_no_address_is_wrong_usage(tmp_path: Path) -> None:
    command = _python("bot.demo", "bot.example.com/callback")
    ended = subprocess.run(command, **_inside(tmp_path), capture_output=True, text=True, check=False)
    assert (ended.returncode, "http://" in ended.stderr) == (2, True)
