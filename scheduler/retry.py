"""What follows from an attempt. Pure: the platform's answer in, the next step out.

The platform drops a request whose bytes it has accepted before, for as long as its duplicate check reaches back. So an
attempt of unknown outcome may be repeated with the same bytes inside that time, and never after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler import wording
from scheduler.delivery import Alarm, AlarmKind, Attempt, Batch, HoldKind, State, Verdict

DUPLICATE_CHECK = timedelta(hours=4)  # the platform's longest, wecom message/send
MARGIN = timedelta(minutes=10)  # for clocks that differ and for a call that lingers
WINDOW = DUPLICATE_CHECK - MARGIN
CLOCK_SLACK = timedelta(minutes=5)  # how far the clocks of replicas may differ; more was a clock that is put back

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_RATE_PAUSE = timedelta(hours=1)  # the platform's longest block, but for that of a whole day
PROBE = timedelta(minutes=5)  # how often one batch tries whether a configuration error is gone

MANY_INVALID = 0.05  # share of a batch above which the fault is not the people's
FEW = 2  # invalid people from which a share means anything


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
    alarm: Alarm | None = None


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
            return _again(batch, now, PROBE, pause, Alarm(AlarmKind.CONFIGURATION, attempt.detail))
        case Verdict.NOBODY:
            return _nobody(batch, attempt)
    return _refused(batch, attempt, now)


def lapsed(batch: Batch, now: datetime) -> Step:
    """A lease ended without a word: the process died, perhaps after the call was accepted."""
    return _unknown(batch, Attempt(Verdict.UNKNOWN, detail="the process ended during the call"), now, lambda: 0.0)


def _accepted(batch: Batch, attempt: Attempt) -> Step:
    invalid = len(attempt.invalid)
    if invalid >= FEW and invalid > MANY_INVALID * batch.size:
        return _too_many(State.SENT, invalid, batch.size)
    return Step(State.SENT, mark_unreachable=bool(invalid))


def _nobody(batch: Batch, attempt: Attempt) -> Step:
    if batch.unknown_since:  # the unclear attempt may have reached people who have left since
        return _unconfirmed(batch.unknown_since, attempt.detail)
    if batch.size >= FEW:
        return _too_many(State.INVALID, batch.size, batch.size)
    return Step(State.INVALID, mark_unreachable=True)


def _too_many(state: State, invalid: int, size: int) -> Step:
    reason = wording.MANY_INVALID.format(invalid=invalid, size=size)
    return Step(state, pause=Pause(HoldKind.INVALID, reason, None), alarm=Alarm(AlarmKind.INVALID, reason))


def _unconfirmed(since: datetime, detail: str) -> Step:
    return Step(State.UNCONFIRMED, unknown_since=since, alarm=Alarm(AlarmKind.UNCONFIRMED, detail))


def _unknown(batch: Batch, attempt: Attempt, now: datetime, random: Callable[[], float]) -> Step:
    since = batch.unknown_since or min(batch.claimed_at, now)  # the clock may have been put back meanwhile
    return _within(since, now, _pause(batch.attempts, random, attempt.after), attempt.detail)


def _again(
    batch: Batch, now: datetime, wait: timedelta, pause: Pause | None = None, alarm: Alarm | None = None
) -> Step:
    """A definite refusal: no limit, unless an earlier attempt is unclear."""
    if batch.unknown_since is None:
        return Step(State.WAITING, now + wait, pause=pause, alarm=alarm)
    step = _within(batch.unknown_since, now, wait, "an earlier attempt is unclear")
    return replace(step, pause=pause, alarm=step.alarm or alarm)


def _within(since: datetime, now: datetime, pause: timedelta, why: str) -> Step:
    """Try again, or leave it to people once the duplicate check no longer reaches back to the unclear attempt."""
    if now + pause < since + WINDOW:
        return Step(State.WAITING, now + pause, since)
    return _unconfirmed(since, why)


def _rate(batch: Batch, attempt: Attempt, now: datetime, times: int) -> Step:
    pause = min(timedelta(seconds=max(attempt.after, 1) * 2 ** min(times, 12)), LONGEST_RATE_PAUSE)
    return _again(batch, now, pause, Pause(HoldKind.RATE, attempt.detail, now + pause))


def _refused(batch: Batch, attempt: Attempt, now: datetime) -> Step:
    if batch.unknown_since:
        return _unconfirmed(batch.unknown_since, attempt.detail)
    if batch.is_card and not batch.plain:
        return Step(State.WAITING, now, as_text=True, alarm=Alarm(AlarmKind.AS_TEXT, attempt.detail))
    return Step(State.GIVEN_UP, alarm=Alarm(AlarmKind.REFUSED, attempt.detail))


def _pause(attempts: int, random: Callable[[], float], least: float) -> timedelta:
    """Doubling, with jitter so that replicas do not meet."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)
    return max(pause * (0.75 + 0.5 * random()), timedelta(seconds=least))
