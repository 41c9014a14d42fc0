"""A sector or a document as a file, which Word and spreadsheet programs open as text and nothing else."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openpyxl import load_workbook

from bot.web.downloads import Downloads
from knowledge.library import Library
from knowledge.readers import read
from tests.bot.web.shelf import ENDED, GREEN, PACK, PUBLIC_URL, status_note

EVIL = replace(GREEN, id="tea-2028-5/1.9", ordinal=9, title='=HYPERLINK("x")', summary="<w:p>&\x0b坏字符")


@pytest.fixture
async def client() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    library = Library(replace(PACK, measures=(*PACK.measures, EVIL)))
    app = web.Application()
    app.add_routes(Downloads(lambda: library, status_note, PUBLIC_URL).routes())
    async with TestClient(TestServer(app)) as client:
        yield client


async def body(client: TestClient[web.Request, web.Application], path: str) -> bytes:
    answer = await client.get(path)
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return await answer.read()


async def test_a_sector_is_a_word_file(client: TestClient[web.Request, web.Application]) -> None:
    text = read("x.docx", await body(client, "/measures.docx?sector=field"))
    lines = [line.text for line in text.lines]
    assert lines[0] == "茶园"
    for line in (f"5号文：{ENDED}", GREEN.title, GREEN.summary, f"{PUBLIC_URL}/measures/{GREEN.id}", "<w:p>&坏字符"):
        assert line in lines


async def test_a_document_is_a_table_without_formulas(client: TestClient[web.Request, web.Application]) -> None:
    book = load_workbook(io.BytesIO(await body(client, "/measures.xlsx?document=tea-2028-5")))
    rows = list(book.worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0]][:3] == ["编号", "文件", "条款"]
    assert GREEN.id in [row[0].value for row in rows]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}  # n: an empty one
    assert not any(str(cell.value or "").startswith("=") for row in rows for cell in row)


@pytest.mark.parametrize("path", ["/measures.docx", "/measures.xlsx?sector=none", "/measures.docx?document=none"])
async def test_nothing_in_particular_is_404(client: TestClient[web.Request, web.Application], path: str) -> None:
    assert (await client.get(path)).status == 404
