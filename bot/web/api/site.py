"""The API as an application: requests are checked here, and the operations see values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, partial
from http import HTTPStatus

from aiohttp import hdrs, web
from multidict import MultiMapping
from pydantic import TypeAdapter, ValidationError

from bot.web.api.access import holder
from bot.web.api.describe import description
from bot.web.api.operations import EVERYBODY, Answer, Body, Call, Operation, Query, Upload
from bot.web.api.problems import MEDIA_TYPE, Problem, problem_details
from bot.web.api.uploads import received
from bot.web.render import root
from bot.web.requests import patient

PREFIX = "/api/v1"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def application(operations: Sequence[Operation], tokens: Mapping[str, str]) -> web.Application:
    """To be mounted at PREFIX.

    :param tokens: name -> bearer token of those who may do what is not public.
    """
    app = web.Application(middlewares=[problem_details, patient()])

    @cache
    def described() -> bytes:
        return json.dumps(description(operations, PREFIX), ensure_ascii=False).encode()

    async def describe(_: web.Request) -> web.Response:
        return web.Response(body=described(), content_type=JSON)

    app.router.add_get("/openapi.json", describe)
    for path, methods in _methods(operations).items():
        resource = app.router.add_resource(_pattern(path))
        for method, operation in methods.items():
            resource.add_route(method, partial(_respond, operation, tokens))
        resource.add_route(hdrs.METH_OPTIONS, partial(_options, [*methods, hdrs.METH_OPTIONS]))
    return app


def _methods(operations: Sequence[Operation]) -> dict[str, dict[str, Operation]]:
    """Path -> method -> operation; whoever takes GET takes HEAD."""
    found: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        methods = found.setdefault(operation.path, {})
        methods[operation.method] = operation
        if operation.method == hdrs.METH_GET:
            methods[hdrs.METH_HEAD] = operation
    return found


def _pattern(path: str) -> str:
    """An id holds a slash, which clients send as it is or as %2F."""
    return path.replace("{id}", "{id:.+}")


async def _options(methods: Sequence[str], _: web.Request) -> web.Response:
    return web.Response(status=HTTPStatus.NO_CONTENT, headers={hdrs.ALLOW: ",".join(methods)})


async def _respond(operation: Operation, tokens: Mapping[str, str], request: web.Request) -> web.Response:
    who = holder(tokens, request.headers.get(hdrs.AUTHORIZATION, "")) if operation.admin else EVERYBODY
    _check_accept(request.headers.getall(hdrs.ACCEPT, []))
    call = Call(
        path=_path(request.match_info),
        query=_query(operation.query, request.query),
        body=await _received(operation, request),
        who=who,
        headers=request.headers,
        address=lambda page: root(request) + str(request.rel_url.update_query(page=page)),
    )
    return _response(operation, await operation.handle(call))


def _response(operation: Operation, answer: Answer) -> web.Response:
    headers = {hdrs.CACHE_CONTROL: "no-store" if operation.admin else "no-cache", **answer.headers}
    if answer.value is None:
        return web.Response(status=answer.status, headers=headers)
    body = TypeAdapter(operation.answer).dump_json(answer.value)
    return web.Response(status=answer.status, body=body, content_type=JSON, headers=headers)


def _check_accept(headers: Sequence[str]) -> None:
    """:raises Problem: the client does not take JSON."""
    ranges = [part.strip() for part in ",".join(headers).split(",") if part.strip()]
    if ranges and not any(_takes_json(each) for each in ranges):
        raise Problem(HTTPStatus.NOT_ACCEPTABLE, f"answers are {JSON}, problems {MEDIA_TYPE}")


def _takes_json(media_range: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in media_range.split(";"))
    refused = any(p.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for p in parameters)
    return kind in ("*/*", "application/*", JSON, MEDIA_TYPE) and not refused


def _path(match: Mapping[str, str]) -> Mapping[str, str]:
    """:raises Problem: a parameter holds what no key can, such as control characters."""
    if not all(value.isprintable() for value in match.values()):
        raise Problem(HTTPStatus.NOT_FOUND, "there is nothing at this address")
    return dict(match)


def _query(shape: type[Query], given: MultiMapping[str]) -> Query:
    """:raises Problem: a parameter is there twice, or has no possible value."""
    known = {field.alias or name for name, field in shape.model_fields.items()}
    twice = sorted(name for name in known if len(given.getall(name, [])) > 1)
    if twice:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{twice[0]} may be given only once")
    try:
        return shape.model_validate({name: given[name] for name in known if name in given})
    except ValidationError as error:
        raise Problem.of(HTTPStatus.BAD_REQUEST, "a parameter has no possible value", error) from None


async def _received(operation: Operation, request: web.Request) -> Body | Upload | None:
    if operation.uploads:
        return await received(request, operation.uploads)
    return await _body(operation, operation.body, request) if operation.body else None


async def _body(operation: Operation, shape: type[Body], request: web.Request) -> Body:
    """:raises Problem: not JSON (415, 400), or not what the operation takes (422)."""
    taken = (JSON, MERGE_PATCH) if operation.method == hdrs.METH_PATCH else (JSON,)
    if request.content_type not in taken or hdrs.CONTENT_TYPE not in request.headers:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send {' or '.join(taken)}")
    try:
        return shape.model_validate_json(await request.read())
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Problem.of(HTTPStatus.BAD_REQUEST, "the body is not JSON", error) from None
        raise Problem.of(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is not what is taken here", error) from None
