"""The request that is being worked on: known wherever its work goes on, so that logs and records can name it."""

from __future__ import annotations

from contextvars import ContextVar

_request: ContextVar[str | None] = ContextVar("request", default=None)

begin = _request.set  # at the rim, once for each request
current = _request.get  # its id; None for work that no request asked for
