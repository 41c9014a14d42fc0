"""Places elsewhere: what a plan does not speak of."""

from __future__ import annotations

import pytest

from knowledge.places import Places

PLACES = Places(lambda: ["上海与苏州的口岸协同", "邮轮"])


@pytest.mark.parametrize(
    ("text", "much"),
    [
        ("深圳邮轮补贴", 1.0),
        ("邮轮在深圳怎么靠", 0.5),
        ("邮轮怎么靠", 0.0),
        ("苏州怎么协同", 0.0),
        ("苏州和深圳怎么协同", 0.5),
    ],
)
def test_only_a_place_that_no_entry_names_counts_and_most_in_front(text: str, much: float) -> None:
    assert PLACES.elsewhere(text) == much
    assert PLACES.elsewhere(text) == much  # also once it is known
