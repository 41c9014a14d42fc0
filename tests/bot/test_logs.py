"""Lines of the log: which are written when."""

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from bot import logs
from bot.logs import Lines


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What has been written so far."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    return stream


@pytest.fixture
def log(written: io.StringIO) -> Iterator[logging.Logger]:
    logger = logging.getLogger("tests.lines")
    logger.propagate, handler = False, Lines()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield logger
    logger.removeHandler(handler)


async def test_lines_of_a_loop_are_written_together(
    log: logging.Logger, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "GATHER_SECONDS", 0.001)
    log.info("one")
    log.info("two")
    assert written.getvalue() == ""
    await asyncio.sleep(0.05)
    assert written.getvalue() == "one\ntwo\n"


async def test_a_warning_is_written_at_once_and_after_what_came_before_it(
    log: logging.Logger, written: io.StringIO
) -> None:
    log.info("before")
    log.warning("now")
    assert written.getvalue() == "before\nnow\n"


async def test_a_thread_writes_at_once(log: logging.Logger, written: io.StringIO) -> None:
    await asyncio.to_thread(log.info, "of a thread")
    assert written.getvalue() == "of a thread\n"


async def test_a_thread_s_line_goes_with_one_that_waits(
    log: logging.Logger, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "GATHER_SECONDS", 0.001)
    log.info("of the loop")
    await asyncio.to_thread(log.info, "of a thread")
    await asyncio.sleep(0.05)
    assert written.getvalue() == "of the loop\nof a thread\n"


async def test_the_end_of_the_process_writes_the_rest(log: logging.Logger, written: io.StringIO) -> None:
    log.info("last")
    for handler in log.handlers:
        handler.flush()  # as logging.shutdown does
    assert written.getvalue() == "last\n"


class Full(io.StringIO):
    """A disk without room, until somebody makes some."""

    is_full = True

    def write(self, text: str) -> int:
        if self.is_full:
            raise OSError("no space left")
        return super().write(text)


async def test_lines_that_cannot_be_written_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Full()
    monkeypatch.setattr("sys.stderr", disk)
    handler = Lines()
    lost, kept = (logging.LogRecord("tests", logging.INFO, "", 0, text, None, None) for text in ("lost", "kept"))
    handler.emit(lost)
    with pytest.raises(OSError, match="no space"):
        handler.flush()
    disk.is_full = False
    handler.emit(kept)
    handler.flush()
    assert disk.getvalue() == "kept\n"
