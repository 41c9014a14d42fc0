"""What follows from an attempt. Pure: the platform's answer in, the next step out.

The platform drops a request whose bytes it has accepted before, for as long as its duplicate check reaches back. So an
attempt of unknown outcome may be repeated with the same bytes inside that time, and never after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.delivery import Attempt, Batch, HoldKind, State, Verdict

DUPLICATE_CHECK = timedelta(hours=4)  # the platform's longest, wecom message/send
MARGIN = timedelta(minutes=10)  # for clocks that differ and for a call that lingers
WINDOW = DUPLICATE_CHECK - MARGIN

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
RATE_PAUSE = timedelta(minutes=1)  # the platform's shortest block; an hourly one lasts 60
LONGEST_RATE_PAUSE = timedelta(hours=1)
PROBE = timedelta(minutes=5)  # how often one batch tries whether a configuration error is gone

MANY_INVALID = 0.05  # share of a batch above which the fault is not the people's
FEW = 5  # invalid people from which a share means anything


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing at all is sent for a while."""

    kind: HoldKind
    reason: str
    until: datetime | None  # None: until an admin lifts it


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a batch."""

    state: State  # WAITING: try again at `at`
    at: datetime | None = None
    unknown_since: datetime | None = None
    as_text: bool = False  # the card is refused: a text takes its place, with new bytes
    pause: Pause | None = None
    mark_unreachable: bool = False  # who was invalid is not tried again until they write
    alarm: str = ""


def after(batch: Batch, attempt: Attempt, now: datetime, random: Callable[[], float], times: int = 0) -> Step:
    """The next step of a batch after an attempt.

    :param random: numbers in [0, 1), for jitter.
    :param times: pauses of the kind in a row before this one.
    """
    match attempt.verdict:
        case Verdict.ACCEPTED:
            return _accepted(batch, attempt)
        case Verdict.REPEATED_ID if batch.unknown_since:
            return Step(State.SENT)  # refused because the unclear attempt had been accepted
        case Verdict.UNKNOWN:
            return _unknown(batch, attempt, now, random)
        case Verdict.NOT_NOW:
            return _again(batch, now, _pause(batch.attempts, random, attempt.after))
        case Verdict.RATE:
            return _rate(batch, attempt, now, times)
        case Verdict.CONFIGURATION:
            pause = Pause(HoldKind.CONFIGURATION, attempt.detail, now + PROBE)
            return _again(batch, now, PROBE, pause, attempt.detail)
        case Verdict.NOBODY:
            return _nobody(batch, attempt)
    return _refused(batch, attempt, now)


def lapsed(batch: Batch, now: datetime) -> Step:
    """A lease ended without a word: the process died, perhaps after the call was accepted."""
    return _unknown(batch, Attempt(Verdict.UNKNOWN, detail="the process ended during the call"), now, lambda: 0.0)


def _accepted(batch: Batch, attempt: Attempt) -> Step:
    invalid = len(attempt.invalid)
    if invalid >= FEW and invalid > MANY_INVALID * batch.size:
        return Step(State.SENT, pause=_too_many(invalid, batch.size), alarm=_too_many(invalid, batch.size).reason)
    return Step(State.SENT, mark_unreachable=bool(invalid))


def _nobody(batch: Batch, attempt: Attempt) -> Step:
    if batch.unknown_since:  # the unclear attempt may have reached people who have left since
        return Step(State.UNCONFIRMED, alarm=attempt.detail)
    if batch.size >= FEW:
        pause = _too_many(batch.size, batch.size)
        return Step(State.INVALID, pause=pause, alarm=pause.reason)
    return Step(State.INVALID, mark_unreachable=True)


def _too_many(invalid: int, size: int) -> Pause:
    return Pause(HoldKind.INVALID, f"{invalid} of {size} receivers of a message are invalid", None)


def _unknown(batch: Batch, attempt: Attempt, now: datetime, random: Callable[[], float]) -> Step:
    since = batch.unknown_since or batch.claimed_at
    return _within(since, now, _pause(batch.attempts, random, attempt.after), attempt.detail)


def _again(batch: Batch, now: datetime, wait: timedelta, pause: Pause | None = None, alarm: str = "") -> Step:
    """A definite refusal: no limit, unless an earlier attempt is unclear."""
    if batch.unknown_since is None:
        return Step(State.WAITING, now + wait, pause=pause, alarm=alarm)
    step = _within(batch.unknown_since, now, wait, "an earlier attempt is unclear")
    return replace(step, pause=pause, alarm=step.alarm or alarm)


def _within(since: datetime, now: datetime, pause: timedelta, why: str) -> Step:
    """Try again, or leave it to people once the duplicate check no longer reaches back to the unclear attempt."""
    if now + pause < since + WINDOW:
        return Step(State.WAITING, now + pause, since)
    return Step(State.UNCONFIRMED, unknown_since=since, alarm=f"whether a message arrived is not known: {why}")


def _rate(batch: Batch, attempt: Attempt, now: datetime, times: int) -> Step:
    longest = min(RATE_PAUSE * 2 ** min(times, 10), LONGEST_RATE_PAUSE)
    pause = max(longest, timedelta(seconds=attempt.after))
    return _again(batch, now, pause, Pause(HoldKind.RATE, attempt.detail, now + pause))


def _refused(batch: Batch, attempt: Attempt, now: datetime) -> Step:
    if batch.unknown_since:
        return Step(State.UNCONFIRMED, unknown_since=batch.unknown_since, alarm=attempt.detail)
    if batch.is_card and not batch.plain:
        return Step(State.WAITING, now, as_text=True, alarm=f"sent as text: {attempt.detail}")
    return Step(State.GIVEN_UP, alarm=attempt.detail)


def _pause(attempts: int, random: Callable[[], float], least: float) -> timedelta:
    """Doubling, with jitter so that replicas do not meet."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return max(pause * (0.75 + 0.5 * random()), timedelta(seconds=least))
