"""Other places: a question about 深圳 is not answered by a plan of Shanghai unless the plan speaks of 深圳."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib import resources

import yaml

from knowledge.normalise import fold, plain


@functools.cache
def _known() -> tuple[str, ...]:
    raw = yaml.safe_load(resources.files("knowledge").joinpath("data/places.yaml").read_text("utf-8"))
    return tuple(sorted({plain(fold(str(p))) for p in raw["places"]}, key=lambda p: (-len(p), p)))


class Places:
    """The known places that none of the entries' wordings names."""

    def __init__(self, wordings: Iterable[str]) -> None:
        named = plain(fold("\n".join(wordings)))
        foreign = [re.escape(p) for p in _known() if p not in named]
        self._pattern = re.compile("|".join(foreign)) if foreign else None

    def elsewhere(self, text: str) -> float:
        """1.0 when a plain text begins with such a place, 0.5 when it only mentions one, else 0.0."""
        found = self._pattern.search(text) if self._pattern else None
        if not found:
            return 0.0
        return 1.0 if found.start() == 0 else 0.5
