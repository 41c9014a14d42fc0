"""An index that is made from an older one is the one that would be built anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import revising
from knowledge.library import Library
from knowledge.pack import shipped
from knowledge.postings import Entries, Field, Postings
from knowledge.revising import Indexed
from knowledge.synonyms import Synonyms

ANY = settings(deadline=None)  # machines are slow at times
SYNONYMS = Synonyms([("老外", "外国人"), ("看病", "就医")])
WORDS = ("老外能考证吗", "跨境金融", "看病", "qflp fund", "数据出境", "外国人就医", "绿茶", "yiwangtongban")
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
entries = st.lists(st.builds(Field, texts, st.sampled_from((1.0, 3.0))), max_size=3)


@pytest.fixture(autouse=True, scope="module")
def _small_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revising, "PIECE", 50)
        yield


def same(one: Postings, other: Postings) -> bool:
    arrays = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Postings)]
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)


def revised(old: Entries, new: Entries) -> Postings | None:
    return revising.revised(Indexed(old, Postings.of(old, SYNONYMS)), new, SYNONYMS)


@ANY
@given(st.lists(st.tuples(entries, st.booleans())), st.lists(st.tuples(st.integers(0, 20), entries)))
def test_after_removing_and_adding_entries(
    old: list[tuple[list[Field], bool]], added: list[tuple[int, list[Field]]]
) -> None:
    new = [entry for entry, stays in old if stays]
    for place, entry in added:
        new.insert(place, entry)
    made = revised([entry for entry, _ in old], new)
    assert made
    assert same(made, Postings.of(new, SYNONYMS))


@ANY
@given(st.lists(entries, unique_by=id), st.randoms())
def test_after_changing_their_order(old: list[list[Field]], random: Random) -> None:
    new = old[:]
    random.shuffle(new)
    made = revised(old, new)
    assert (made is not None) == (list(map(id, new)) == list(map(id, old)))
    assert made is None or same(made, Postings.of(new, SYNONYMS))


def test_a_library_made_from_an_older_one_answers_as_one_that_is_built_anew() -> None:
    old = shipped()
    changed = replace(old.measures[5], title="宠物美容师可以跨境执业", keywords=(), aliases=(), asked_as=())
    new = replace(old, measures=(*old.measures[1:5], changed, *old.measures[6:], replace(old.measures[0], ordinal=99)))
    one, other = Library(new, before=Library(old)), Library(new)
    for text in ("宠物美容师", "QFLP", "老外能考证吗", old.measures[0].title, "今天天气", "金融", "63号文第8条"):
        assert one.find(text) == other.find(text)
    assert one.find("宠物美容师跨境执业").matches[0].measure == changed


def test_new_synonyms_reach_the_measures_that_stay() -> None:
    pack = shipped()
    cats = replace(pack.measures[5], title="宠物猫可以托运", keywords=(), aliases=(), asked_as=())
    old = replace(pack, measures=(*pack.measures[:5], cats, *pack.measures[6:]))
    new = Library(replace(old, synonyms=(*old.synonyms, ("宠物猫", "喵星人"))), before=Library(old))
    assert new.find("喵星人").matches[0].measure == cats
