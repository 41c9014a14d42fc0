"""The set-up doctor: everything that keeps the service from working, each with the next step to take.

`examine` serves `pilotbot check` and the admins' page alike. It changes nothing and sends nothing to people.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot import check_texts as texts
from bot import compose
from bot.database import Database, DatabaseError
from bot.process import CannotListen, bound
from bot.serve import check_app
from bot.settings import APP, PREFIX, SERVE, ConfigurationError, Settings
from bot.web.callback import PATH
from bot.wecom.crypto import PREFIX as RANDOM_BYTES
from bot.wecom.errors import ApiError
from knowledge.store import versions
from scheduler import calendar_file
from scheduler.store.quota import PER_ACCOUNT
from scheduler.workdays import Calendar

TIMEOUT = ClientTimeout(total=5)  # s for each of our own requests
SOME_SKEW = timedelta(seconds=30)  # reminders are counted in minutes
TOO_MUCH_SKEW = timedelta(minutes=5)
VERIFY_SECONDS = 1.0  # what the platform waits for: https://developer.work.weixin.qq.com/document/path/90238
WARN_FROM_MONTH = 12  # the holidays of the next year are published in autumn
NOT_REACHED = frozenset({48002, 50002, 60011, 60021, 92000})  # codes of an app without rights or visibility
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  listening everywhere is heard here


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # the service works, something is missing
    FAIL = "fail"  # the service does not work as it is


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    check: str  # a short name
    level: Level
    text: str  # what was found, for people
    step: str = ""  # what to do next; empty if nothing

    def __str__(self) -> str:
        line = f"{self.level:<4}  {self.check:<10} {self.text}"
        return f"{line} → {self.step}" if self.step else line


async def examine(settings: Settings, session: ClientSession) -> list[Finding]:
    """Everything, in the order in which it is best mended. Takes at most some seconds for each check."""
    doctor = _Doctor(settings, session)
    steps: tuple[Callable[[], Awaitable[list[Finding]]], ...] = (
        doctor.database,
        doctor.clock,
        doctor.callback,
        doctor.platform,
    )
    findings = configuration(settings)
    for step in steps:
        findings += await step()
    return [*findings, quota(settings)]


def configuration(settings: Settings) -> list[Finding]:
    """Whether `serve` would find all that it needs."""
    missing = [f"{PREFIX}{name.upper()}" for name in SERVE if getattr(settings, name) is None]
    if missing:
        return [Finding("config", Level.FAIL, texts.MISSING.format(names="、".join(missing)), texts.MISSING_STEP)]
    try:
        check_app(settings)
    except ConfigurationError as error:
        return [Finding("config", Level.FAIL, str(error), texts.MALFORMED_STEP)]
    return [Finding("config", Level.OK, texts.CONFIGURED), Finding("aibot", Level.OK, texts.AIBOT)]


def variables(unknown: Mapping[str, str | None]) -> list[Finding]:
    """:param unknown: variable -> the one that was perhaps meant."""
    steps = {name: texts.UNKNOWN_MEANT_STEP.format(meant=m) if m else texts.UNKNOWN_STEP for name, m in unknown.items()}
    return [Finding("variable", Level.WARN, texts.UNKNOWN.format(name=name), step) for name, step in steps.items()]


def calendar(known: Calendar, today: date) -> Finding:
    """Whether the working days of this year, and in December of the next, are known."""
    wanted = [today.year] + [today.year + 1] * (today.month >= WARN_FROM_MONTH)
    for year in wanted:
        if not known.published(year):
            missing, step = texts.CALENDAR_MISSING.format(year=year), texts.CALENDAR_STEP.format(year=year)
            return Finding("calendar", Level.WARN, missing, step)
    return Finding("calendar", Level.OK, texts.CALENDAR_KNOWN.format(years="、".join(map(str, wanted))))


def skew(ours: datetime, theirs: datetime) -> Finding:
    """How far the machine's clock is from the platform's; both aware."""
    ahead = ours - theirs
    seconds = round(abs(ahead).total_seconds())
    if abs(ahead) <= SOME_SKEW:
        return Finding("clock", Level.OK, texts.CLOCK_RIGHT.format(seconds=seconds))
    level = Level.FAIL if abs(ahead) > TOO_MUCH_SKEW else Level.WARN
    direction = texts.CLOCK_FAST if ahead > timedelta() else texts.CLOCK_SLOW
    return Finding("clock", level, texts.CLOCK_WRONG.format(direction=direction, seconds=seconds), texts.CLOCK_STEP)


def quota(settings: Settings) -> Finding:
    """Whether the app's daily quota can be kept."""
    accounts = settings.wecom_account_limit
    if accounts is None:
        return Finding("quota", Level.WARN, texts.QUOTA_UNSET, texts.QUOTA_STEP)
    text = texts.QUOTA_SET.format(limit=accounts * PER_ACCOUNT, accounts=accounts, per=PER_ACCOUNT)
    return Finding("quota", Level.OK, text)


