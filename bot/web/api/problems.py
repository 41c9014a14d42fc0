"""What goes wrong, told to programs: problem details (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from knowledge.errors import Unavailable

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds, while the database is away

log = logging.getLogger("pilotbot.api")


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str  # a path into the body such as 'title' or 'sectors/0', or the name of a parameter
    detail: str


class ProblemDetails(BaseModel):
    """RFC 9457. `type` is always about:blank: the status says what happened, `detail` what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


class Problem(Exception):  # noqa: N818  the standard's word
    """A request that is not carried out; becomes problem details."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = errors
        self.headers = headers or {}

    @classmethod
    def of(cls, status: HTTPStatus, detail: str, error: ValidationError) -> Problem:
        """What the validation found, each fault with its place."""
        faults = [Fault(where=_where(each["loc"]), detail=each["msg"]) for each in error.errors(include_url=False)]
        return cls(status, detail, faults)

    def response(self) -> web.Response:
        details = ProblemDetails(
            title=self.status.phrase, status=self.status, detail=str(self), errors=list(self.errors)
        )
        return web.Response(
            status=self.status,
            body=details.model_dump_json().encode(),
            content_type=MEDIA_TYPE,
            headers={hdrs.CACHE_CONTROL: "no-store", **self.headers},
        )


@web.middleware
async def problem_details(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler or the router raises into problem details."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _of_http(error).response()
    except Unavailable as error:
        log.warning("%s %s is refused: %s", request.method, request.rel_url.raw_path, error)
        return _UNAVAILABLE.response()
    except Exception:
        # The path alone: a query may hold what somebody asked.
        log.exception("%s %s failed", request.method, request.rel_url.raw_path)
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the failure was recorded; try again later").response()


def _of_http(error: web.HTTPException) -> Problem:
    status = HTTPStatus(error.status)
    allow: Mapping[str, str] = {hdrs.ALLOW: error.headers[hdrs.ALLOW]} if hdrs.ALLOW in error.headers else {}
    return Problem(status, _DETAILS.get(status, status.description or status.phrase), headers=allow)


def _where(place: Sequence[int | str]) -> str:
    return "/".join(str(part) for part in place)


_UNAVAILABLE = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "the database does not answer; try again later",
    headers={hdrs.RETRY_AFTER: str(RETRY_AFTER)},
)
_DETAILS = {
    HTTPStatus.NOT_FOUND: "there is nothing at this address; see /api/v1/openapi.json",
    HTTPStatus.METHOD_NOT_ALLOWED: "the address does not take this method; see the header Allow",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "the body is too large",
}
