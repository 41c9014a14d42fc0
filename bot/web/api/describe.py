"""The table of operations as an OpenAPI 3.1 description: https://spec.openapis.org/oas/v3.1.0"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Literal

from pydantic import TypeAdapter

from bot.web.api.operations import Body, Operation, Query
from bot.web.api.problems import MEDIA_TYPE, ProblemDetails
from bot.web.api.uploads import FILE
from bot.web.api.uploads import MEDIA_TYPE as UPLOAD

OPENAPI = "3.1.0"
SCHEME = "token"
EVERYWHERE = (400, 404, 405, 406)  # what any operation may answer
CONDITIONS = (412, 428)
BODIES = (413, 415, 422)
PARAMETER = re.compile(r"\{(\w+)\}")
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what you change, so that nobody's work is overwritten",
    "schema": {"type": "string"},
}
DESCRIBED = {"id": "<document slug>/<item>.<ordinal>, such as mofcom-2021-63/2.13"}

Mode = Literal["validation", "serialization"]


def description(operations: Sequence[Operation], server: str) -> dict[str, Any]:
    """:param server: what the paths are below."""
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "pilotbot",
            "version": version("pilotbot"),
            "description": "Measures of policy pilots: reading is public, everything else needs a token.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {SCHEME: {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(operations: Iterable[Operation]) -> tuple[dict[tuple[str, str], Any], dict[str, Any]]:
    """(operationId, mode) -> schema of body or answer, and the named ones that they refer to."""
    wanted: list[tuple[str, Mode, TypeAdapter[Any]]] = [("problem", "serialization", TypeAdapter(ProblemDetails))]
    for operation in operations:
        if operation.answer is not None:
            wanted.append((operation.name, "serialization", TypeAdapter(operation.answer)))
        if (taken := operation.body or operation.uploads) is not None:
            wanted.append((operation.name, "validation", TypeAdapter(taken)))
    found, named = TypeAdapter.json_schemas(wanted, ref_template="#/components/schemas/{model}")
    return {(str(key), str(mode)): schema for (key, mode), schema in found.items()}, named["$defs"]


def _operation(operation: Operation, schemas: dict[tuple[str, str], Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        schema = schemas[operation.name, "validation"]
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.uploads is not None:
        described["requestBody"] = {"required": True, "content": {UPLOAD: {"schema": _upload(operation.uploads)}}}
    if operation.admin:
        described["security"] = [{SCHEME: []}]
    return described


def _upload(fields: type[Body]) -> dict[str, Any]:
    """The files, and the fields beside them."""
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
    beside = fields.model_json_schema(mode="validation").get("properties", {})
    return {"type": "object", "properties": {FILE: files, **beside}, "required": [FILE]}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    in_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": DESCRIBED.get(name, ""),
            "schema": {"type": "string", "minLength": 1},
        }
        for name in PARAMETER.findall(operation.path)
    ]
    return in_path + _query(operation.query) + ([IF_MATCH] if operation.conditional else [])


def _query(shape: type[Query]) -> list[dict[str, Any]]:
    schema = shape.model_json_schema(mode="validation")
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(each, schema)}
        for name, each in schema.get("properties", {}).items()
    ]


def _inlined(schema: Any, whole: dict[str, Any]) -> Any:
    """A parameter's schema without references: the definitions of a query stand nowhere else."""
    if isinstance(schema, list):
        return [_inlined(each, whole) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref", "")
    found = whole["$defs"][reference.rpartition("/")[2]] if reference else {}
    return found | {name: _inlined(value, whole) for name, value in schema.items() if name != "$ref"}


def _responses(operation: Operation, schemas: dict[tuple[str, str], Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, words in operation.statuses.items():
        answers[str(status)] = {"description": words}
        if operation.answer is not None and status != HTTPStatus.NO_CONTENT:
            schema = schemas[operation.name, "serialization"]
            answers[str(status)]["content"] = {"application/json": {"schema": schema}}
    problem = {MEDIA_TYPE: {"schema": schemas["problem", "serialization"]}}
    for status in sorted(_failures(operation)):
        answers[str(status)] = {"description": HTTPStatus(status).phrase, "content": problem}
    return answers


def _failures(operation: Operation) -> set[int]:
    found = {*EVERYWHERE, *operation.problems, 503}
    if operation.admin:
        found |= {401, 403}
    if operation.conditional:
        found |= set(CONDITIONS)
    if operation.uploads is not None:
        found.add(HTTPStatus.REQUEST_TIMEOUT)
    return found | set(BODIES) if operation.body or operation.uploads else found
