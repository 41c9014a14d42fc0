"""The address that WeChat Work calls: bytes in, a sealed passive reply out, always well within its five seconds."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import hdrs, web

from bot.metrics import Metrics
from bot.web.answers import BUSY, DRAIN_SECONDS, PATIENCE, Answers, AtOnce, Push, Respond, TurnAway, nobody_told
from bot.wecom.crypto import PREFIX, Envelope
from bot.wecom.errors import BadSignature, CallbackError
from bot.wecom.messages import (
    is_text,
    parse_message,
    parse_request,
    render_card_update,
    render_envelope,
    render_reply,
    sender_of,
    to_incoming,
)
from handlers.model import Incoming, Reply
from handlers.render import fit

PATH = "/wecom/callback"
CHANNEL = "wecom"
NONCE = 8  # bytes
SIGNED = ("msg_signature", "timestamp", "nonce")  # parameters
XML = {hdrs.CONTENT_TYPE: "application/xml; charset=utf-8"}

# What nothing need be decoded of, and is there once.
_USUAL_QUERY = re.compile("&".join(rf"{name}=([0-9A-Za-z]+)" for name in SIGNED))

log = logging.getLogger("pilotbot.callback")


class Callback:
    """The handlers of the callback address."""

    def __init__(
        self,
        envelope: Envelope,
        corp_id: str,
        agent_id: int,
        respond: Respond,
        push: Push,
        *,
        patience: float = PATIENCE,
        at_once: AtOnce = lambda _, __: None,
        turn_away: TurnAway = nobody_told,
        metrics: Metrics | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """
        :param push: sends a text to who wrote, for answers that came too late to be the passive reply.
        :param patience: seconds after which the passive reply is left empty.
        :param at_once: the reply where it needs no waiting; None: ask `respond`.
        :param turn_away: asks people to write again whose messages are unanswered at the end.
        :param metrics: where messages are counted.
        """
        self._envelope = envelope
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._answers = Answers(
            self._read, respond, push, patience, at_once=at_once, turn_away=turn_away, on_late=self._note_late
        )
        self._random = random
        self._metrics = metrics or Metrics()

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.verify, allow_head=False), web.post(PATH, self.receive)]

    async def verify(self, request: web.Request) -> web.Response:
        """The check when an admin saves the address: the decrypted echo, bare."""
        try:
            sealed = _parameter(request, "echostr")
            self._verify(request, sealed)
            echo = self._envelope.open(sealed)
        except CallbackError as error:
            return self._refused(error)
        return web.Response(body=echo, content_type="text/plain")

    async def receive(self, request: web.Request) -> web.Response:
        """One message or event."""
        started = time.perf_counter()
        try:
            sealed = parse_request(await request.read()).encrypt
            self._verify(request, sealed)
            incoming, reply = await self._answers.in_time(sealed)
            if reply is BUSY:
                if is_text(plain := self._envelope.open(sealed)):
                    return self._busy(plain, time.perf_counter() - started)
                incoming, reply = await self._answers.out_of_turn(sealed)
        except CallbackError as error:
            return self._refused(error)
        if incoming is None:  # noted when it is read
            return web.Response()
        outcome = "late" if reply is None else reply.outcome or ("reply" if reply else "empty")
        self._note(outcome, incoming, time.perf_counter() - started)
        return self._sealed(incoming.sender, reply) if reply else web.Response()

    def _busy(self, plain: bytes, seconds: float) -> web.Response:
        """As cheaply as can be, or there would be no time for anything else."""
        self._metrics.answered(CHANNEL, "unread", BUSY.outcome, seconds)
        return self._sealed(sender_of(plain), BUSY)

    def _read(self, sealed: str) -> Incoming:
        return to_incoming(parse_message(self._envelope.open(sealed)), self._corp_id, self._agent_id)

    def _note_late(self, incoming: Incoming, seconds: float) -> None:
        self._note("late", incoming, seconds)

    def _note(self, outcome: str, incoming: Incoming, seconds: float) -> None:
        """One line, without the message's text unless debugging: what people ask is in the database, with its retention."""
        ms = round(seconds * 1000, 1)
        fields = {"channel": CHANNEL, "kind": incoming.kind.value, "outcome": outcome, "ms": ms}
        log.info("%s %s in %.1f ms", incoming.kind, outcome, ms, extra={"fields": fields})
        log.debug("%s says: %.200s", incoming.kind, incoming.text)
        self._metrics.answered(CHANNEL, incoming.kind.value, outcome, seconds)

    async def close(self, within: float = DRAIN_SECONDS) -> None:
        """Waits for the answers that are still to be pushed, so many seconds; others are asked to write again."""
        await self._answers.close(within)

    def _refused(self, error: CallbackError) -> web.Response:
        status = HTTPStatus.FORBIDDEN if isinstance(error, BadSignature) else HTTPStatus.BAD_REQUEST
        log.warning("refused with %d: %s", status, error)
        self._metrics.refused(status)
        return web.Response(status=status, text=f"{error}\n")

    def _verify(self, request: web.Request, sealed: str) -> None:
        usual = _USUAL_QUERY.fullmatch(request.rel_url.raw_query_string)
        signature, timestamp, nonce = usual.groups() if usual else (_parameter(request, name) for name in SIGNED)
        self._envelope.verify(signature, timestamp, nonce, sealed)

    def _sealed(self, to: str, reply: Reply) -> web.Response:
        now = str(int(time.time()))  # our own choice, for the signature only
        random = self._random(PREFIX + NONCE)
        nonce = random[PREFIX:].hex()
        between = to, self._corp_id, int(now)
        plain = render_card_update(reply.card, *between) if reply.card else render_reply(fit(reply), *between)
        sealed = self._envelope.seal(plain, now, nonce, random[:PREFIX])
        body = render_envelope(sealed.encrypted, sealed.signature, now, nonce)
        return web.Response(body=body, headers=XML)


def _parameter(request: web.Request, name: str) -> str:
    """A query parameter that must be there exactly once."""
    values = request.query.getall(name, [])
    if len(values) != 1 or not values[0]:
        raise CallbackError(f"the parameter {name} must be there exactly once")
    return values[0]
