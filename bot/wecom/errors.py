"""What can go wrong with WeChat Work, split by who must act.

    WecomError
    ├── CallbackError             what arrived at the callback is refused
    │   ├── BadSignature          not signed with our token
    │   ├── MalformedEnvelope     the encrypted outer layer is broken
    │   ├── MalformedMessage      the decrypted inner layer is broken
    │   └── WrongReceiver         meant for another corporation or app
    └── ApiError                  a call of the platform's API did not succeed; carries its errcode
        ├── RetryLater            nothing was done, time will mend it: the caller, after `after` seconds
        │   └── Unreachable       ... because no connection held
        ├── UnknownOutcome        it may have been done: repeat only with the same bytes and the duplicate check on
        ├── ConfigurationError    no call of this app will succeed until an admin acts
        └── PermanentError        this very request will never succeed
            ├── NobodyReached     every receiver of the message is invalid
            ├── NoDepartment      there is no department with that number
            └── SignInExpired     the sign-in code is used up or too old: the person signs in again

Error codes: https://developer.work.weixin.qq.com/document/path/90313
"""

# ruff: noqa: N818 - the names say what happened, as in a sentence

from __future__ import annotations


class WecomError(Exception):
    """Anything that goes wrong between us and WeChat Work."""


class CallbackError(WecomError):
    """A callback is refused."""


class BadSignature(CallbackError):
    """The callback is not signed with our token."""


class MalformedEnvelope(CallbackError):
    """The encrypted layer of a callback cannot be opened."""


class MalformedMessage(CallbackError):
    """The decrypted message of a callback cannot be understood."""


class WrongReceiver(CallbackError):
    """The callback is meant for another corporation or another app."""


class ApiError(WecomError):
    """A call of the platform's API did not succeed. The text holds neither token nor secret."""

    def __init__(self, message: str, errcode: int | None = None) -> None:
        super().__init__(message)
        self.errcode = errcode  # the platform's code; None where it gave no answer of its own


class RetryLater(ApiError):
    """The platform did nothing and may do it later."""

    def __init__(self, message: str, errcode: int | None = None, after: float = 0) -> None:
        super().__init__(message, errcode)
        self.after = after  # seconds to wait at least


class Unreachable(RetryLater):
    """No connection to the platform held, and nothing was done."""


class UnknownOutcome(ApiError):
    """The connection ended between the request and a readable answer: it may have been carried out."""


class ConfigurationError(ApiError):
    """The app is not allowed to do this until an admin changes something."""


class PermanentError(ApiError):
    """The request itself is refused and will always be."""


class NobodyReached(PermanentError):
    """Every receiver of the message is invalid."""


class NoDepartment(PermanentError):
    """There is no department with that number."""


class SignInExpired(PermanentError):
    """The sign-in code is used up or too old."""


BUSY = -1
TOKEN_ERRORS = frozenset({40001, 40014, 40091, 42001})  # a fresh token may help, once

# errcode -> seconds to wait at least
_WAITS = {BUSY: 1, 40014: 60, 42001: 60, 45009: 60, 45033: 1}

_CONFIGURATION = {
    40001: "the app's secret is wrong",
    40013: "the corporation id is wrong",
    40056: "the agent id is wrong",
    40091: "the app's secret is wrong",
    41001: "the access token is missing",
    41002: "the corporation id is missing",
    41004: "the app's secret is missing",
    48002: "the app has no right to call this",
    50001: "the domain is not among the app's trusted domains",
    50002: "the app may not reach these members",
    50003: "the app is disabled",
    60011: "the app has no right to these members",
    60020: "this machine's address is not among the app's trusted IPs",
    60021: "the agent id is not visible to these members",
    92000: "the app has no right to call this",
    301002: "the secret and the agent id belong to different apps",
}

_PERMANENT: dict[int, type[PermanentError]] = {
    81013: NobodyReached,
    60003: NoDepartment,
    60123: NoDepartment,
    40029: SignInExpired,
    42022: SignInExpired,
}


def refusal(operation: str, errcode: int, detail: str = "") -> ApiError:
    """The error for a code other than 0 that the platform answered; codes we do not know are permanent.

    :param detail: the platform's own words, for people only
    """
    words = _CONFIGURATION.get(errcode) or "the platform refused it"
    message = f"{operation}: errcode {errcode}, {words}" + (f" ({detail})" if detail else "")
    if errcode in _CONFIGURATION:
        return ConfigurationError(message, errcode)
    if errcode in _WAITS:
        return RetryLater(message, errcode, after=_WAITS[errcode])
    return _PERMANENT.get(errcode, PermanentError)(message, errcode)
