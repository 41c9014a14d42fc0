"""A line on a terminal that shows how far an import has come."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import TextIO

from handlers.importing import Progress, unwatched

CELLS = 30  # of the bar
ERASE = "\r\033[K"


@contextmanager
def progress_bar(out: TextIO) -> Iterator[Progress]:
    """Draws what it is told over one line and leaves nothing behind. Where unwatched is watching it is silent:
    a command that fails says so in one line.
    """
    if not out.isatty():
        yield unwatched
        return

    def draw(stage: str, share: float | None = None) -> None:
        print(ERASE + line(stage, share, shutil.get_terminal_size().columns), end="", file=out, flush=True)

    try:
        yield draw
    finally:
        print(ERASE, end="", file=out, flush=True)


def line(stage: str, share: float | None, columns: int) -> str:
    """The bar, where the share (0 to 1) is known, and the stage; narrower than the terminal, as a line that
    wraps cannot be drawn over.
    """
    bar = "" if share is None else f"[{'#' * round(share * CELLS):{CELLS}}] {share:4.0%}  "
    widths = accumulate(map(_width, bar + stage))
    return "".join(character for character, end in zip(bar + stage, widths, strict=True) if end < columns)


def _width(character: str) -> int:
    """Columns of a terminal that a character takes."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
