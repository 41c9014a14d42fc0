"""The tables of the conversations: deliveries, what is remembered of a person, questions and feedback."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from knowledge.tables import Instant, Json


class InboxRow(SQLModel, table=True):
    """A delivery that had its effect, and the reply it got."""

    __tablename__ = "inbox"

    key: str = Field(primary_key=True)  # the same on every retry
    user: str | None = None  # None: nothing was recorded of the person
    received_at: datetime = Field(sa_type=Instant, index=True)
    reply: dict[str, Any] = Field(sa_type=Json)


class ConversationRow(SQLModel, table=True):
    """The state of one person's conversation."""

    __tablename__ = "conversation"

    user: str = Field(primary_key=True)
    state: dict[str, Any] = Field(sa_type=Json)
    updated_at: datetime = Field(sa_type=Instant)  # when the message was handled: a later one wins


class WelcomeRow(SQLModel, table=True):
    """When a person was last greeted."""

    __tablename__ = "welcome"

    user: str = Field(primary_key=True)
    day: date  # the local one


class QuestionRow(SQLModel, table=True):
    """A question and what was found."""

    __tablename__ = "question"

    id: int = Field(default=None, primary_key=True)  # given by the database
    key: str = Field(unique=True)  # of the delivery
    user: str | None = None  # taken out when its time is over
    text: str
    at: datetime = Field(sa_type=Instant, index=True)
    outcome: str
    top: str | None = None  # id of the best match
    score: float


class FeedbackRow(SQLModel, table=True):
    """Whether an answer was of use."""

    __tablename__ = "feedback"

    id: int = Field(default=None, primary_key=True)  # given by the database
    key: str = Field(unique=True)  # of the delivery
    user: str | None = None  # taken out when its time is over
    at: datetime = Field(sa_type=Instant, index=True)
    useful: bool
    question: str
    question_key: str = Field(index=True)  # the delivery that asked it
    measures: list[str] = Field(sa_type=Json)  # ids that the answer named


class PickRow(SQLModel, table=True):
    """A choice from the list that a question led to: the question was answered after all."""

    __tablename__ = "pick"

    key: str = Field(primary_key=True)  # of the delivery
    at: datetime = Field(sa_type=Instant)
    question_key: str = Field(index=True)  # the delivery that asked
    measure: str  # id


class LearnedRow(SQLModel, table=True):
    """What an admin made of a question that the service could not answer well."""

    __tablename__ = "learned"

    question_key: str = Field(primary_key=True)  # the delivery that asked
    act: str  # a handlers.learning.Act
    measure: str | None = None  # id of the answer
    who: str
    at: datetime = Field(sa_type=Instant)


class KeyRow(SQLModel, table=True):
    """A secret that signs what people carry about: cookies, addresses of calendars."""

    __tablename__ = "secret_key"

    name: str = Field(primary_key=True)
    secret: bytes


class AuditRow(SQLModel, table=True):
    """What an admin did, besides changes of the knowledge, which record their author themselves."""

    __tablename__ = "audit"

    id: int = Field(default=None, primary_key=True)  # given by the database
    at: datetime = Field(sa_type=Instant, index=True)
    who: str
    act: str  # a word of the admin pages: 'sign-in'
    what: str  # whom or what it was done to
    reason: str


class UploadRow(SQLModel, table=True):
    """A file that an admin looks at before it is imported."""

    __tablename__ = "upload"

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    who: str
    name: str
    slug: str | None = None  # of a document, where the file does not say what it is
    data: bytes


class TokenRow(SQLModel, table=True):
    """The platform's access token of an app, shared by all replicas."""

    __tablename__ = "access_token"

    app: str = Field(primary_key=True)
    token: str
    until: datetime = Field(sa_type=Instant)  # usable up to then
