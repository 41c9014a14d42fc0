"""The shipped `deploy/nginx.conf` before two replicas on PostgreSQL: everything works through it, and whoever writes notices
neither a death, nor a hanging process, nor an upgrade of one replica after the other.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, ClientTimeout, CookieJar, FormData, TCPConnector, web
from sqlalchemy import select
from sqlmodel import col
from yarl import URL

from benchmarks.callback import free_port, ready
from benchmarks.load import APP, Messages
from bot.database import Database
from bot.demo.model import Account
from bot.demo.platform import Platform
from bot.demo.site import mount
from bot.process import bound, listening, port_of
from bot.web.callback import PATH
from handlers.tables import QuestionRow
from scheduler.tables import SubscriptionRow
from tests.bot.web.admin.desk import TOKEN, Browser
from tests.conftest import absent, schema

pytestmark = [pytest.mark.proxy, pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
NGINX = shutil.which("nginx", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
MAIN = """
daemon off;
user root;
pid {folder}/pid;
error_log stderr;
worker_processes 2;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    include {folder}/shipped.conf;
}}
"""

PLATFORM_WAITS = 5.0  # s
ATTEMPTS = 4  # deliveries of a message
NONE_IN_TIME = 0  # in place of a status
SOON = 20.0  # s
RATE = 40  # requests a second
EVERY = 10  # one request in so many opens a page
FROZEN = 0.3  # s: so long requests gather at a replica before it is stopped
LAST_MOMENTS = 1.0  # s: what a killed process may take with it of its journal
SUBSCRIBES = "订阅 金融"


@dataclass
class Replica:
    """One process of the service, to be stopped and started again."""

    port: int
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"], env=os.environ | self.environment, cwd=ROOT, stderr=log
            )
        await ready(f"http://127.0.0.1:{self.port}/readyz")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Still takes connections, and says nothing."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    async def end(self, by: signal.Signals) -> int:
        """Stops it while requests are under way; its exit status."""
        with self.frozen():
            await asyncio.sleep(FROZEN)
            self.process.send_signal(by)
        return await asyncio.to_thread(self.process.wait, SOON)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Site:
    base: str  # where nginx listens
    folder: Path  # ... and writes its logs
    replicas: tuple[Replica, Replica]
    database: str
    platform: Platform
    numbers: Iterator[int] = field(default_factory=lambda: count(1))  # of messages

    async def logged(self, **wanted: object) -> list[dict[str, object]]:
        """What nginx has written of such requests; it writes after it has answered."""
        deadline = time.monotonic() + SOON
        while time.monotonic() < deadline:
            entries = [json.loads(line) for line in (self.folder / "access.log").read_text("utf-8").splitlines()]
            if found := [entry for entry in entries if wanted.items() <= entry.items()]:
                return found
            await asyncio.sleep(0.05)
        pytest.fail(f"nginx has logged nothing of {wanted}")

    @asynccontextmanager
    async def browser(self, address: str = "127.0.0.1") -> AsyncIterator[Browser]:
        """Somebody at a loopback address of their own."""
        connector = TCPConnector(local_addr=(address, 0))
        async with ClientSession(connector=connector, cookie_jar=CookieJar(unsafe=True)) as session:
            yield Browser(self.base, session)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    if NGINX is None:
        absent("no nginx")
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    account = Account(APP.corp_id, APP.agent_id, APP.secret, APP.token, APP.aes_key)
    with ExitStack() as stack:
        url = stack.enter_context(schema())
        async with ClientSession() as session:
            platform = Platform(account, base + PATH, session, lambda: datetime.now(UTC))
            app = web.Application()
            mount(app, platform)
            address = bound("127.0.0.1", 0)
            async with listening(app, address):
                api = f"http://127.0.0.1:{port_of(address)}"
                replicas = _replica(url, api, base, folder / "1"), _replica(url, api, base, folder / "2")
                await asyncio.gather(*(replica.start() for replica in replicas))
                for replica in replicas:
                    stack.callback(replica.kill)
                stack.enter_context(proxy(folder, port, replicas))
                await ready(base)
                yield Site(base, folder, replicas, url, platform)


def _replica(url: str, api: str, base: str, log: Path) -> Replica:
    port = free_port()
    configured = {
        "PILOTBOT_DATABASE_URL": url,
        "PILOTBOT_PUBLIC_URL": base,
        "PILOTBOT_TRUSTED_PROXIES": "127.0.0.1",
        "PILOTBOT_ADMIN_TOKENS": f"li:{TOKEN}",
        "PILOTBOT_ADMIN_USERS": "wangfang",
        "PILOTBOT_DATA_DIR": str(log.parent),
    }
    return Replica(port, APP.environment(port, api) | configured, log)


@contextmanager
def proxy(folder: Path, port: int, replicas: tuple[Replica, Replica]) -> Iterator[None]:
    """nginx with the shipped file, in which only the addresses and the folder of the logs are others."""
    ours = {f"pilotbot-{n}:8080": f"127.0.0.1:{replica.port}" for n, replica in enumerate(replicas, 1)}
    ours |= {"listen 8080;": f"listen 127.0.0.1:{port};", "/var/log/nginx/": f"{folder}/"}
    shipped = SHIPPED
    for theirs, replacement in ours.items():
        assert theirs in shipped
        shipped = shipped.replace(theirs, replacement)
    (folder / "shipped.conf").write_text(shipped, "utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), "utf-8")
    command = [str(NGINX), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    with (folder / "nginx.err").open("wb") as err, subprocess.Popen(command, stderr=err) as process:
        try:
            yield
        finally:
            process.terminate()


async def test_the_platform_accepts_the_address_and_every_reply(site: Site) -> None:
    assert (await site.platform.verify_url()).problems == ()
    for words in ("QFLP", "订阅 金融", "今天天气"):
        assert (await site.platform.say("zhangmin", words)).problems == ()
    assert site.platform.replies("zhangmin")[-2].startswith("已订阅")


async def test_pages_and_downloads_come_whole(site: Site) -> None:
    async with site.browser() as browser:
        page = await browser.open("/measures?q=QFLP")
        assert (page.status, page.html.rstrip().endswith("</html>")) == (200, True)
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        for suffix, begins in ((".xlsx", b"PK"), (".docx", b"PK")):
            async with browser.session.get(f"{site.base}/measures{suffix}?document=mofcom-2021-63") as answer:
                assert (answer.status, (await answer.read())[:2]) == (200, begins)


async def test_an_admin_signs_in_and_imports_at_one_replica(site: Site) -> None:
    async with site.browser("127.0.0.3") as browser:
        assert (await browser.sign_in()).path == "/admin/measures"
        form = FormData({"form_token": (await browser.open("/admin/import")).token, "slug": "tea-2026"})
        form.add_field("file", "一、总体要求\n（一）支持茶叶试点。\n".encode(), filename="tea.txt")
        shown = await browser.settled(await browser.send("/admin/import", form))
        confirmed = {"form_token": shown.token, "version": shown.value("version"), "reason": ""}
        await browser.settled(await browser.send(shown.path, confirmed))
        assert "tea.txt" in (await browser.open("/admin/imports")).text
    assert len({entry["tried"] for entry in await site.logged(client="127.0.0.3")}) == 1


async def test_nobody_outside_reads_the_figures(site: Site) -> None:
    async with ClientSession() as session:
        for path in ("/metrics", "//metrics", "/./metrics", "/x/../metrics", "/%6detrics", "/metrics?a", "/metrics/"):
            async with session.get(URL(site.base + path, encoded=True)) as answer:
                assert answer.status in (403, 404), path
                assert "pilotbot_" not in await answer.text()


async def test_who_asks_is_whom_the_proxy_saw_whatever_they_say(site: Site) -> None:
    said = {"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "mine"}
    async with site.browser("127.0.0.2") as browser:
        token = (await browser.open("/admin/sign-in")).token
        page = await browser.send("/admin/sign-in", {"form_token": token, "token": "wrong"}, headers=said)
    assert page.status == 403
    (entry,) = await site.logged(client="127.0.0.2", method="POST")
    assert entry["request"] == page.headers["X-Request-ID"]
    logs = "".join(replica.log.read_text("utf-8") for replica in site.replicas)
    assert re.findall(r"wrong token from (\S+)", logs) == ["127.0.0.2"]


async def test_a_replica_that_hangs_costs_no_message_its_answer(site: Site) -> None:
    messages = [next(site.numbers) for _ in range(6)]
    async with ClientSession(timeout=ClientTimeout(PLATFORM_WAITS)) as session:
        with site.replicas[0].frozen():
            statuses = await asyncio.gather(*(sent(site, session, number, "QFLP") for number in messages))
            began = time.monotonic()
            await sent(site, session, next(site.numbers), "QFLP")
            assert time.monotonic() - began < PLATFORM_WAITS / 2, "one that hangs is asked again at once"
    assert statuses == [200] * len(messages)


async def test_neither_a_death_nor_an_upgrade_is_seen_and_nothing_is_lost(site: Site) -> None:
    first, second = site.replicas
    run = Run(site)
    async with run.going_on():
        await first.end(signal.SIGKILL)
        run.killed = time.monotonic()
        await first.start()
        assert await second.end(signal.SIGTERM) == 0  # as soon as the first is back, which nginx may not know yet
        await second.start()
    assert set(run.statuses) == {200}
    assert run.unanswered == []
    assert await run.missing() == []


async def test_the_proxy_logs_no_question_and_no_key_even_where_replicas_fail(site: Site) -> None:
    first, second = site.replicas
    async with site.browser("127.0.0.4") as browser:
        with first.frozen(), second.frozen():
            opened = asyncio.create_task(browser.open("/measures?q=secret-question"))
            await asyncio.sleep(FROZEN)
            first.kill()
            second.kill()
        assert (await opened).status == 502
    (entry,) = await site.logged(client="127.0.0.4")
    assert (entry["path"], entry["status"]) == ("/measures", 502)
    assert "502" in str(entry["answered"])
    written = "".join((site.folder / name).read_text("utf-8") for name in ("access.log", "error.log", "nginx.err"))
    assert "secret" not in written
    assert "msg_signature" not in written


@dataclass
class Run:
    """People who write and look at pages, at a steady rate."""

    site: Site
    killed: float = 0.0  # when a replica was
    statuses: Counter[int] = field(default_factory=Counter)
    asked: dict[str, float] = field(default_factory=dict)  # key of a question -> when it was answered
    subscribed: list[str] = field(default_factory=list)  # who got it confirmed
    unanswered: list[int] = field(default_factory=list)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send(stop))
            await asyncio.sleep(0.5)
            yield
            await asyncio.sleep(0.5)
            stop.set()

    async def _send(self, stop: asyncio.Event) -> None:
        async with ClientSession(timeout=ClientTimeout(PLATFORM_WAITS)) as session, asyncio.TaskGroup() as group:
            while not stop.is_set():
                group.create_task(self._one(session, next(self.site.numbers)))
                await asyncio.sleep(1 / RATE)

    async def _one(self, session: ClientSession, number: int) -> None:
        if number % EVERY == 0:
            async with session.get(f"{self.site.base}/measures?q=QFLP", timeout=ClientTimeout(SOON)) as answer:
                self.statuses[answer.status] += 1
            return
        subscribes = number % EVERY == 1
        if not await self._answered(session, number, SUBSCRIBES if subscribes else "QFLP"):
            self.unanswered.append(number)
        elif subscribes:
            self.subscribed.append(f"user{number}")
        else:
            self.asked[f"{APP.agent_id}:user{number}:{number}"] = time.monotonic()

    async def _answered(self, session: ClientSession, number: int, words: str) -> bool:
        """As the platform does it: what is not answered in time, as on a machine that is busy, is delivered again."""
        for _ in range(ATTEMPTS):
            status = await sent(self.site, session, number, words)
            if status != NONE_IN_TIME:
                self.statuses[status] += 1
                return True
        return False

    async def missing(self) -> list[str]:
        """What was confirmed and is never stored: the journal is written behind."""
        deadline = time.monotonic() + SOON
        while True:
            missing = await self._not_stored()
            if not missing or time.monotonic() > deadline:
                return missing
            await asyncio.sleep(0.2)

    async def _not_stored(self) -> list[str]:
        """But for the questions that a killed process may take with it."""
        database = Database(self.site.database)
        async with database.session() as session:
            kept = set(await session.scalars(select(col(QuestionRow.key))))
            followers = set(await session.scalars(select(col(SubscriptionRow.user))))
        await database.close()
        lost = {key: at - self.killed for key, at in self.asked.items() if key not in kept}
        unexplained = [key for key, since in lost.items() if not -LAST_MOMENTS < since < FROZEN]
        return unexplained + [user for user in self.subscribed if user not in followers]


async def sent(site: Site, session: ClientSession, number: int, words: str) -> int:
    """The status of the answer to a message of a person of their own, or NONE_IN_TIME."""
    head, _, body = Messages([]).request(number, words).partition(b"\r\n\r\n")
    try:
        async with session.post(site.base + head.split(b" ")[1].decode(), data=body) as answer:
            await answer.read()
            return answer.status
    except TimeoutError:
        return NONE_IN_TIME
