"""Logging for operators: one line per event, on stderr."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_NOWHERE = logging.NullHandler()


class JsonLines(logging.Formatter):
    """One JSON object a line, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def silence() -> None:
    """Until `configure` nothing is logged: what a command has to say, it prints."""
    logging.getLogger("pilotbot").addHandler(_NOWHERE)


def configure(level: str, style: str) -> None:
    """:param level: as in PILOTBOT_LOG_LEVEL. :param style: 'console' or 'json'."""
    handler = logging.StreamHandler(sys.stderr)
    console = logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if style == "json" else console)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("pilotbot").setLevel(level.upper())