def revisions(place: str, current: str | None, head: str | None) -> Finding:
    """What the state of the tables means for the next start."""
    if current == head:
        return Finding("database", Level.OK, texts.DATABASE_CURRENT.format(place=place, revision=current))
    if current is None:
        return Finding("database", Level.OK, texts.DATABASE_NEW.format(place=place))
    text = texts.DATABASE_OLD.format(place=place, revision=current, head=head)
    return Finding("database", Level.WARN, text, texts.DATABASE_OLD_STEP)


def refused(check: str, error: ApiError) -> Finding:
    """What to do about an answer of the platform, or about none."""
    step = texts.STEPS.get(error.errcode or 0)
    if step is None and error.errcode in NOT_REACHED:
        step = texts.STEP_VISIBLE
    if step is None:
        step = texts.STEP_OTHER if error.errcode else texts.STEP_NETWORK
    return Finding(check, Level.FAIL, str(error), step)


class _Doctor:
    """The checks that need the database or the network."""

    def __init__(self, settings: Settings, session: ClientSession) -> None:
        self._settings = settings
        self._session = session

    async def database(self) -> list[Finding]:
        """The database and its tables, and the working days."""
        settings = self._settings
        today = compose.clock_of(settings)().date()
        try:
            tables, known = await _stored(compose.database_of(settings))
        except DatabaseError as error:
            tables, known = (
                Finding("database", Level.FAIL, str(error), texts.DATABASE_BAD_STEP),
                calendar_file.shipped(),
            )
        return [tables, calendar(known, today)]

    async def clock(self) -> list[Finding]:
        """The machine's clock against the platform's."""
        settings, findings = self._settings, []
        if settings.clock is not None:
            text = texts.CLOCK_SET.format(now=settings.clock.isoformat())
            findings.append(Finding("clock", Level.WARN, text, texts.CLOCK_SET_STEP))
        before = datetime.now(settings.zone)
        try:
            async with self._session.get(
                settings.wecom_api_base, proxy=settings.wecom_proxy, allow_redirects=False, timeout=TIMEOUT
            ) as response:
                theirs = parsedate_to_datetime(response.headers["Date"])
        except (ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            unknown = texts.CLOCK_UNKNOWN.format(reason=type(error).__name__)
            step = texts.CLOCK_UNKNOWN_STEP.format(other="token")
            return [*findings, Finding("clock", Level.WARN, unknown, step)]
        return [*findings, skew(before + (datetime.now(settings.zone) - before) / 2, theirs)]

    async def callback(self) -> list[Finding]:
        """The address, and a signed echo through it as the platform sends one when the address is saved."""
        settings = self._settings
        address, running = await self._address()
        if configuration(settings)[0].level is Level.FAIL:
            return [address, _skipped("callback", texts.NOT_CONFIGURED)]
        url = settings.links_from + PATH
        try:
            return [address, await self._echoed(url)]
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            reason = type(error).__name__
        if not running:
            text = texts.CALLBACK_NOT_RUNNING.format(url=url, reason=reason)
            return [address, Finding("callback", Level.WARN, text, texts.CALLBACK_NOT_RUNNING_STEP)]
        return [address, await self._echoed_inside(url, reason)]

    async def _echoed_inside(self, url: str, reason: str) -> Finding:
        """Through the port where the public address does not open from this machine, as behind many a router."""
        try:
            inside = await self._echoed(f"{self._base()}{PATH}")
        except (ClientError, TimeoutError, OSError, ValueError) as error:
            inside = Finding("callback", Level.FAIL, f"{self._base()}{PATH}: {type(error).__name__}")
        if inside.level is Level.FAIL:
            return inside
        step = texts.CALLBACK_UNREACHABLE_STEP.format(host=self._settings.host, port=self._settings.port)
        return Finding("callback", Level.WARN, texts.CALLBACK_UNREACHABLE.format(url=url, reason=reason), step)

    async def _address(self) -> tuple[Finding, bool]:
        """Whether the service listens, or could."""
        place = {"host": self._settings.host, "port": self._settings.port}
        try:
            with closing(bound(self._settings.host, self._settings.port)):
                return Finding("address", Level.OK, texts.ADDRESS_FREE.format(**place)), False
        except CannotListen as error:
            if await self._is_ours():
                return Finding("address", Level.OK, texts.ADDRESS_OURS.format(**place)), True
            return Finding("address", Level.FAIL, str(error), texts.ADDRESS_TAKEN_STEP), False

    async def _is_ours(self) -> bool:
        try:
            async with self._session.get(f"{self._base()}/healthz", timeout=TIMEOUT) as response:
                return response.status == HTTPStatus.OK and (await response.read()).strip() == b"ok"
        except (ClientError, TimeoutError, OSError, ValueError):
            return False

    def _base(self) -> str:
        """Where the service answers on this machine."""
        host = EVERYWHERE.get(self._settings.host, self._settings.host)
        return f"http://[{host}]:{self._settings.port}" if ":" in host else f"http://{host}:{self._settings.port}"

    async def _echoed(self, url: str) -> Finding:
        envelope, echo = compose.envelope_of(self._settings), secrets.token_hex(8).encode()
        now, nonce = str(int(time.time())), secrets.token_hex(8)
        sealed = envelope.seal(echo, now, nonce, secrets.token_bytes(RANDOM_BYTES))
        query = {"msg_signature": sealed.signature, "timestamp": now, "nonce": nonce, "echostr": sealed.encrypted}
        started = time.perf_counter()
        async with self._session.get(url, params=query, allow_redirects=False, timeout=TIMEOUT) as response:
            status, body = response.status, await response.content.read(len(echo) + 1)
        seconds = time.perf_counter() - started
        return echoed(url, status, body == echo, seconds)

    async def platform(self) -> list[Finding]:
        """Token, agent and trusted IP."""
        if any(getattr(self._settings, name) is None for name in APP[:3]):
            return [_skipped("token", texts.NOT_CONFIGURED)]
        wecom = compose.wecom_of(self._settings, self._session)
        try:
            await wecom.authenticate()
        except ApiError as error:
            return [refused("token", error), _skipped("agent", texts.NOT_SIGNED_IN)]
        token = Finding("token", Level.OK, texts.CREDENTIALS_RIGHT)
        try:
            agent = await wecom.agent()
        except ApiError as error:
            return [token, refused("agent", error)]
        if not agent.enabled:
            return [
                token,
                Finding("agent", Level.FAIL, texts.AGENT_DISABLED.format(name=agent.name), texts.STEP_ENABLE),
            ]
        if not agent.visible:
            text = texts.AGENT_INVISIBLE.format(name=agent.name)
            return [token, Finding("agent", Level.FAIL, text, texts.STEP_VISIBLE)]
        if not agent.reports_enter:
            text = texts.AGENT_SILENT.format(name=agent.name)
            return [token, Finding("agent", Level.WARN, text, texts.AGENT_SILENT_STEP)]
        text = texts.AGENT_RIGHT.format(name=agent.name, agent_id=self._settings.wecom_agent_id)
        return [token, Finding("agent", Level.OK, text)]


def echoed(url: str, status: int, same: bool, seconds: float) -> Finding:
    """What the answer to a signed echo means."""
    if status == HTTPStatus.FORBIDDEN:
        return Finding(
            "callback", Level.FAIL, texts.CALLBACK_OTHER_SIGNATURE.format(url=url), texts.CALLBACK_OTHER_STEP
        )
    if status == HTTPStatus.BAD_REQUEST:
        return Finding("callback", Level.FAIL, texts.CALLBACK_OTHER_KEY.format(url=url), texts.CALLBACK_OTHER_STEP)
    if status != HTTPStatus.OK or not same:
        text = texts.CALLBACK_STRANGER.format(url=url, status=status)
        return Finding("callback", Level.FAIL, text, texts.CALLBACK_STRANGER_STEP)
    ms = round(seconds * 1000)
    if seconds > VERIFY_SECONDS:
        return Finding("callback", Level.WARN, texts.CALLBACK_SLOW.format(url=url, ms=ms), texts.CALLBACK_SLOW_STEP)
    return Finding("callback", Level.OK, texts.CALLBACK_RIGHT.format(url=url, ms=ms))


async def _stored(database: Database) -> tuple[Finding, Calendar]:
    """The state of the tables, and the working days with those that are stored in them.

    :raises DatabaseError: it cannot be used, or belongs to a newer version.
    """
    shipped = calendar_file.shipped()
    if database.path and not database.path.exists():
        return _new_file(database.path), shipped
    try:
        current, head = await database.revisions()
        found = revisions(database.place, current, head)
        if current != head:
            return found, shipped
        async with database.session() as session:
            pack, _ = await versions.load(session)
        return found, shipped.updated(Calendar.stated(pack.workdays))
    finally:
        await database.close()


def _new_file(path: Path) -> Finding:
    """Whether a SQLite file can be made where it is configured."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Finding("database", Level.OK, texts.DATABASE_NEW.format(place=f"SQLite {path}"))
    text = texts.DATABASE_NO_FOLDER.format(folder=path.parent)
    return Finding("database", Level.FAIL, text, texts.DATABASE_NO_FOLDER_STEP)


def _skipped(check: str, reason: str) -> Finding:
    return Finding(check, Level.WARN, texts.SKIPPED.format(reason=reason), texts.LATER_STEP)
