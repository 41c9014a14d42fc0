"""The tables of followers and deliveries. What happens at most once has a unique key here, not a flag in memory."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from knowledge.tables import Instant, Json


class SubscriberRow(SQLModel, table=True):
    """Somebody who follows something, or did."""

    __tablename__ = "subscriber"

    user: str = Field(primary_key=True)  # lower-case
    cadence: str  # a scheduler.delivery.Cadence
    paused_at: datetime | None = Field(default=None, sa_type=Instant)
    unreachable_since: datetime | None = Field(default=None, sa_type=Instant)  # until they write again
    calendar: int = 0  # how often the address of their calendar was renewed


class SubscriptionRow(SQLModel, table=True):
    """One thing that a person follows."""

    __tablename__ = "subscription"

    user: str = Field(primary_key=True)
    topic: str = Field(primary_key=True, index=True)  # 'sector:finance', 'document:<slug>', 'milestones', 'all'
    since: datetime = Field(sa_type=Instant)


class SeenRow(SQLModel, table=True):
    """Since when a milestone is known to have its date: what was due before is no news."""

    __tablename__ = "seen"

    milestone: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    day: date
    since: datetime = Field(sa_type=Instant)


class SettledRow(SQLModel, table=True):
    """What became of one lead of a milestone. Whoever inserts it first has decided it."""

    __tablename__ = "settled"

    milestone: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    lead: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    occurrence_id: int | None = None  # what announces it; None: skipped


class OccurrenceRow(SQLModel, table=True):
    """Something to be told to people, once."""

    __tablename__ = "occurrence"

    id: int = Field(default=None, primary_key=True)  # given by the database
    key: str = Field(unique=True)
    kind: str  # a scheduler.delivery.Kind
    topic: str | None = None  # who is told: followers of it; None: whoever is listed
    content: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)  # of no use from then on
    request: str | None = None  # id of the request that caused it, as the log has it; None: time did
    change_id: int | None = Field(default=None, index=True)  # of the knowledge, that it tells of


class RecipientRow(SQLModel, table=True):
    """One person who is told one thing, and what became of it."""

    __tablename__ = "recipient"
    __table_args__ = (
        Index("recipient_due", "state", "due_at"),
        Index("recipient_user", "user", "attempted_at"),
    )

    occurrence_id: int = Field(primary_key=True, foreign_key="occurrence.id")
    user: str = Field(primary_key=True)
    state: str  # a scheduler.delivery.State
    due_at: datetime = Field(sa_type=Instant)
    batch_id: str | None = Field(default=None, index=True)
    attempted_at: datetime | None = Field(default=None, sa_type=Instant)


class BatchRow(SQLModel, table=True):
    """One call of the platform, with the bytes that every attempt repeats."""

    __tablename__ = "batch"
    __table_args__ = (Index("batch_next", "state", "next_at"),)

    id: str = Field(primary_key=True)  # also the card's task id
    occurrence_id: int = Field(foreign_key="occurrence.id")  # the first one, where a digest has several
    body: str  # the request, exactly
    built_on: date  # the local day that its texts count from
    plain: bool = False  # a text in place of a refused card
    size: int  # receivers
    state: str  # 'sending', 'waiting', or what became of it: a scheduler.delivery.State
    attempts: int
    claimed_at: datetime = Field(sa_type=Instant)  # start of the latest attempt
    next_at: datetime = Field(sa_type=Instant)  # when its lease ends, or when it is tried again
    owner: str  # which process holds the lease
    unknown_since: datetime | None = Field(default=None, sa_type=Instant)  # start of the first unclear attempt
    answer: dict[str, Any] | None = Field(default=None, sa_type=Json)  # the platform's latest


class BroadcastRow(SQLModel, table=True):
    """An admin's message to many."""

    __tablename__ = "broadcast"

    id: str = Field(primary_key=True)
    author: str
    text: str  # the admin's own words
    topic: str | None = None  # who gets it: followers of it; None: whoever follows anything
    drafted_at: datetime = Field(sa_type=Instant, index=True)
    tried_at: datetime | None = Field(default=None, sa_type=Instant)
    confirmed_by: str | None = None
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    occurrence_id: int | None = Field(default=None, foreign_key="occurrence.id")


class MarkRow(SQLModel, table=True):
    """A click on a reminder's card."""

    __tablename__ = "mark"

    user: str = Field(primary_key=True)
    milestone: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)  # a scheduler.delivery.Mark
    at: datetime = Field(sa_type=Instant)


class HoldRow(SQLModel, table=True):
    """Why nothing is sent at the moment. Shared by all replicas; none: sending goes on."""

    __tablename__ = "hold"

    kind: str = Field(primary_key=True)  # a scheduler.delivery.HoldKind
    reason: str
    since: datetime = Field(sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)  # the next try; None: until an admin lifts it
    times: int = 1  # in a row, for growing pauses


class AlarmRow(SQLModel, table=True):
    """Something an admin must look at."""

    __tablename__ = "alarm"

    id: int = Field(default=None, primary_key=True)  # given by the database
    at: datetime = Field(sa_type=Instant, index=True)
    kind: str
    text: str


class QuotaRow(SQLModel, table=True):
    """How many messages the app has sent to people on one of the platform's days."""

    __tablename__ = "quota"

    day: date = Field(primary_key=True)
    used: int
