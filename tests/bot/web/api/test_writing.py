from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.web.api.context import Context
from bot.web.api.operations import Operation
from bot.web.api.site import application
from bot.web.api.table import operations
from tests.bot.web.api.conftest import TOKENS
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import GREEN, OLD

ONE = f"/api/v1/measures/{GREEN.id}"


async def etag(desk: Client, path: str = ONE) -> str:
    return (await desk.get(path)).headers["ETag"]


async def told(response: ClientResponse, status: int) -> Any:
    assert response.status == status, await response.text()
    return await response.json()


async def test_a_correction_is_read_at_once_and_carries_its_author(desk: Client) -> None:
    before = await etag(desk)
    answer = await desk.patch(
        f"{ONE}?reason=typo", json={"summary": "茶园可以直接卖绿茶。"}, headers={"If-Match": before}
    )
    changed = await told(answer, 200)
    assert (changed["summary"], changed["title"]) == ("茶园可以直接卖绿茶。", GREEN.title)
    assert answer.headers["ETag"] == await etag(desk) != before
    assert (await told(await desk.get(ONE), 200))["summary"] == "茶园可以直接卖绿茶。"
    latest, first = await told(await desk.get(f"{ONE}/history"), 200)
    assert (latest["author"], latest["reason"], latest["revision"]) == ("anna", "typo", 2)
    assert (first["author"], first["fields"]["summary"]) == ("pilotbot", GREEN.summary)


async def test_two_admins_do_not_overwrite_each_other(desk: Client) -> None:
    seen = {"If-Match": await etag(desk)}
    await told(await desk.patch(ONE, json={"title": "新的题目"}, headers=seen), 200)
    bert = seen | {"Authorization": f"Bearer {TOKENS['bert']}"}
    await told(await desk.patch(ONE, json={"title": "别的题目"}, headers=bert), 412)
    assert (await told(await desk.get(ONE), 200))["title"] == "新的题目"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_change_without_the_state_it_was_made_from_is_refused(desk: Client, method: str) -> None:
    await told(await desk.request(method, ONE, json={"title": "题目", "summary": "摘要"}), 428)


async def test_what_is_read_can_be_put_back(desk: Client) -> None:
    for path in (ONE, f"/api/v1/measures/{OLD.id}", "/api/v1/documents/tea-2028-5", "/api/v1/sectors/field",
                 "/api/v1/pilots/tea-2028-5", "/api/v1/synonyms/茶"):  # fmt: skip
        read = await desk.get(path)
        shown = await told(read, 200)
        put = await desk.put(path, json=shown, headers={"If-Match": read.headers["ETag"]})
        assert await told(put, 200) == shown
        assert put.headers["ETag"] == read.headers["ETag"]


async def test_an_entry_is_created_once_by_put_or_post(desk: Client) -> None:
    fresh = {"If-None-Match": "*"}
    sector = {"name": "茶馆", "aliases": ["茶楼"]}
    created = await desk.put("/api/v1/sectors/teahouse", json=sector, headers=fresh)
    assert await told(created, 201) == {"code": "teahouse", "measures": 0, **sector}
    assert created.headers["Location"] == "/api/v1/sectors/teahouse"
    await told(await desk.put("/api/v1/sectors/teahouse", json=sector, headers=fresh), 412)
    await told(await desk.post("/api/v1/sectors", json={"code": "teahouse", **sector}), 409)
    await told(await desk.post("/api/v1/synonyms", json={"words": ["杯", "盏"]}), 201)
    assert await told(await desk.get("/api/v1/synonyms/杯"), 200) == {"words": ["杯", "盏"]}


async def test_a_new_measure_is_found_and_can_be_retired_in_favour_of_another(desk: Client) -> None:
    new = {"id": "tea-2028-5/1.3", "title": "白茶", "summary": "允许白茶出园。", "sectors": ["field"]}
    created = await desk.post("/api/v1/measures", json=new)
    measure = await told(created, 201)
    assert (measure["clause"], measure["document"]) == ("第1条第3项", "tea-2028-5")
    path = created.headers["Location"]
    condition = {"If-Match": await etag(desk, path)}
    retired = await told(await desk.delete(f"{path}?replaced_by={GREEN.id}", headers=condition), 200)
    assert (retired["status"], retired["replaced_by"]) == ("retired", GREEN.id)
    listed = await told(await desk.get("/api/v1/measures?status=retired"), 200)
    assert [item["id"] for item in listed["items"]] == [new["id"], OLD.id]


