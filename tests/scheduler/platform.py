"""A platform that behaves: delivers, recognises repeated bytes, and fails in the ways it is told to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any

from scheduler.delivery import Attempt, Verdict

START = datetime(2022, 4, 2, 1, 10, tzinfo=UTC)  # 09:10 in Shanghai


@dataclass
class Time:
    """A clock that tests move."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **period: float) -> datetime:
        self.now += timedelta(**period)
        return self.now


class Died(BaseException):
    """The process is killed."""


@dataclass
class Platform:
    """What message/send does, and what people see."""

    clock: Callable[[], datetime]
    duplicate_check: bool = True
    invalid: set[str] = field(default_factory=set)
    plan: Iterator[str] = field(default_factory=lambda: repeat(""))  # what goes wrong with the next calls
    seen: list[tuple[str, str]] = field(default_factory=list)  # (user, what), in order
    requests: list[dict[str, Any]] = field(default_factory=list)
    _accepted: dict[bytes, datetime] = field(default_factory=dict)
    _tasks: set[str] = field(default_factory=set)

    def encode(self, message: Mapping[str, object]) -> bytes:
        return json.dumps(message, ensure_ascii=False, sort_keys=True).encode()

    async def send(self, body: bytes) -> Attempt:
        match next(self.plan):
            case "die before":
                raise Died
            case "die after":
                self._accept(body)
                raise Died
            case "drop":  # accepted, and the connection breaks
                self._accept(body)
                return Attempt(Verdict.UNKNOWN, detail="no answer")
            case "lose":  # never arrived, and nobody can tell
                return Attempt(Verdict.UNKNOWN, detail="no answer")
            case "busy":
                return Attempt(Verdict.NOT_NOW, -1, "busy", 1.0)
            case "rate":
                return Attempt(Verdict.RATE, 45009, "too many calls", 60.0)
            case "untrusted":
                return Attempt(Verdict.CONFIGURATION, 60020, "untrusted ip")
            case "bad card":
                return Attempt(Verdict.NEVER, 42016, "bad card")
            case "never":
                return Attempt(Verdict.NEVER, 44004, "empty")
        return self._accept(body)

    def counts(self) -> Counter[tuple[str, str]]:
        return Counter(self.seen)

    def users(self) -> list[str]:
        return sorted(user for user, _ in self.seen)

    def _accept(self, body: bytes) -> Attempt:
        request = json.loads(body)
        users = request["touser"].split("|")
        invalid = frozenset(self.invalid.intersection(users))
        if len(invalid) == len(users):
            return Attempt(Verdict.NOBODY, 81013, "all invalid")
        before = self._accepted.get(body)
        interval = timedelta(seconds=request.get("duplicate_check_interval", 0))
        if before and self.duplicate_check and self.clock() - before <= interval:
            return Attempt(Verdict.ACCEPTED, 0, invalid=invalid)
        task = request.get("template_card", {}).get("task_id")
        if task in self._tasks:
            return Attempt(Verdict.REPEATED_ID, 42014, "task id exists")
        self._tasks |= {task} if task else set()
        self._accepted[body] = self.clock()
        self.requests.append(request)
        what = request["template_card"]["main_title"]["title"] if task else request["text"]["content"]
        self.seen += [(user, what) for user in users if user not in invalid]
        return Attempt(Verdict.ACCEPTED, 0, invalid=invalid, msgid="m")
