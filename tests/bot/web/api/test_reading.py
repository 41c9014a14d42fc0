from __future__ import annotations

from typing import Any

import pytest

from bot.web.api.problems import MEDIA_TYPE
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import AIMS, BLACK, ENDED, EXPORT, GREEN, MUGS, OLD, PUBLIC_URL


async def got(api: Client, path: str) -> Any:
    response = await api.get(f"/api/v1{path}")
    assert (response.status, response.content_type) == (200, "application/json"), await response.text()
    return await response.json()


async def ids(api: Client, query: str) -> list[str]:
    return [item["id"] for item in (await got(api, f"/measures?per_page=100&{query}"))["items"]]


async def test_a_measure_shows_what_its_page_shows(api: Client) -> None:
    measure = await got(api, f"/measures/{GREEN.id}")
    assert measure["title"] == "绿茶直接出园"
    assert measure["clause"] == "第1条第1项"
    assert measure["sectors"] == ["field", "shop"]
    assert measure["text"] == "允许茶园直接出售绿茶。\n散装除外。"
    assert (measure["valid_from"], measure["valid_to"]) == ("2028-04-01", "2031-03-01")
    assert measure["url"] == f"{PUBLIC_URL}/measures/{GREEN.id}"
    assert measure["status_note"] == ENDED


async def test_the_slash_of_an_id_may_be_escaped(api: Client) -> None:
    assert await got(api, "/measures/tea-2028-5%2F1.1") == await got(api, "/measures/tea-2028-5/1.1")


async def test_a_retired_measure_says_what_replaced_it(api: Client) -> None:
    measure = await got(api, f"/measures/{OLD.id}")
    assert (measure["status"], measure["replaced_by"]) == ("retired", GREEN.id)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("document=tea-2028-5", [GREEN.id, BLACK.id]),
        ("document=tea-2028-5&overview=true", [AIMS.id, GREEN.id, BLACK.id]),
        ("document=tea-2028-5&status=all", [GREEN.id, BLACK.id, OLD.id]),
        ("status=retired", [OLD.id]),
        ("sector=field", [GREEN.id, BLACK.id]),
        ("sector=shop&document=cup-2029-7", [EXPORT.id, *(mug.id for mug in MUGS)]),
        ("q=绿茶和红茶", [GREEN.id, BLACK.id]),
        ("q=茶&sector=shop", [GREEN.id, EXPORT.id]),
        ("q=咖啡", []),
        ("sector=none", []),
    ],
)
async def test_measures_are_searched_and_narrowed(api: Client, query: str, found: list[str]) -> None:
    assert await ids(api, query) == found


async def test_following_next_visits_every_measure_once(api: Client) -> None:
    path, seen = "/api/v1/measures?per_page=7", list[str]()
    while path:
        response = await api.get(path)
        page = await response.json()
        assert page["total"] == 45
        assert (page["next"] is not None) == ('rel="next"' in response.headers.get("Link", ""))
        seen += [item["id"] for item in page["items"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 45


async def test_documents_and_sectors_count_their_measures(api: Client) -> None:
    documents = (await got(api, "/documents"))["items"]
    assert [(d["slug"], d["number"], d["measures"]) for d in documents] == [
        ("tea-2028-5", "茶发2028年第5号", 2),
        ("cup-2029-7", "杯发〔2029〕7号", 43),
    ]
    assert await got(api, "/documents/tea-2028-5") == documents[0]
    sectors = (await got(api, "/sectors"))["items"]
    assert [(s["code"], s["measures"]) for s in sectors] == [("field", 2), ("shop", 43), ("empty", 0)]
    assert await got(api, "/sectors/shop") == sectors[1]


async def test_milestones_come_with_their_reminders(api: Client) -> None:
    (end,) = await got(api, "/milestones?from=2031-01-01")
    assert (end["pilot"], end["milestone"], end["date"], end["derived"]) == ("tea-2028-5", "end", "2031-03-01", True)
    assert [reminder["lead"] for reminder in end["reminders"]] == [30, 7, 1, 0]
    assert end["reminders"][0]["at"] == "2031-01-30T09:10:00+08:00"
    assert [m["milestone"] for m in await got(api, "/milestones?to=2029-12-31")] == ["start", "year-1", "mid-term"]


async def test_a_question_is_answered_alike_by_get_and_post(api: Client) -> None:
    answer = await got(api, "/ask?q=绿茶&top=1")
    posted = await api.post("/api/v1/ask", json={"q": "绿茶", "top": 1})
    assert answer == await posted.json()
    assert answer["status"] == "answer"
    assert answer["results"][0] == {
        "id": GREEN.id, "score": 0.9, "title": GREEN.title, "summary": GREEN.summary, "document": "tea-2028-5",
        "clause": "第1条第1项", "sectors": ["field", "shop"], "url": f"{PUBLIC_URL}/measures/{GREEN.id}",
        "status_note": ENDED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/measures/tea-2028-5/9.9", 404),
        ("GET", "/measures/", 404),
        ("GET", "/documents/%00", 404),
        ("GET", "/documents/%ED%A0%80", 404),
        ("GET", "/sectors/none", 404),
        ("GET", "/none", 404),
        ("GET", "/measures?page=0", 400),
        ("GET", "/measures?page=1&page=2", 400),
        ("GET", "/measures?status=lost", 400),
        ("GET", "/milestones?from=soon", 400),
        ("GET", "/ask", 400),
        ("PATCH", "/sectors", 405),
        ("TRACE", "/measures", 405),
        ("POST", "/ask", 415),
    ],
)
async def test_what_cannot_be_done_is_told_as_problem_details(api: Client, method: str, path: str, status: int) -> None:
    response = await api.request(method, f"/api/v1{path}")
    problem = await response.json()
    assert (response.status, response.content_type) == (status, MEDIA_TYPE)
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert problem["title"]
    assert problem["detail"]
    assert ("Allow" in response.headers) == (status == 405)


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        (b"{", 400, ""),
        (b"\xff", 400, ""),
        (b"[" * 100_000, 400, ""),
        (b"[]", 422, ""),
        (b'{"q": 1}', 422, "q"),
        (b'{"q": "x", "topp": 1}', 422, "topp"),
        (b'{"q": "x", "top": "1"}', 422, "top"),
    ],
)
async def test_a_body_that_is_wrong_says_where(api: Client, body: bytes, status: int, where: str) -> None:
    response = await api.post("/api/v1/ask", data=body, headers={"Content-Type": "application/json"})
    assert response.status == status
    assert [error["where"] for error in (await response.json())["errors"]] == [where]


@pytest.mark.parametrize(
    ("accept", "status"),
    [("*/*", 200), ("text/html, application/json;q=0.5", 200), ("application/*", 200), ("text/html", 406),
     ("application/json;q=0", 406)],
)  # fmt: skip
async def test_who_takes_no_json_is_told_so(api: Client, accept: str, status: int) -> None:
    assert (await api.get("/api/v1/sectors", headers={"Accept": accept})).status == status


async def test_head_and_options_work_at_every_address(api: Client) -> None:
    assert (await api.head("/api/v1/measures")).status == 200
    options = await api.options(f"/api/v1/measures/{GREEN.id}")
    assert options.status == 204
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["Allow"].split(","))
