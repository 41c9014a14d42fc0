"""What a person sends and gets, free of any channel's wire format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from scheduler.delivery import Cadence, Mark
from scheduler.model import Milestone


class Kind(StrEnum):
    TEXT = "text"
    MENU = "menu"  # a menu click; `text` holds the key, which acts like the typed word
    ENTER = "enter"  # the person opened the app
    JOIN = "join"  # the person came into the app's visible range
    LEAVE = "leave"  # ... left it
    CLICK = "click"  # a card's button: `text` holds its key, `task` the card
    MEDIA = "media"  # image, voice, location …: `text` holds which
    OTHER = "other"  # acknowledged, never answered


@dataclass(frozen=True, slots=True)
class Incoming:
    key: str  # unique per delivery, the same on every retry of it
    user: str  # lower-case: user ids compare without case
    kind: Kind
    text: str
    sent_at: datetime  # aware, as the platform states it
    task: str = ""  # of a click: the id that the card was sent with
    sender: str = field(default="", compare=False)  # the user as the platform wrote it, to which the reply is addressed


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a reply. Only `cuttable` ones may lose text, at a sentence's end."""

    text: str
    cuttable: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person gets, as paragraphs; links are written as <a href="…">…</a>, all else is plain text."""

    blocks: tuple[Block, ...] = ()
    when_cut: str = ""  # the line that says how to get the rest, added only when something was cut
    # Takes the place of the card that was clicked; a channel that cannot shows the blocks.
    card: Mapping[str, Any] | None = field(default=None, hash=False)
    outcome: str = field(default="", compare=False)  # what sort of reply it is, for operators

    def __bool__(self) -> bool:
        return bool(self.blocks)


NO_REPLY = Reply()


@dataclass(frozen=True, slots=True)
class Listing:
    """The last list a person was shown: numbers choose from it, 更多 turns its page."""

    ids: tuple[str, ...] = ()
    heading: str = ""
    start: int = 0  # index of the first item on the page shown last
    end: int = 0  # index after the last one shown, from which 更多 goes on


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of one person's conversation."""

    user: str
    listing: Listing = field(default_factory=Listing)
    answered: tuple[str, ...] = ()  # measure ids of the last answer
    question: str = ""  # the last question, for feedback
    question_key: str = ""  # the delivery that asked it


LIST = "list"  # the outcome of a message that names what it wants listed: a sector, a clause


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for the journal."""

    key: str
    user: str
    text: str
    at: datetime
    outcome: str  # a knowledge.model.Outcome, or LIST
    top: str | None  # id of the best match
    score: float


@dataclass(frozen=True, slots=True)
class Rated:
    """有用 / 没用 on the last answer."""

    key: str
    user: str
    at: datetime
    useful: bool
    question: str
    question_key: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picked:
    """A choice from the list that a question led to."""

    key: str
    at: datetime
    question_key: str
    measure: str  # id


@dataclass(frozen=True, slots=True)
class Welcomed:
    """Somebody was greeted, which happens once a day at most."""

    user: str
    on: date  # the local day


@dataclass(frozen=True, slots=True)
class Follow:
    """Adds topics to what the person follows."""

    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfollow:
    """Drops topics; None: everything."""

    topics: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SetCadence:
    """How updates reach the person from now on."""

    cadence: Cadence
    due_at: datetime  # when those that wait for the person come now


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is pushed to the person until they resume."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Undoes a pause."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The person cannot be reached until something of theirs arrives."""


@dataclass(frozen=True, slots=True)
class RenewCalendar:
    """The address of the person's calendar becomes another one."""


@dataclass(frozen=True, slots=True)
class MarkMilestone:
    """What the person says of a milestone."""

    milestone: Milestone
    mark: Mark


@dataclass(frozen=True, slots=True)
class Snooze:
    """One more reminder of a milestone for the person alone."""

    milestone: Milestone
    due_at: datetime
    expires_at: datetime


Effect = Follow | Unfollow | SetCadence | Pause | Resume | Leave | RenewCalendar | MarkMilestone | Snooze


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a handler decides; the conversation makes it durable."""

    reply: Reply
    state: State | None = None  # None: unchanged
    asked: Asked | None = None
    rated: Rated | None = None
    picked: Picked | None = None
    welcomed: Welcomed | None = None
    user: str = ""  # who sent the message, and so can be reached again
    effects: tuple[Effect, ...] = ()  # on what the person follows and is told, in the same transaction
