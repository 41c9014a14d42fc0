from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from bot.web.api.context import Context
from bot.web.api.site import application
from bot.web.api.table import operations
from tests.bot.web.conftest import Client

BEYOND = {"HEAD", "OPTIONS"}  # not worth a description


@pytest.fixture
async def description(api: Client) -> dict[str, Any]:
    response = await api.get("/api/v1/openapi.json")
    assert response.content_type == "application/json"
    described: dict[str, Any] = await response.json()
    return described


def routed(app: web.Application) -> set[tuple[str, str]]:
    return {
        (route.method, route.resource.canonical.replace("{id:.+}", "{id}"))
        for route in app.router.routes()
        if route.resource and route.method not in BEYOND
    }


async def test_what_is_routed_is_described_and_nothing_else(context: Context, description: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, methods in description["paths"].items() for method in methods}
    assert routed(application(operations(context), {})) - described == {("GET", "/openapi.json")}
    assert described <= routed(application(operations(context), {}))


async def test_every_name_is_used_once_and_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    names = [each["operationId"] for methods in description["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names))
    text = json.dumps(description)
    assert "#/$defs/" not in text
    wanted = {part.partition('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert wanted
    assert wanted <= description["components"]["schemas"].keys()


async def test_what_needs_a_token_says_so(context: Context, description: dict[str, Any]) -> None:
    for operation in operations(context):
        described = description["paths"][operation.path][operation.method.lower()]
        assert ("security" in described, "401" in described["responses"]) == (operation.admin, operation.admin)
        if operation.method != "GET" and operation.path != "/ask":
            assert operation.admin, "every write needs a token"
