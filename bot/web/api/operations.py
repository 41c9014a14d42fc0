"""What the API can do, as a table: routing and description are made from the same rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

LARGEST_PAGE = 100  # items
EVERYBODY = ""  # who asks, where no token is needed


class Body(BaseModel):
    """What a client sends: unknown fields are errors, types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Query(BaseModel):
    """Parameters of an address; unknown ones are passed over."""

    model_config = ConfigDict(frozen=True)


class Paging(Query):
    page: Annotated[int, Field(ge=1, le=1_000_000, description="from 1")] = 1
    per_page: Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="items on a page")] = 20


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next` is relative to the address that was asked; also given as a Link header."""

    items: list[Item]
    total: int
    page: int
    pages: int
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked: the handler sees values only."""

    path: Mapping[str, str]  # parameters of the path
    query: Any  # of the operation's `query` type
    body: Any  # of the operation's `body` type, or an Upload
    who: str  # name of the token; EVERYBODY where none is needed
    headers: Mapping[str, str]
    address: Callable[[int], str]  # number of a page -> the same address with that page


@dataclass(frozen=True, slots=True)
class Upload:
    """Files and the fields beside them."""

    files: tuple[tuple[str, bytes], ...]  # name without folders, content
    fields: Any  # of the operation's `uploads` type


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back."""

    value: Any  # of the operation's `answer` type; None: no body
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table."""

    method: str
    path: str  # below /api/v1, such as '/measures/{id}'
    name: str  # the description's operationId
    summary: str
    handle: Callable[[Call], Awaitable[Answer]]
    answer: Any  # type of the answer's value; None: no body
    query: type[Query] = Query
    body: type[Body] | None = None
    uploads: type[Body] | None = None  # files come in, and these fields beside them
    statuses: Mapping[int, str] = field(default_factory=lambda: {200: "Done"})  # successes, for the description
    problems: tuple[int, ...] = ()  # statuses of its own failures, beside those that every operation has
    admin: bool = False
    conditional: bool = False  # takes If-Match

    @property
    def tag(self) -> str:
        """What the operation belongs to: the first part of its path."""
        return self.path.split("/")[1]


def paged(items: list[Item], total: int, call: Call) -> tuple[Page[Item], dict[str, str]]:
    """A page with its Link header.

    :param items: those of the page that was asked for.
    """
    page, size = call.query.page, call.query.per_page
    pages = max(1, -(-total // size))
    following = call.address(page + 1) if page < pages else None
    links = {"next": following, "prev": call.address(min(page - 1, pages)) if page > 1 else None}
    header = ", ".join(f'<{address}>; rel="{name}"' for name, address in links.items() if address)
    shown = Page[Item](items=items, total=total, page=page, pages=pages, next=following)
    return shown, ({"Link": header} if header else {})


def part(everything: list[Item], call: Call) -> list[Item]:
    """The items of the page that was asked for."""
    start = (call.query.page - 1) * call.query.per_page
    return everything[start : start + call.query.per_page]
