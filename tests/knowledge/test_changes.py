"""What changes between two packs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.changes import KINDS, EntryChange, pack_changes, pack_of
from knowledge.codec import to_json
from knowledge.model import Pack, Sector

KEYS = st.lists(st.sampled_from("abcdef"), unique=True)


def sectors(keys: str, name: str = "n") -> Pack:
    return Pack(sectors=tuple(Sector(key, name) for key in keys))


def played(old: Pack, changes: list[EntryChange]) -> Pack:
    """What a store must do with changes, slowly: put each entry where its change says, keep the others' order."""
    start = pack_changes(Pack(), old)
    places: dict[tuple[str, str], tuple[int | None, Any]] = {(c.kind, c.key): (c.position, c.body) for c in start}
    for change in changes:
        places[change.kind, change.key] = (change.position, change.body)
    living = [(kind, place or 0, key, body) for (kind, key), (place, body) in places.items() if body is not None]
    return pack_of((kind, key, body) for kind, _, key, body in sorted(living, key=lambda entry: entry[:3]))


def test_equal_packs_need_no_change() -> None:
    assert pack_changes(sectors("abc"), sectors("abc")) == []


def test_only_what_differs_is_named() -> None:
    old = sectors("abc")
    new = Pack(sectors=(*old.sectors[:2], Sector("c", "other"), Sector("d", "n")))
    assert pack_changes(old, new) == [
        EntryChange("sector", "c", 2, to_json(new.sectors[2])),
        EntryChange("sector", "d", 3, to_json(new.sectors[3])),
    ]


def test_what_is_gone_loses_its_body_and_what_follows_moves_up() -> None:
    old = sectors("abc")
    assert pack_changes(old, sectors("ac")) == [
        EntryChange("sector", "b", None, None),
        EntryChange("sector", "c", 1, to_json(old.sectors[2])),
    ]


def test_groups_of_synonyms_with_the_same_first_word_are_told_apart() -> None:
    pack = Pack(synonyms=(("看病", "就医"), ("看病", "看医生"), ()))
    assert [change.key for change in pack_changes(Pack(), pack)] == ["看病", "看病#2", ""]


@given(KEYS, KEYS, st.sampled_from("nm"))
def test_the_changes_turn_one_pack_into_the_other(before: list[str], after: list[str], name: str) -> None:
    old, new = sectors("".join(before)), sectors("".join(after), name)
    assert played(old, pack_changes(old, new)) == new


@settings(max_examples=50)
@given(st.from_type(Pack))
def test_every_kind_of_entry_survives_in_its_order(pack: Pack) -> None:
    changes = pack_changes(Pack(), pack)
    assert {change.kind for change in changes} <= KINDS.keys()
    assert pack_of((change.kind, change.key, change.body or {}) for change in changes) == pack


def test_an_unreadable_entry_is_named() -> None:
    with pytest.raises(ValueError, match="sector 'tech': Sector without code, name"):
        pack_of([("sector", "tech", {})])


def test_a_kind_that_only_a_newer_version_knows_is_passed_over() -> None:
    assert pack_of([("riddle", "1", {"x": 1})]) == Pack()
