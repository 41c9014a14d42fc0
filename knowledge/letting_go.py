"""Freeing large values little by little. Freed at once they would hold the interpreter's lock, and with it everything."""

from __future__ import annotations

from typing import Any


def let_go(*many: list[Any] | dict[Any, Any]) -> None:
    """Empties collections item by item; call it in a thread. What somebody else still holds stays."""
    for items in many:
        while items:
            items.popitem() if isinstance(items, dict) else items.pop()
