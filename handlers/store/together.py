"""Many writes in one transaction, where one that cannot be written takes no other with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from knowledge.errors import Unavailable

T = TypeVar("T")


async def write_together(
    items: Sequence[T], write: Callable[[Sequence[T]], Awaitable[object]]
) -> list[tuple[T, Exception]]:
    """Writes all that can be written, in as few calls as it takes to tell the others apart, which are returned.

    :param write: all or nothing, and nothing twice: it may get again what it has written before.
    :raises Unavailable: the database does not answer; some may be written.
    """
    try:
        await write(items)
    except Unavailable:
        raise
    except Exception as error:
        if len(items) == 1:
            return [(items[0], error)]
        half = len(items) // 2
        return [*await write_together(items[:half], write), *await write_together(items[half:], write)]
    return []
