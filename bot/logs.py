"""Logging for operators: one line per event, on stderr."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import TextIO

from aiohttp.http_exceptions import HttpProcessingError

from knowledge import trace

GATHER_SECONDS = 0.1  # how long a line waits for others: writing each on its own costs more than making it
LONGEST = 200  # characters of what a client sent

_NOWHERE = logging.NullHandler()


class ConsoleLines(logging.Formatter):
    """One line for people at a terminal, whatever the message holds."""

    def __init__(self) -> None:
        super().__init__()
        self._second = lru_cache(1)(lambda second: time.strftime(self.default_time_format, time.localtime(second)))

    def format(self, record: logging.LogRecord) -> str:
        at = f"{self._second(int(record.created))},{record.msecs:03.0f}"
        request = getattr(record, "fields", {}).get("request") or trace.current()  # a delivery names what caused it
        cause = f" [{request}]" if request else ""
        line = _printable(f"{at} {record.levelname:<7} {record.name}: {record.getMessage()}{cause}")
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """One JSON object a line, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request := trace.current()) is not None:
            entry["request"] = request
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return _printable(json.dumps(entry, ensure_ascii=False))


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines to stderr: warnings at once, with what came before them; what nobody waits for several lines at a time."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(self.format(record))
            if record.levelno >= logging.WARNING:
                self.flush()
            elif len(self._lines) == 1:  # later ones are written with it
                self._flush_soon()
        except Exception:
            self.handleError(record)

    def _flush_soon(self) -> None:
        if loop := _running_loop():
            loop.call_later(GATHER_SECONDS, self.flush)
        else:
            self.flush()

    def flush(self) -> None:
        """Also called at the process's end."""
        self.acquire()
        try:
            lines, self._lines = self._lines, []  # before they are written: what cannot be is lost, not kept for ever
            self.stream.write("".join(f"{line}\n" for line in lines))
            super().flush()
        finally:
            self.release()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # this is another thread
        return None


def silence() -> None:
    """Until `configure` nothing is logged: what a command has to say, it prints."""
    logging.getLogger("pilotbot").addHandler(_NOWHERE)


def configure(level: str, style: str) -> None:
    """:param level: as in PILOTBOT_LOG_LEVEL. :param style: 'console' or 'json'."""
    # What no line shows need not be found out for each: https://docs.python.org/3/howto/logging.html#optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = Lines()
    handler.setFormatter(JsonLines() if style == "json" else ConsoleLines())
    logging.getLogger("aiohttp.server").addFilter(shorten)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("pilotbot").setLevel(level.upper())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns each second of a run that takes longer


def shorten(record: logging.LogRecord) -> bool:
    """What a client sent that is no HTTP is one line of the log, not a traceback. For `addFilter`."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = "a request could not be read: %s", (" ".join(str(error).split())[:LONGEST],)
    return True


def _printable(line: str) -> str:
    """What would break the line, colour the terminal or turn its direction is escaped, as JSON does."""
    return line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
