"""PDF files, page by page, through pypdf."""

from __future__ import annotations

import io
import logging
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from knowledge.readers import texts
from knowledge.readers.model import Line, ReadError, Stopwatch, Text, Unit

MAX_PAGES = 500
MAX_SECONDS = 60.0
MIN_REPEATS = 3  # pages that a line must open or close to count as a running header or footer

# What goes wrong in a file reaches people as ReadError; the library's own remarks would only repeat it.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

# Fonts often map characters to the look-alikes of the radical blocks (U+2E80 to U+2FDF). Unicode gives most of them
# an equal character; these are the simplified ones that it leaves out.
_RADICALS = str.maketrans(
    "⺁⺇⺝⺟⺠⺥⺩⺶⺼⻁⻄⻅⻆⻉⻊⻋⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
    "厂几月母民爪王羊月虎西见角贝足车长门雨青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
)
_RADICAL = re.compile("[\u2e80-\u2fdf]")


def read_pdf(file: str, data: bytes, clock: Callable[[], float] = time.monotonic) -> Text:
    """The lines of each page, in the order of the page's drawing; running headers and footers left out.

    :raises ReadError: for damaged, locked, scanned, endless or overlong files.
    """
    from pypdf.errors import FileNotDecryptedError  # here, as few processes ever read a PDF and it takes 15 MB

    stopwatch = Stopwatch(file, MAX_SECONDS, clock)
    try:
        pages = _pages(file, data, stopwatch)
    except ReadError:
        raise
    except FileNotDecryptedError:
        raise ReadError(file, texts.PASSWORD) from None
    except Exception:  # at damaged files pypdf raises whatever its parser stumbles over
        raise ReadError(file, texts.DAMAGED_PDF) from None
    if not any(line.strip() for page in pages for line in page):
        raise ReadError(file, texts.SCANNED)
    repeated = _running(pages)
    return Text(
        file,
        Unit.PAGE,
        tuple(
            Line(line, number)
            for number, page in enumerate(pages, start=1)
            for place, line in enumerate(page)
            if not (place in (0, len(page) - 1) and _shape(line) in repeated)
        ),
    )


def _pages(file: str, data: bytes, stopwatch: Stopwatch) -> list[list[str]]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ReadError(file, texts.PASSWORD)
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise ReadError(file, texts.too_many_pages(count, MAX_PAGES))
    pages = []
    for page in reader.pages:
        text = page.extract_text(visitor_operand_before=lambda *_: stopwatch.check())
        pages.append([line for line in _plain_characters(text).split("\n") if line.strip()])
    return pages


def _plain_characters(text: str) -> str:
    """Characters of the radical blocks as the ordinary ones that they look like: '⼀' -> '一'."""
    return _RADICAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]).translate(_RADICALS), text)


def _running(pages: Sequence[Sequence[str]]) -> set[str]:
    """Shapes of the first and last lines that most pages share."""
    shapes = Counter(shape for page in pages if page for shape in {_shape(page[0]), _shape(page[-1])})
    return {shape for shape, n in shapes.items() if n >= max(MIN_REPEATS, len(pages) / 2)}


def _shape(line: str) -> str:
    """The line with its page number left open."""
    return re.sub(r"\d+", "#", "".join(line.split()))
