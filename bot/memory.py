"""Memory that the process no longer needs."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Returns freed memory to the system where the C library can (glibc): building the index of 100,000 entries frees
    some 600 MiB that would stay with the process otherwise. Takes a moment; runs without the interpreter's lock.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
