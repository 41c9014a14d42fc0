"""What an answer of the platform means for a delivery."""

from __future__ import annotations

import pytest

from bot.sending import accepted, refused
from bot.wecom.client import SendResult
from bot.wecom.errors import ApiError, RetryLater, UnknownOutcome, Unreachable, refusal
from scheduler.delivery import Verdict


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Unreachable("no connection"), Verdict.NOT_NOW),
        (RetryLater("HTTP 429", after=60), Verdict.NOT_NOW),
        (UnknownOutcome("no answer"), Verdict.UNKNOWN),
        (refusal("send", -1), Verdict.NOT_NOW),
        (refusal("send", 45009), Verdict.RATE),
        (refusal("send", 45033), Verdict.RATE),
        (refusal("send", 60020), Verdict.CONFIGURATION),
        (refusal("send", 40001), Verdict.CONFIGURATION),
        (refusal("send", 48002), Verdict.CONFIGURATION),
        (refusal("send", 81013), Verdict.NOBODY),
        (refusal("send", 42016), Verdict.REPEATED_ID),
        (refusal("send", 42018), Verdict.NEVER),
        (refusal("send", 44004), Verdict.NEVER),
        (refusal("send", 123456), Verdict.NEVER),
    ],
)
def test_every_error_has_its_verdict(error: ApiError, verdict: Verdict) -> None:
    attempt = refused(error)
    assert (attempt.verdict, attempt.code) == (verdict, error.errcode)


def test_the_time_to_wait_is_kept() -> None:
    assert refused(refusal("send", 45009)).after == 60


def test_of_an_accepted_message_those_without_licence_got_nothing_either() -> None:
    attempt = accepted(SendResult(("li",), "m1", "code", ("wang",)))
    assert (attempt.verdict, attempt.invalid, attempt.msgid) == (Verdict.ACCEPTED, frozenset({"li", "wang"}), "m1")
