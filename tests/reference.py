"""The official documents and their reference segmentation, where they lie beside this checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).parents[2] / "shared"
MEASURES = _SHARED / "measures.jsonl"  # one measure a line: id, doc, sector, heading, text …
SEEDS = sorted((_SHARED / "seeds").glob("*.txt"))

needs_reference = pytest.mark.skipif(
    not (SEEDS and MEASURES.exists()), reason="the documents' text is not part of the repository"
)


def plain(text: str) -> str:
    """A wording without white space and bold marks, in which copies of a document differ."""
    return "".join(text.replace("**", "").split())
