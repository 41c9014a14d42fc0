"""What the allocator keeps of freed memory, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable


def _trimmer() -> Callable[[int], int] | None:
    """glibc's malloc_trim; other C libraries have none, and may not need one."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    return trim


_trim = _trimmer()


def give_back() -> None:
    """After work that took much memory for a moment. Building an index leaves some 30 MB that glibc would keep."""
    if _trim:
        _trim(0)
