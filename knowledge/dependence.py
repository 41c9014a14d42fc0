"""What entries refer to, and what therefore cannot go when a change is taken back. Values and pure functions, no I/O."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Identity = tuple[str, str]  # kind and key of an entry
NOTHING: frozenset[Identity] = frozenset()


def needs(kind: str, body: Mapping[str, Any] | None) -> frozenset[Identity]:
    """The entries that an entry refers to: a measure to its document, its sectors and other measures, a pilot to its
    document.
    """
    if body is None or kind not in ("measure", "pilot"):
        return NOTHING
    sectors = (("sector", code) for code in body.get("sectors") or ())
    others = (("measure", key) for key in (*(body.get("also_in") or ()), body.get("replaced_by")) if key)
    return frozenset((("document", body["document"]), *sectors, *others))


class Why(StrEnum):
    """Why an undoing leaves an entry as it is."""

    CHANGED = "changed"  # others have changed it since
    NEEDED = "needed"  # something that stays refers to it
    LACKING = "lacking"  # what it was before refers to something that is gone


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry that an undoing leaves as it is."""

    kind: str
    key: str
    why: Why = Why.CHANGED
    other: Identity | None = None  # what refers to it, or what it would refer to


@dataclass(frozen=True, slots=True)
class Step:
    """What one entry refers to before and after an undoing; None where it is not there."""

    now: frozenset[Identity] | None
    then: frozenset[Identity] | None

    @property
    def goes(self) -> bool:
        return self.now is not None and self.then is None


def kept(
    steps: Mapping[Identity, Step], users: Mapping[Identity, Identity], living: Collection[Identity]
) -> dict[Identity, Kept]:
    """Which steps cannot be taken, so that afterwards no entry refers to what the steps have removed or not restored.

    :param users: entry -> one that refers to it, of the entries that have no step.
    :param living: the entries that have no step and are there.
    """
    lacking = _lacking(steps, living)
    needed = _needed(steps, users, lacking)
    return {key: Kept(*key, Why.LACKING, other) for key, other in lacking.items()} | {
        key: Kept(*key, Why.NEEDED, other) for key, other in needed.items()
    }


def _lacking(steps: Mapping[Identity, Step], living: Collection[Identity]) -> dict[Identity, Identity]:
    """What cannot come back -> what it would miss; an entry that misses something already may go on doing so."""
    wanting: dict[Identity, list[Identity]] = defaultdict(list)
    for identity, step in steps.items():
        for target in (step.then or NOTHING) - (step.now or NOTHING):
            wanting[target].append(identity)
    gone = [target for target in wanting if target not in living and target not in steps]
    found: dict[Identity, Identity] = {}
    while gone:
        target = gone.pop()
        for identity in wanting.get(target, ()):
            if identity not in found:
                found[identity] = target
                gone += [identity] if steps[identity].now is None else []
    return found


def _needed(
    steps: Mapping[Identity, Step], users: Mapping[Identity, Identity], lacking: Collection[Identity]
) -> dict[Identity, Identity]:
    """What cannot go -> what refers to it."""
    wanted = deque(users.items())  # the nearest first: they are the plainest reasons
    for identity, step in steps.items():
        wanted += _wanted(identity, step.now if identity in lacking else step.then)
    found: dict[Identity, Identity] = {}
    while wanted:
        target, user = wanted.popleft()
        if target in steps and steps[target].goes and target not in found:
            found[target] = user
            wanted += _wanted(target, steps[target].now)
    return found


def _wanted(user: Identity, targets: Iterable[Identity] | None) -> list[tuple[Identity, Identity]]:
    return [(target, user) for target in sorted(targets or ())]
