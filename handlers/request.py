"""What every handler is given, and what a handler is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from handlers.model import Incoming, Outcome, State
from handlers.replies import Speaker
from knowledge.library import Library


@dataclass(frozen=True, slots=True)
class Request:
    """One message and the world as it is now."""

    incoming: Incoming
    text: str  # the message folded: width, case, traditional characters
    library: Library
    speaker: Speaker
    now: datetime  # aware
    state: State  # an empty one for handlers that do not ask for it
    welcomed_on: date | None = None  # for the welcome only: the local day of the last one


Handler = Callable[[Request], Outcome]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and whether it builds on what was said before."""

    handler: Handler
    recalls: bool = False  # needs the person's state: read and written before the reply leaves
