from __future__ import annotations

import json
import logging
import sys

import pytest
from aiohttp.http_exceptions import BadHttpMessage
from prometheus_client.parser import text_string_to_metric_families

from bot.logs import ConsoleLines, JsonLines, shorten
from bot.metrics import Metrics
from knowledge import trace


def samples(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def test_messages_are_counted_by_how_they_ended() -> None:
    metrics = Metrics()
    metrics.answered("wecom", "text", "answer", 0.003)
    metrics.answered("wecom", "text", "answer", 0.2)
    metrics.answered("wecom", "enter", "command", 0.2)
    found = samples(metrics)
    assert found["pilotbot_messages_total", ("wecom", "text", "answer")] == 2
    assert found["pilotbot_messages_total", ("wecom", "enter", "command")] == 1
    assert found["pilotbot_message_seconds_count", ("wecom",)] == 3
    assert found["pilotbot_message_seconds_bucket", ("wecom", "0.005")] == 1


def test_calls_and_refusals_are_counted_by_their_code() -> None:
    metrics = Metrics()
    metrics.called(0)
    metrics.called(60020)
    metrics.called(None)
    metrics.refused(403)
    metrics.responded(200)
    found = samples(metrics)
    assert found["pilotbot_platform_calls_total", ("60020",)] == found["pilotbot_platform_calls_total", ("none",)] == 1
    assert found["pilotbot_callbacks_refused_total", ("403",)] == 1
    assert found["pilotbot_http_responses_total", ("200",)] == 1


@pytest.mark.parametrize("text", ["a\nb", "\x1b[31mred", "\u202eevil", "x\r\n2026 ERROR forged"])
def test_nothing_in_a_message_can_forge_a_line_of_the_log(text: str) -> None:
    record = logging.LogRecord("pilotbot.x", logging.INFO, "", 0, "said %s", (text,), None)
    line = JsonLines().format(record)
    assert line.isprintable()
    assert json.loads(line)["message"] == f"said {text}"


def test_a_line_names_its_request_and_its_fields() -> None:
    trace.begin("abc-1")
    record = logging.LogRecord("pilotbot.x", logging.INFO, "", 0, "text answer", (), None)
    record.fields = {"channel": "wecom", "ms": 3.1}
    entry = json.loads(JsonLines().format(record))
    assert (entry["request"], entry["channel"], entry["ms"]) == ("abc-1", "wecom", 3.1)


def test_a_line_at_a_terminal_names_its_request() -> None:
    trace.begin("abc-1")
    record = logging.LogRecord("pilotbot.x", logging.INFO, "", 0, "text answer", (), None)
    assert ConsoleLines().format(record).endswith("INFO    pilotbot.x: text answer [abc-1]")
    record.fields = {"request": "caused-it"}
    assert ConsoleLines().format(record).endswith(" [caused-it]")


def test_what_is_no_http_is_one_line_of_the_log() -> None:
    try:
        raise BadHttpMessage("Invalid header\n\n  b'x: \\x00'")
    except BadHttpMessage:
        record = logging.LogRecord("aiohttp.server", logging.ERROR, "", 0, "Error", (), sys.exc_info())
    assert shorten(record)
    assert json.loads(JsonLines().format(record)).keys() == {"at", "level", "logger", "message"} | (
        {"request"} if trace.current() else set()
    )
    assert record.getMessage() == "a request could not be read: 400, message: Invalid header b'x: \\x00'"
