from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from knowledge.model import Pack
from tests.bot.web.conftest import Client
from tests.bot.web.shelf import (
    BLACK,
    CUP,
    ENDED,
    GREEN,
    MUGS,
    OLD,
    PUBLIC_URL,
    TEA,
    ScriptedLibrary,
    application,
    visible,
)


async def page(client: Client, path: str, status: int = 200) -> str:
    """The source of a page; fails unless it has the expected status and is one well-made HTML document."""
    response = await client.get(path)
    text = await response.text()
    assert response.status == status, text
    assert response.content_type == "text/html"
    assert text.count("<h1>") == 1
    assert '<html lang="zh-CN">' in text
    WellNested(text)
    return text


class WellNested(HTMLParser):
    """Fails on an element that is closed in the wrong place or never."""

    VOID = frozenset({"meta", "link", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def links(html: str) -> list[str]:
    return [href.replace("&amp;", "&") for href in re.findall(r'<a [^>]*href="([^"]*)"', html)]


async def test_the_first_page_leads_to_the_measures(client: Client) -> None:
    for path in ("/", "/measures/"):
        response = await client.get(path, allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (302, "/measures")


async def test_a_measure_shows_what_it_says_and_where_it_stands(client: Client) -> None:
    text = visible(await page(client, f"/measures/{GREEN.id}"))
    for part in (GREEN.title, GREEN.summary, GREEN.note, ENDED, TEA.title, TEA.number, TEA.issuer, "2028年3月1日"):
        assert part is not None
        assert part in text
    assert "第1条第1项 （种茶）" in text or "第1条第1项（种茶）" in text
    assert "允许茶园直接出售绿茶。 散装除外。" in text


async def test_dates_can_be_read_by_programs(client: Client) -> None:
    html = await page(client, f"/measures/{GREEN.id}")
    assert '<time datetime="2028-03-01">2028年3月1日</time>' in html
    assert '<time datetime="2031-03-01">2031年3月1日</time>' in html


async def test_a_measure_links_to_its_sectors_document_source_and_twin(client: Client) -> None:
    found = links(await page(client, f"/measures/{GREEN.id}"))
    for path in (
        "/measures?sector=field",
        "/measures?sector=shop",
        f"/measures?document={TEA.slug}",
        "https://tea.example/5",
        "/measures/cup-2029-7/1.1",
    ):
        assert path in found
    assert not any("9.9" in path for path in found), "a twin that is not there is no link"


async def test_wording_that_is_not_loaded_is_said_to_be_missing(client: Client) -> None:
    assert "原文尚未载入" in visible(await page(client, f"/measures/{BLACK.id}"))
    assert "原文尚未载入" not in visible(await page(client, f"/measures/{GREEN.id}"))


async def test_a_measure_leads_on_to_its_neighbours(client: Client) -> None:
    html = await page(client, f"/measures/{MUGS[0].id}")
    assert re.search(r'rel="prev" href="/measures/cup-2029-7/1.1"', html)
    assert re.search(r'rel="next" href="/measures/cup-2029-7/2.2"', html)
    assert 'rel="prev"' not in await page(client, f"/measures/{GREEN.id}")


async def test_a_retired_measure_says_so_and_what_replaced_it(client: Client) -> None:
    html = await page(client, f"/measures/{OLD.id}")
    assert "这条措施已停用" in html
    assert f"/measures/{GREEN.id}" in links(html)
    assert "这条措施已停用" not in await page(client, f"/measures/{GREEN.id}")


async def test_overview_entries_are_the_general_part_of_their_document(client: Client) -> None:
    assert "总体内容" in visible(await page(client, "/measures/tea-2028-5/0.1"))
    html = await page(client, f"/measures?document={TEA.slug}")
    assert html.index('<h2 id="overview">总体内容</h2>') < html.index("5号文的目标") < html.index('<h2 id="hits">')


async def test_text_from_the_knowledge_is_never_taken_for_markup(client: Client) -> None:
    assert "&lt;备案&gt;" in await page(client, f"/measures/{BLACK.id}")
    assert "<备案>" not in await page(client, "/measures")


async def test_a_link_that_is_no_web_address_is_not_offered(client: Client) -> None:
    assert "javascript:" not in await page(client, "/measures/cup-2029-7/1.1")


async def test_the_slash_of_an_id_may_be_escaped(client: Client) -> None:
    response = await client.get(URL(f"/measures/{BLACK.id.replace('/', '%2F')}", encoded=True))
    assert response.status == 200
    assert "&lt;备案&gt;" in await response.text()


@pytest.mark.parametrize("path", ["/measures/tea-2028-5/9.9", "/measures/no/1.1", "/measures/a%00b/%ff", "/measures/x"])
async def test_an_unknown_measure_gets_a_page_to_search_from(client: Client, path: str) -> None:
    html = await page(client, path, 404)
    assert "没有找到" in html
    assert 'role="search"' in html


async def test_knowledge_that_points_nowhere_is_still_shown() -> None:
    lost = replace(GREEN, id="gone-1/1.1", document="gone-1", sectors=("gone",))
    library = ScriptedLibrary({}, Pack(measures=(lost,)))
    async with TestClient(TestServer(application(lambda: library))) as client:
        assert "文件不在库里" in visible(await page(client, "/measures"))
        shown = visible(await page(client, "/measures/gone-1/1.1"))
    assert "文件 不在库里，出处请核实" in shown
    assert "gone-1" not in shown  # it would be taken for a document's number


async def test_an_empty_knowledge_base_says_that_there_is_nothing() -> None:
    library = ScriptedLibrary({}, Pack())
    async with TestClient(TestServer(application(lambda: library))) as client:
        assert "没有找到合适的措施" in visible(await page(client, "/measures"))


async def test_the_library_is_asked_for_each_page() -> None:
    shelves = [ScriptedLibrary({}, Pack()), ScriptedLibrary({})]
    async with TestClient(TestServer(application(lambda: shelves.pop()))) as client:
        assert GREEN.title in await page(client, "/measures")
        assert GREEN.title not in await page(client, "/measures")


async def test_a_question_is_answered_and_near_misses_are_called_so(client: Client) -> None:
    text = visible(await page(client, "/measures?q=绿茶"))
    assert text.index("找到 1 条") < text.index(GREEN.title) < text.index("也许相关") < text.index("绿茶配杯出口")


async def test_a_question_without_an_answer_is_told_honestly(client: Client) -> None:
    text = visible(await page(client, "/measures?q=咖啡"))
    assert text.index("没有找到合适的措施") < text.index("也许相关") < text.index(BLACK.title)
    assert "也许相关" not in visible(await page(client, "/measures?q=可乐"))


async def test_a_part_that_the_copy_lacks_is_named_instead_of_not_found(client: Client) -> None:
    text = visible(await page(client, "/measures?q=7号文第3条"))
    assert "第3条没有收录" in text
    assert "没有找到" not in text


async def test_a_document_says_what_its_copy_lacks(client: Client) -> None:
    assert CUP.missing is not None
    assert CUP.missing in visible(await page(client, f"/measures?document={CUP.slug}"))


async def test_the_end_of_a_pilot_is_noted_once_for_each_document_shown(client: Client) -> None:
    assert visible(await page(client, "/measures")).count(f"5号文：{ENDED}") == 1
    assert ENDED not in await page(client, f"/measures?document={CUP.slug}")


async def test_links_keep_what_was_asked(client: Client) -> None:
    html = await page(client, f"/measures?q=7号文第2条&sector=shop&document={CUP.slug}&page=2&x=1")
    (following,) = [urlsplit(href) for href in links(html) if "page=3" in href]
    asked = {"q": ["7号文第2条"], "sector": ["shop"], "document": [CUP.slug]}
    assert parse_qs(following.query) == {**asked, "page": ["3"]}
    (before,) = re.findall(r'rel="prev" href="([^"]*)"', html)
    assert parse_qs(urlsplit(before.replace("&amp;", "&")).query) == asked
    assert '<input type="hidden" name="sector" value="shop">' in html
    assert f'<input type="hidden" name="document" value="{CUP.slug}">' in html


async def test_nothing_found_within_a_filter_offers_to_look_everywhere(client: Client) -> None:
    html = await page(client, "/measures?q=可乐&sector=shop")
    (everywhere,) = re.findall(r'href="([^"]*)">在全部措施里查找', html)
    assert parse_qs(urlsplit(everywhere).query) == {"q": ["可乐"]}


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=-1",
        "page=99999999999999999999",
        "sector=nowhere",
        "document=nowhere",
        "q=%ff%00%ed%a0%80",
        "q=",
        "q=a&q=b",
    ],
)
async def test_parameters_that_make_no_sense_are_handled_kindly(client: Client, query: str) -> None:
    html = await page(client, f"/measures?{query}")
    assert 'role="search"' in html


async def test_a_question_is_shown_as_typed_and_never_as_markup(client: Client) -> None:
    html = await page(client, '/measures?q="><script>alert(1)</script>&sector="><b>')
    assert "<script" not in html
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in html


async def test_nothing_on_a_page_comes_from_elsewhere_or_stands_inline(client: Client) -> None:
    for path in ("/measures", f"/measures/{GREEN.id}", "/measures?q=绿茶"):
        html = await page(client, path)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", html)
        assert all(
            source.startswith("/static/")
            for source in re.findall(r'(?:src|<link rel="stylesheet" href)="([^"]*)"', html)
        )


async def test_a_public_address_with_a_path_leads_every_link() -> None:
    async with TestClient(TestServer(application(public_url="https://gate.example/pilot/"))) as client:
        html = await page(client, f"/measures/{GREEN.id}") + await page(client, "/measures")
        inside = [href for href in links(html) if not href.startswith(("https://", "#"))]
        assert inside
        assert all(href.startswith(("/pilot/measures", "/pilot/milestones")) for href in inside)
        assert re.search(r'href="/pilot/static/[0-9a-f]{12}/site.css"', html)
        assert f'<link rel="canonical" href="https://gate.example/pilot/measures/{GREEN.id}">' in html
        response = await client.get("/", allow_redirects=False)
        assert response.headers["Location"] == "/pilot/measures"


async def test_paper_shows_the_full_address_of_page_and_links(client: Client) -> None:
    html = await page(client, f"/measures/{GREEN.id}")
    assert f"本页地址：{PUBLIC_URL}/measures/{GREEN.id}" in html
    assert f'data-address="{PUBLIC_URL}/measures/cup-2029-7/1.1"' in html
