"""The platform as deliveries see it: one call, and a verdict whatever happens."""

from __future__ import annotations

from collections.abc import Mapping

from bot.wecom.client import SendResult, WecomClient
from bot.wecom.errors import (
    ApiError,
    ConfigurationError,
    NobodyReached,
    RetryLater,
    UnknownOutcome,
)
from scheduler.delivery import Attempt, Verdict

RATE_LIMITS = frozenset({45009, 45033})  # too many calls; too many at once: a pause for all of them
# What is said of a card's task id, used before above all: https://developer.work.weixin.qq.com/document/path/90313
REPEATED_IDS = frozenset({42014, 42015, 42016, 42017})

_VERDICTS: tuple[tuple[type[ApiError], Verdict], ...] = (  # the first that fits
    (NobodyReached, Verdict.NOBODY),
    (UnknownOutcome, Verdict.UNKNOWN),
    (ConfigurationError, Verdict.CONFIGURATION),
    (RetryLater, Verdict.NOT_NOW),
)


class WecomSender:
    """`scheduler.delivery.Sender` over the platform's API."""

    def __init__(self, wecom: WecomClient) -> None:
        self._wecom = wecom

    def encode(self, message: Mapping[str, object]) -> bytes:
        """The request for a message, as bytes that can be kept and repeated."""
        return self._wecom.encode(message)

    async def send(self, body: bytes) -> Attempt:
        """One call. Never raises for what the network or the platform does."""
        try:
            return accepted(await self._wecom.send(body))
        except ApiError as error:
            return refused(error)


def accepted(result: SendResult) -> Attempt:
    """What a success means: also then some people may have got nothing."""
    invalid = frozenset(result.invalid_users) | frozenset(result.unlicensed_users)
    return Attempt(Verdict.ACCEPTED, 0, invalid=invalid, msgid=result.msgid, response_code=result.response_code)


def refused(error: ApiError) -> Attempt:
    """What an error means."""
    after = error.after if isinstance(error, RetryLater) else 0.0
    return Attempt(_verdict(error), error.errcode, str(error), after)


def _verdict(error: ApiError) -> Verdict:
    if error.errcode in RATE_LIMITS:
        return Verdict.RATE
    if error.errcode in REPEATED_IDS:
        return Verdict.REPEATED_ID
    return next((verdict for kind, verdict in _VERDICTS if isinstance(error, kind)), Verdict.NEVER)
