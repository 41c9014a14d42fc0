"""Work on the knowledge that must not hold the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from knowledge.library import Library

Found = TypeVar("Found")


async def aside(library: Library, work: Callable[[], Found]) -> Found:
    """What `work` returns: computed in a thread where the library is large, at once where that is quicker."""
    return await asyncio.to_thread(work) if library.is_large else work()
