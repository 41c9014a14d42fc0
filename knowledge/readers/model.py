"""What a reader gives: the lines of a document with their origin, or one error in plain words.

ReadError       a file that cannot be read: wrong kind, damaged, too large, or not text at all
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from knowledge.readers import texts


class Unit(StrEnum):
    """What the numbers of a text's lines count; the value is the Chinese measure word."""

    LINE = "行"
    PARAGRAPH = "段"
    PAGE = "页"


@dataclass(frozen=True, slots=True)
class Line:
    text: str  # as it stands in the file, markup removed
    number: int  # where it stands, from 1, in the unit of its Text
    cells: tuple[str, ...] = ()  # the cells of a table row; () for running text
    heading: int = 0  # level of what the format marks as a heading, 1 the outermost, which joins no neighbour; 0: none
    goes_on: bool = False  # the format says that the line belongs to the paragraph of the one before it


@dataclass(frozen=True, slots=True)
class Text:
    file: str  # name of the file, for messages
    unit: Unit
    lines: tuple[Line, ...]


class ReadError(Exception):
    """A document that cannot be read. `message` is Chinese and says what to do."""

    def __init__(self, file: str, message: str, line: int | None = None, column: int | None = None) -> None:
        """:param line: line of the file, from 1, where one is to blame; `column`: character in it, from 1."""
        super().__init__(file, message, line, column)
        self.file = file
        self.line = line
        self.column = column
        self.message = message

    def __str__(self) -> str:
        return texts.located(self.file, self.line, self.column, self.message)


class Stopwatch:
    """A limit on the time that one file may take."""

    def __init__(self, file: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._end = clock() + seconds

    def check(self) -> None:
        """:raises ReadError: when the time is used up."""
        if self._clock() > self._end:
            raise ReadError(self._file, texts.TOO_SLOW)
