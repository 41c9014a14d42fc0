from __future__ import annotations

import logging
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.web import texts
from bot.web.assets import FOLDER
from bot.web.site import install
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import application


async def stylesheet(client: Client) -> str:
    html = await (await client.get("/measures")).text()
    (path,) = re.findall(r'<link rel="stylesheet" href="([^"]*)"', html)
    return str(path)


async def test_static_files_may_be_kept_for_ever_under_the_address_of_their_content(client: Client) -> None:
    response = await client.get(await stylesheet(client))
    assert (response.status, response.content_type) == (200, "text/css")
    assert "immutable" in response.headers["Cache-Control"]
    assert await response.read() == (FOLDER / "site.css").read_bytes()


async def test_a_browser_that_has_the_file_is_not_sent_it_again(client: Client) -> None:
    path = await stylesheet(client)
    etag = (await client.get(path)).headers["ETag"]
    response = await client.get(path, headers={"If-None-Match": etag})
    assert (response.status, await response.read()) == (304, b"")


async def test_the_address_of_another_version_is_served_but_not_kept(client: Client) -> None:
    response = await client.get("/static/000000000000/site.css")
    assert (response.status, response.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["none.css", "..%2f..%2fpages.py", "%00"])
async def test_a_file_that_is_not_there_is_not_found(client: Client, name: str) -> None:
    assert (await client.get(f"/static/000000000000/{name}")).status == 404


def test_the_stylesheets_stay_light() -> None:
    assert all(sheet.stat().st_size < 12 * 1024 for sheet in FOLDER.glob("*.css"))


async def test_pages_are_compressed_for_who_can_read_it(client: Client) -> None:
    packed = await client.get("/measures", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/measures", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert await packed.text() == await plain.text()


@pytest.mark.parametrize(
    "path", ["/measures", "/none", "/fails", "/", "/static/000000000000/site.css", "/api/v1/fails"]
)
async def test_every_response_carries_the_security_headers(client: Client, path: str) -> None:
    headers = (await client.get(path, allow_redirects=False)).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "aiohttp" not in headers["Server"]


async def test_a_handler_may_set_a_policy_of_its_own() -> None:
    async def own(request: web.Request) -> web.Response:
        return web.Response(headers={"Content-Security-Policy": "default-src 'none'"})

    app = application()
    app.router.add_get("/own", own)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/own")).headers["Content-Security-Policy"] == "default-src 'none'"


async def test_a_failure_shows_no_detail_and_is_logged_without_the_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "pilotbot.web"):
        response = await client.get("/fails?q=secret")
    text = await response.text()
    assert response.status == 500
    assert texts.ERRORS[500][0] in text
    assert "hunter2" not in text
    assert "Traceback" not in text
    (record,) = caplog.records
    assert record.getMessage() == "GET /fails failed"
    assert record.exc_info is not None


async def test_programs_get_a_short_error_instead_of_a_page(client: Client) -> None:
    failed = await client.get("/api/v1/fails")
    assert (failed.status, failed.content_type) == (500, "text/plain")
    missing = await client.get("/wecom/none")
    assert (missing.status, missing.content_type) == (404, "text/plain")


async def test_a_wrong_method_is_explained_and_the_right_ones_named(client: Client) -> None:
    response = await client.post("/measures")
    assert (response.status, response.content_type) == (405, "text/html")
    assert response.headers["Allow"] == "GET,HEAD"
    assert texts.ERRORS[405][0] in await response.text()


async def test_only_pages_that_were_not_found_offer_a_search(client: Client) -> None:
    assert 'role="search"' in await (await client.get("/none")).text()
    assert 'role="search"' not in await (await client.get("/fails")).text()


async def test_a_page_can_be_asked_for_its_head_alone(client: Client) -> None:
    response = await client.head("/measures")
    assert (response.status, await response.read()) == (200, b"")


@pytest.mark.parametrize("status", [400, 402, 418, 500, 502, 599])
def test_every_error_status_has_words(status: int) -> None:
    assert all(texts.error_text(status))


async def test_navigation_marks_where_one_is() -> None:
    app = web.Application()
    install(app, "https://pilot.example", (("措施", "/measures"), ("里程碑", "/milestones")))
    async with TestClient(TestServer(app)) as client:
        html = await (await client.get("/milestones")).text()
    assert '<a href="/milestones" aria-current="page">里程碑</a>' in html
    assert '<a href="/measures">措施</a>' in html
