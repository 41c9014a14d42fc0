"""What every handler is given, and what a handler is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from handlers.answers import Answers
from handlers.model import Incoming, Outcome, State
from handlers.replies import Speaker
from knowledge.library import Library
from knowledge.model import Finding
from scheduler.store.followers import Follower, Told
from scheduler.store.planning import World


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person follows and was told."""

    follower: Follower
    told: tuple[Told, ...] = ()  # the last things, and those that wait, newest first
    done: frozenset[tuple[str, int]] = frozenset()  # milestone id and revision of what the person says is done
    card: Mapping[str, Any] | None = None  # of a click: the content that the clicked card told the person


@dataclass(frozen=True, slots=True)
class Schedule:
    """The pilots' dates, and where people see them."""

    world: Callable[[], World]  # pilots, working days and the time of reminders, as of now
    page_url: str  # of the timeline
    calendar_url: Callable[[str, int], str]  # a person and how often they renewed it -> their own feed


@dataclass(frozen=True, slots=True)
class Request:
    """One message and the world as it is now."""

    incoming: Incoming
    text: str  # the message folded: width, case, traditional characters
    library: Library
    speaker: Speaker
    answers: Answers
    now: datetime  # aware
    state: State  # an empty one for handlers that do not ask for it
    schedule: Schedule
    welcomed_on: date | None = None  # for the welcome only: the local day of the last one
    standing: Standing | None = None  # for those that ask for it
    finding: Finding | None = None  # of a question that was looked up before its handler

    @property
    def person(self) -> Standing:
        """What is known of the person, for handlers whose route asks for it."""
        if self.standing is None:
            raise ValueError("the route of this handler does not ask for the person's standing")
        return self.standing


Handler = Callable[[Request], Outcome]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and whether it builds on what was said before."""

    handler: Handler
    recalls: bool = False  # needs the person's state: read and written before the reply leaves
    knows: bool = False  # needs what the person follows: read, and what changes is committed, before the reply leaves
