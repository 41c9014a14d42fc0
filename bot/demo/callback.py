"""Delivers messages and events to the app's callback, as patiently and as suspiciously as the platform."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import ClientError, ClientSession
from yarl import URL

from bot.demo import texts
from bot.demo.callbacks import Fields, name_of
from bot.demo.corporation import Corporation
from bot.demo.faults import Faults
from bot.demo.model import Attempt, Exchange, Outcome, Person, ReplyError, Timing
from bot.demo.replies import NOTHING, Reply, read_reply
from bot.demo.wire import Sealed, Wire, to_xml

# A card's button is told once: the person sees at once that nothing happened, and presses again.
NEVER_RETRIED = ("template_card_event", "template_card_menu_event")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What HTTP gave."""

    outcome: Outcome  # REPLY: 200, still to be judged
    ms: int
    status: int | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the platform makes of an answer."""

    outcome: Outcome
    problems: tuple[str, ...] = ()
    plain: str = ""  # the passive reply, decrypted
    reply: Reply = NOTHING


class Callback:
    """One app's callback URL."""

    def __init__(self, corp: Corporation, url: str, session: ClientSession, timing: Timing, faults: Faults) -> None:
        self._corp = corp
        self._url = URL(url)
        self._session = session
        self._timing = timing
        self._faults = faults
        self._wire = Wire(corp.account)

    async def verify(self) -> Exchange:
        """The check that saving the URL triggers; `problems` is empty if the app passed."""
        corp = self._corp
        echo = str(corp.new_number(63))
        exchange = Exchange(corp.new_id(), "", "verify", corp.now(), echo)
        sealed = self._seal(echo)
        url = self._url.update_query(sealed.query | {"echostr": sealed.encrypted})
        answer = await self._ask("GET", url, "", self._timing.verify)
        attempt = _attempt(exchange.at, url, "", answer, self._judge_echo(echo, answer))
        return self._record(replace(exchange, attempts=(attempt,), done=True))

    def begin(self, person: Person, fields: Fields) -> Exchange:
        """Words a message or an event; nothing is sent yet."""
        corp, at = self._corp, self._corp.now()
        head: Fields = {
            "ToUserName": corp.account.corp_id,
            "FromUserName": person.user,
            "CreateTime": int(at.timestamp()),
        }
        is_event = fields["MsgType"] == "event"
        tail: Fields = {} if is_event else {"MsgId": corp.new_number(63)}
        plain = to_xml("xml", {**head, **fields, **tail, "AgentID": corp.account.agent_id})
        return self._record(Exchange(corp.new_id(), person.user, name_of(fields), at, plain, is_event))

    async def deliver(self, exchange: Exchange) -> tuple[Exchange, Reply]:
        """Sends until the app answers 200 or the retries are used up; every attempt has a nonce of its own."""
        reply = NOTHING
        for number in range(1 if exchange.kind in NEVER_RETRIED else 1 + self._timing.retries):
            attempt, reply = await self._try(exchange, lose=number < self._faults.silent_attempts)
            exchange = self._record(replace(exchange, attempts=(*exchange.attempts, attempt)))
            if attempt.outcome.accepted:
                break
        return self._record(replace(exchange, done=True)), reply

    async def _try(self, exchange: Exchange, *, lose: bool) -> tuple[Attempt, Reply]:
        at = self._corp.now()
        sealed = self._seal(exchange.plain)
        url, envelope = self._url.update_query(sealed.query), self._wire.envelope(sealed.encrypted)
        answer = await self._ask("POST", url, envelope, self._timing.answer, lose=lose)
        verdict = self._judge(exchange, answer)
        return replace(_attempt(at, url, envelope, answer, verdict), simulated=lose), verdict.reply

    def _seal(self, plain: str) -> Sealed:
        """With the timestamp (seconds) of now and a new nonce."""
        return self._wire.seal(plain, str(int(self._corp.now().timestamp())), str(self._corp.new_number(32)))

    async def _ask(self, method: str, url: URL, body: str, seconds: float, *, lose: bool = False) -> _Answer:
        """One HTTP request. `lose`: let it take effect and pretend that the answer never came."""
        loop = asyncio.get_running_loop()
        started = loop.time()

        def answer(outcome: Outcome, status: int | None = None, content: bytes = b"") -> _Answer:
            return _Answer(outcome, round((loop.time() - started) * 1000), status, content)

        try:
            async with (
                asyncio.timeout(seconds),
                self._session.request(method, url, data=body.encode(), allow_redirects=False) as response,
            ):
                content = await response.read()
                if lose:
                    await asyncio.Event().wait()
        except TimeoutError:
            return answer(Outcome.TIMEOUT)
        except (ClientError, OSError):
            return answer(Outcome.UNREACHABLE)
        return answer(Outcome.REPLY if response.status == 200 else Outcome.STATUS, response.status, content)

    def _judge_echo(self, echo: str, answer: _Answer) -> _Verdict:
        if answer.outcome is not Outcome.REPLY:
            return _failure(answer, self._timing.verify)
        if answer.body != echo.encode():
            return _Verdict(Outcome.INVALID, (texts.ECHO_DIFFERS,))
        return _Verdict(Outcome.REPLY)

    def _judge(self, exchange: Exchange, answer: _Answer) -> _Verdict:
        if answer.outcome is not Outcome.REPLY:
            return _failure(answer, self._timing.answer)
        if answer.body in (b"", b"success"):  # the word is what some of the vendor's own code answers
            return _Verdict(Outcome.EMPTY)
        plain = ""
        try:
            plain = self._wire.open(answer.body)
            reply = self._read(exchange, plain)
        except ReplyError as bad:
            return _Verdict(Outcome.INVALID, (str(bad),), plain)
        return _Verdict(Outcome.REPLY, reply.flags, plain, reply)

    def _read(self, exchange: Exchange, plain: str) -> Reply:
        event = exchange.kind if exchange.is_event else ""
        return read_reply(plain, self._corp.account.corp_id, exchange.user, event, self._corp.has_media)

    def _record(self, exchange: Exchange) -> Exchange:
        self._corp.feed.put("exchange", exchange.id, exchange)
        return exchange


def _attempt(at: datetime, url: URL, sent: str, answer: _Answer, verdict: _Verdict) -> Attempt:
    return Attempt(
        at=at,
        query=url.raw_query_string,
        sent=sent,
        outcome=verdict.outcome,
        ms=answer.ms,
        status=answer.status,
        received=answer.body.decode(errors="replace"),
        reply=verdict.plain,
        problems=verdict.problems,
    )


def _failure(answer: _Answer, patience: float) -> _Verdict:
    complaints = {
        Outcome.TIMEOUT: texts.TOO_SLOW.format(seconds=patience),
        Outcome.UNREACHABLE: texts.UNREACHABLE,
        Outcome.STATUS: texts.WRONG_STATUS.format(status=answer.status),
    }
    return _Verdict(answer.outcome, (complaints[answer.outcome],))
