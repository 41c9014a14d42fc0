from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.web.browse import PAGE_SIZE, TEXT_LIMIT, Chip, Search, browse
from tests.bot.web.shelf import AIMS, BLACK, CUP, EXPORT, GREEN, LIBRARY, MUGS, OLD, PACK, TEA, ScriptedLibrary


def counts(chips: tuple[Chip, ...]) -> dict[str, int]:
    return {chip.name: chip.count for chip in chips}


@pytest.mark.parametrize("page", ["", "abc", "0", "-3", "1.5", "9" * 5000, "１e9"])
def test_a_page_that_cannot_be_read_is_the_first(page: str) -> None:
    assert Search.from_query({"page": page}).page == 1


def test_what_no_page_can_show_is_left_out_of_a_question() -> None:
    assert Search.from_query({"q": "  绿茶\x00\n\udcff  出园 "}).text == "绿茶 出园"


def test_a_question_counts_up_to_a_limit() -> None:
    assert Search.from_query({"q": "茶" * 5000}).text == "茶" * TEXT_LIMIT


def test_an_address_says_only_what_was_asked_and_reads_back_the_same() -> None:
    assert Search().path == "/measures"
    assert Search(sector="shop").path == "/measures?sector=shop"
    search = Search("绿茶 & 红茶=?", "shop", TEA.slug, 3)
    assert Search.from_query(dict(parse_qsl(urlsplit(search.path).query))) == search
    assert "page" not in search.on(1)


def test_without_a_question_every_measure_in_force_is_listed_in_order() -> None:
    results = browse(LIBRARY, Search())
    assert results.hits == (GREEN, BLACK, EXPORT, *MUGS[:17])
    assert (results.total, results.pages) == (45, 3)
    assert OLD not in results.shown
    assert AIMS not in results.shown


def test_pages_join_without_gap_or_overlap() -> None:
    pages = [browse(LIBRARY, Search(page=n)).hits for n in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5]
    assert sum(pages, ()) == LIBRARY.active


def test_a_page_beyond_the_end_is_the_last() -> None:
    assert browse(LIBRARY, Search(page=10**9)).search.page == 3


def test_a_sector_lists_its_own_measures_and_then_those_that_touch_it() -> None:
    results = [browse(LIBRARY, Search(sector="shop", page=n)) for n in (1, 2, 3)]
    assert sum((r.hits for r in results), ()) == (EXPORT, *MUGS)
    assert [r.touching for r in results] == [(), (), (GREEN,)]
    assert {r.total for r in results} == {43}


def test_pages_count_the_measures_that_touch_a_sector_too() -> None:
    touching = tuple(replace(m, sectors=("field", "shop")) for m in MUGS[:25])
    library = ScriptedLibrary({}, replace(PACK, measures=(EXPORT, *touching)))
    first, second = (browse(library, Search(sector="shop", page=n)) for n in (1, 2))
    assert (first.hits, first.touching) == ((EXPORT,), touching[:19])
    assert (second.hits, second.touching, second.total) == ((), touching[19:], 1)


def test_the_count_of_a_choice_is_what_choosing_it_lists() -> None:
    results = browse(LIBRARY, Search())
    assert counts(results.sectors) == {"全部": 45, "茶园": 2, "茶店": 43}
    assert counts(results.documents) == {"全部": 45, "5号文": 2, CUP.number: 43}
    assert browse(LIBRARY, Search(sector="field")).total == 2


def test_each_filter_counts_within_the_other() -> None:
    results = browse(LIBRARY, Search(document=TEA.slug, sector="field"))
    assert counts(results.sectors) == {"全部": 2, "茶园": 2}
    assert counts(results.documents) == {"全部": 2, "5号文": 2}


def test_a_document_opens_with_what_it_says_as_a_whole() -> None:
    assert browse(LIBRARY, Search(document=TEA.slug)).overview == (AIMS,)
    assert browse(LIBRARY, Search(document=TEA.slug, sector="field")).overview == ()


def test_an_answer_is_the_only_result_and_the_rest_may_be_related() -> None:
    results = browse(LIBRARY, Search("绿茶"))
    assert (results.hits, results.near) == ((GREEN,), (EXPORT, BLACK))
    assert results.sectors == results.documents == ()


def test_a_question_about_two_things_has_two_results() -> None:
    assert browse(LIBRARY, Search("绿茶和红茶")).hits == (GREEN, BLACK)


def test_choices_far_below_the_best_may_only_be_related() -> None:
    results = browse(LIBRARY, Search("茶"))
    assert (results.hits, results.near) == ((GREEN, BLACK, EXPORT), (MUGS[0],))


def test_a_question_can_be_narrowed_to_any_sector_of_a_measure() -> None:
    results = browse(LIBRARY, Search("茶", sector="shop"))
    assert results.hits == (GREEN, EXPORT)
    assert counts(results.sectors) == {"全部": 3, "茶园": 2, "茶店": 2}


def test_a_list_by_clause_is_shown_whole_with_its_heading() -> None:
    results = browse(LIBRARY, Search("7号文第2条", page=2))
    assert (results.heading, results.total) == ("7号文第2条", 42)
    assert results.hits == MUGS[20:40]


def test_near_misses_of_a_question_without_an_answer_are_no_results() -> None:
    results = browse(LIBRARY, Search("咖啡"))
    assert (results.hits, results.near) == ((), (BLACK,))


def test_an_unknown_sector_finds_nothing_and_offers_all() -> None:
    results = browse(LIBRARY, Search(sector="nowhere"))
    assert results.shown == ()
    assert [chip.path for chip in results.sectors if chip.name == "全部"] == ["/measures"]
    assert not any(chip.chosen for chip in results.sectors)
