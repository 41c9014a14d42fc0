"""Large values are freed one small part at a time, and only what nobody else holds."""

from __future__ import annotations

import weakref

from knowledge.letting_go import let_go


class Leaf:
    """What a large value is made of."""


def test_what_nobody_else_holds_is_freed() -> None:
    kept, listed, mapped = Leaf(), Leaf(), Leaf()
    held = [weakref.ref(leaf) for leaf in (listed, mapped)]
    leaves, by_name = [kept, listed], {"mapped": mapped}
    del listed, mapped
    let_go(leaves, by_name)
    assert [leaf() for leaf in held] == [None, None]
    assert (leaves, by_name) == ([], {})
    assert weakref.ref(kept)() is kept
