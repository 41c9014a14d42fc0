"""Values to JSON and back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.model import Block, Reply, State, Welcomed
from knowledge.codec import from_json, to_json
from knowledge.model import Document, Measure, OutOfScope, PilotFact, Sector, Status

CARDS = st.none() | st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text()))
REPLIES = st.builds(Reply, card=CARDS)  # a card is any JSON
MODELS: st.SearchStrategy[Any] = REPLIES | st.sampled_from(
    [Document, Sector, Measure, OutOfScope, PilotFact, State]
).flatmap(st.from_type)


@given(MODELS)
def test_what_was_stored_as_json_comes_back_equal(value: Any) -> None:
    stored = json.loads(json.dumps(to_json(value)))
    assert stored == to_json(value)
    assert from_json(type(value), stored) == value


def test_dates_enums_and_nested_values_have_a_readable_form() -> None:
    welcomed = to_json(Welcomed("zhang", date(2026, 3, 4)))
    assert welcomed["on"] == "2026-03-04"
    state = to_json(State("zhang"))
    assert state["listing"] == {"ids": [], "heading": "", "start": 0, "end": 0}
    assert to_json(Reply((Block("你好"),)))["blocks"] == [{"text": "你好", "cuttable": False}]
    assert to_json(Measure("a/1.1", "a", 1, 1, (), "t", "s", status=Status.RETIRED))["status"] == "retired"
    assert to_json(Document("a", "t", "n", "i", date(2026, 3, 4), items={2: "x"}))["items"] == {"2": "x"}


def test_a_row_of_another_version_gets_defaults_and_loses_what_is_unknown() -> None:
    row = {"id": "a/1.1", "document": "a", "item": 1, "ordinal": 1, "sectors": ["tech"], "title": "t", "summary": "s"}
    row |= {"mood": "fine", "note": None, "keywords": None}
    assert from_json(Measure, row) == Measure("a/1.1", "a", 1, 1, ("tech",), "t", "s")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"code": "tech"}, "Sector without name"),
        ({}, "Sector without code, name"),
        ({"code": "tech", "name": None}, "Sector without name"),
        ({"code": "tech", "name": "科技", "aliases": 3}, "not iterable"),
        ({"code": "tech", "name": "科技", "aliases": "abc"}, "text in place of a list"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(body: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        from_json(Sector, body)


@pytest.mark.parametrize("damage", [{"issued": "yesterday"}, {"issued": 4}, {"items": ["x"]}, {"items": {"two": "x"}}])
def test_damaged_fields_are_a_value_error_whatever_their_type(damage: dict[str, Any]) -> None:
    body = to_json(Document("a", "t", "n", "i", date(2026, 3, 4)))
    with pytest.raises(ValueError, match=r"."):
        from_json(Document, body | damage)