async def test_what_others_refer_to_is_not_removed(desk: Client) -> None:
    for path in ("/api/v1/sectors/field", "/api/v1/documents/tea-2028-5"):
        problem = await told(await desk.delete(path, headers={"If-Match": "*"}), 409)
        assert re.match(r"(measure|pilot) tea-2028-5\S* refers to ", problem["detail"])
    gone = await desk.delete("/api/v1/sectors/empty", headers={"If-Match": await etag(desk, "/api/v1/sectors/empty")})
    assert (gone.status, await gone.read()) == (204, b"")
    await told(await desk.get("/api/v1/sectors/empty"), 404)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        (ONE, {"title": ""}, "title"),
        (ONE, {"title": "茶" * 61}, "title"),
        (ONE, {"title": "a\u200bb"}, "title"),
        (ONE, {"summary": "x\x00y"}, "summary"),
        (ONE, {"link": "javascript:alert(1)"}, "link"),
        (ONE, {"sectors": ["none"]}, "sectors/0"),
        (ONE, {"sectors": []}, "sectors"),
        (ONE, {"also_in": ["tea-2028-5/9.9"]}, "also_in/0"),
        (ONE, {"replaced_by": GREEN.id}, "replaced_by"),
        (ONE, {"valid_from": "2031-03-02"}, "valid_to"),
        (ONE, {"valid_from": 20310302}, "valid_from"),
        (ONE, {"titel": "茶"}, ""),
        ("/api/v1/pilots/tea-2028-5", {"months": 0}, "months"),
        ("/api/v1/pilots/tea-2028-5", {"start": "1000-01-01"}, "milestones"),
        ("/api/v1/documents/tea-2028-5", {"items": {"x": "y"}}, "items/x/[key]"),
        ("/api/v1/synonyms/茶", {"words": ["茶", "茶"]}, "words"),
    ],
)
async def test_fields_that_do_not_fit_are_named(desk: Client, path: str, body: dict[str, Any], where: str) -> None:
    before = await etag(desk, path)
    problem = await told(await desk.patch(path, json=body, headers={"If-Match": "*"}), 422)
    assert where in [error["where"] for error in problem["errors"]]
    assert await etag(desk, path) == before


async def test_null_puts_the_default_and_a_field_that_must_be_there_stays(desk: Client) -> None:
    changed = await desk.patch(ONE, json={"text": None, "note": None}, headers={"If-Match": "*"})
    assert [(await told(changed, 200))[name] for name in ("text", "note")] == [None, None]
    await told(await desk.patch(ONE, json={"title": None}, headers={"If-Match": "*"}), 422)


async def test_a_milestone_moves_with_its_pilot(desk: Client) -> None:
    path = "/api/v1/pilots/tea-2028-5"
    stated = [{"kind": "mid-term", "date": "2029-10-01"}, {"kind": "visit", "date": "2030-01-08", "title": "督查"}]
    pilot = await told(await desk.patch(path, json={"milestones": stated}, headers={"If-Match": "*"}), 200)
    assert [(m["kind"], m["date"]) for m in pilot["milestones"]] == [
        ("mid-term", "2029-10-01"),
        ("visit", "2030-01-08"),
    ]


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 401), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": "Basic anna-secret"}, 401),
     ({"Authorization": "Bearer é"}, 401), ({"Authorization": "bearer anna-secret"}, 200)],
)  # fmt: skip
async def test_only_who_holds_a_token_gets_in(api: Client, header: dict[str, str], status: int) -> None:
    response = await api.get("/api/v1/synonyms", headers=header)
    assert response.status == status
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


async def test_every_operation_that_is_not_public_is_closed(context: Context) -> None:
    closed = [operation for operation in operations(context) if operation.admin]
    assert closed
    async with TestClient(TestServer(_alone(closed, TOKENS))) as locked:
        for operation in closed:
            assert (await locked.request(operation.method, _example(operation))).status == 401, operation.name
    async with TestClient(TestServer(_alone(closed, {}))) as shut:
        for operation in closed:
            assert (await shut.request(operation.method, _example(operation))).status == 403, operation.name


def _alone(rows: list[Operation], tokens: dict[str, str]) -> web.Application:
    app = web.Application()
    app.add_subapp("/api/v1", application(rows, tokens))
    return app


def _example(operation: Operation) -> str:
    return "/api/v1" + re.sub(r"{\w+}", "x", operation.path)
