"""Memory that the process no longer needs, and when to look for it."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

FULL_AFTER = 10_000  # younger collections before a full one; Python's default is 10


def collect_rarely() -> None:
    """Makes full garbage collections rare. Each walks through all objects and holds everything up meanwhile, by 0.3 s
    with 10,000 measures, and reading 100,000 should not call for one. The young ones, which find nearly all, stay.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_AFTER)


def give_back() -> None:
    """Returns freed memory to the system where the C library can (glibc): building the index of 100,000 entries frees
    some 600 MiB that would stay with the process otherwise. Takes a moment; runs without the interpreter's lock.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def settle() -> None:
    """Takes what lives now out of the collector's sight: looking through a built index again and again would hold the
    event loop, for 10 ms with the knowledge that ships and for seconds with 100,000 entries. Counting references still
    frees all of it. Takes no time.
    """
    gc.freeze()
