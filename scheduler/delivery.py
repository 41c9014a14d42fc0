"""Deliveries as values: what is told, to whom, and what became of it. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Cadence(StrEnum):
    """How updates arrive."""

    IMMEDIATE = "immediate"
    DAILY = "daily"  # at the reminders' time of each working day
    WEEKLY = "weekly"  # ... of the week's first working day


class Kind(StrEnum):
    REMINDER = "reminder"
    MOVED = "moved"
    SNOOZE = "snooze"  # a reminder again, for one person
    UPDATE = "update"
    ANSWER = "answer"  # to a question that had none
    BROADCAST = "broadcast"
    ALARM = "alarm"


class State(StrEnum):
    """Of one recipient of one thing; of a batch from 'sending' on."""

    PLANNED = "planned"
    SENDING = "sending"  # in a batch: fixed, perhaps on the wire
    WAITING = "waiting"  # of a batch: to be tried again
    SENT = "sent"
    INVALID = "invalid"  # the platform cannot reach the person
    WITHDRAWN = "withdrawn"  # stopped following before the first attempt
    EXPIRED = "expired"  # could not be sent while it was of use
    GIVEN_UP = "given_up"  # refused for good
    UNCONFIRMED = "unconfirmed"  # may have arrived; people decide


class Mark(StrEnum):
    SEEN = "seen"  # 知道了
    DONE = "done"  # 已完成: no further lead of this milestone


class HoldKind(StrEnum):
    FROZEN = "frozen"  # an admin's switch
    RATE = "rate"  # the platform asks for a pause
    QUOTA = "quota"  # the day's messages are used up
    CONFIGURATION = "configuration"  # nothing will succeed before an admin acts
    INVALID = "invalid"  # too many receivers were invalid at once


class AlarmKind(StrEnum):
    """What an admin must know of."""

    CONFIGURATION = "configuration"  # sending has stopped until an admin acts
    INVALID = "invalid"  # sending has stopped: too many receivers were invalid at once
    QUOTA = "quota"  # the day's messages are used up
    UNCONFIRMED = "unconfirmed"  # whether something arrived is not known
    REFUSED = "refused"  # something was refused for good
    AS_TEXT = "as_text"  # a card was refused, and a text took its place


@dataclass(frozen=True, slots=True)
class Alarm:
    kind: AlarmKind
    detail: str


class Verdict(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "accepted"
    NOT_NOW = "not_now"  # refused or not sent: nothing was done, time will mend it
    RATE = "rate"  # refused: too many calls
    CONFIGURATION = "configuration"  # refused until an admin acts
    NEVER = "never"  # refused: this very message
    NOBODY = "nobody"  # refused: every receiver is invalid
    REPEATED_ID = "repeated_id"  # refused: a card with this task id exists
    UNKNOWN = "unknown"  # it may have been carried out


@dataclass(frozen=True, slots=True)
class Attempt:
    """The platform's answer to one call, or the lack of one."""

    verdict: Verdict
    code: int | None = None  # the platform's
    detail: str = ""  # for admins
    after: float = 0.0  # seconds to wait at least before another one
    invalid: frozenset[str] = frozenset()  # lower-case users who got nothing though the call was accepted
    msgid: str = ""
    response_code: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A claimed call: its bytes may go on the wire until the lease ends."""

    id: str
    body: bytes
    attempts: int  # this one included
    claimed_at: datetime
    unknown_since: datetime | None
    plain: bool
    is_card: bool
    size: int
    recorded_at: datetime  # when what it tells was decided
    expires_at: datetime | None = None
    request: str | None = None  # id of the request that caused it, as the log has it; None: time did


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told once to people: what an occurrence is made of."""

    key: str  # unique for ever
    kind: Kind
    content: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    change: int | None = None  # of the knowledge, that it tells of


class Sender(Protocol):
    """The platform as deliveries need it."""

    def encode(self, message: Mapping[str, object]) -> bytes:
        """The request for a message, as bytes that can be kept and repeated."""

    async def send(self, body: bytes) -> Attempt:
        """One call. Never raises for what the network or the platform does; cancelled, its outcome is unknown."""
