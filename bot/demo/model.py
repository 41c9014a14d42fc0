"""The values of the stand-in: who there is, what was sent, what came back, what a chat shows."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Self

CORP_ID = "wwdemo0123456789"  # of no real corporation: by it an app knows that it talks to the stand-in

# The platform lives in one zone: its days begin and its clocks read there.
CHINA = timezone(timedelta(hours=8))

Clock = Callable[[], datetime]

# A message in the shape of message/send, {"msgtype": "text", "text": {"content": …}}, for all that a chat shows.
Message = dict[str, Any]


class ApiError(Exception):
    """An API call is refused; the caller reads `code` as errcode."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class ReplyError(Exception):
    """The app's passive reply is not one that the platform could show; the text says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Account:
    """A corporation with its one self-built app."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)  # EncodingAESKey, 43 characters
    name: str = "应用"  # of the app, as its chat is headed

    @classmethod
    def made_up(cls, name: str) -> Self:
        """An app with credentials that nobody else has."""
        secret, token, aes_key = (_random_text(length) for length in (43, 24, 43))
        return cls(CORP_ID, 1000002, secret, token, aes_key, name)


@dataclass(frozen=True, slots=True)
class Person:
    user: str  # user id, in the case the corporation wrote it
    name: str
    role: str  # shown under the name
    licensed: bool = True  # without a licence the API lists the person as unlicenseduser
    department: int = 1  # id


@dataclass(frozen=True, slots=True)
class Department:
    id: int
    parent: int  # id; 0 for the corporation itself


@dataclass(frozen=True, slots=True)
class Timing:
    """The platform's patience, in real seconds."""

    answer: float = 5.0  # to a message or an event
    verify: float = 1.0  # to the URL check
    retries: int = 3  # after the first attempt; the vendor's '3 retries in total' read the harder way


class Outcome(StrEnum):
    """How one attempt at the callback ended."""

    REPLY = "reply"  # a passive reply that can be shown
    EMPTY = "empty"  # 200 without a body: accepted, nothing to show
    INVALID = "invalid"  # 200 with a body that the platform cannot use
    STATUS = "status"  # any other status
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # refused or reset

    @property
    def accepted(self) -> bool:
        return self in (Outcome.REPLY, Outcome.EMPTY, Outcome.INVALID)


@dataclass(frozen=True, slots=True)
class Attempt:
    at: datetime
    query: str  # the signed query string
    sent: str  # the encrypted envelope, empty for the URL check
    outcome: Outcome
    ms: int  # until the answer or until the platform gave up
    status: int | None = None  # of HTTP, None without an answer
    received: str = ""  # the body as it came
    reply: str = ""  # the passive reply, decrypted
    problems: tuple[str, ...] = ()  # what the platform found wrong, or did in silence
    simulated: bool = False  # the answer came, and was thrown away to show a retry


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message, event or URL check, with every attempt at it."""

    id: str
    user: str
    kind: str  # MsgType, or the event's name, or "verify"
    at: datetime
    plain: str  # the XML before encryption, the same in every attempt
    is_event: bool = False
    attempts: tuple[Attempt, ...] = ()
    done: bool = False

    @property
    def outcome(self) -> Outcome | None:
        return self.attempts[-1].outcome if self.attempts else None

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(problem for attempt in self.attempts for problem in attempt.problems)


class Side(StrEnum):
    PERSON = "person"
    APP = "app"
    NOTE = "note"  # a line in the middle: opened the app, clicked a menu


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a person's chat."""

    id: str
    number: int  # grows with each new entry: the order of the chat
    user: str
    side: Side
    at: datetime
    message: Message
    source: str = ""  # id of the exchange or of the API call that made it
    pushed: bool = False  # by message/send, not a passive reply
    msgid: str = ""  # of message/send, for recall and update
    flags: tuple[str, ...] = ()  # what the platform cut or would object to, in Chinese
    recalled: bool = False
    replaced: str = ""  # text that stands where the card's buttons were


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message/send for one person: shown, or dropped in silence by a limit."""

    user: str
    message: Message
    at: datetime
    dropped: str = ""  # the limit that dropped it, in Chinese


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the platform's API by the app."""

    id: str
    at: datetime
    method: str
    path: str  # below /cgi-bin/
    request: str  # JSON or query, secrets masked
    answer: str  # JSON, secrets masked; empty when the caller got none
    errcode: int | None  # None when there is no JSON answer
    ms: int
    fault: str = ""  # the fault that was switched on, if one struck


def _random_text(length: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
