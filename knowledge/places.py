"""Other places: a question about 深圳 is not answered by a plan of Shanghai unless the plan speaks of 深圳."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from importlib import resources

import yaml

from knowledge.normalise import fold, plain


@functools.cache
def _known() -> tuple[str, ...]:
    raw = yaml.safe_load(resources.files("knowledge").joinpath("data/places.yaml").read_text("utf-8"))
    return tuple(sorted({plain(fold(str(p))) for p in raw["places"]}, key=lambda p: (-len(p), p)))


@functools.cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, _known())))


class Places:
    """The known places that none of the entries names."""

    def __init__(self, wordings: Callable[[], Iterable[str]]) -> None:
        """:param wordings: gives what the entries say, plain. Called only for places that somebody asks about."""
        self._wordings = wordings
        self._named: dict[str, bool] = {}

    def elsewhere(self, text: str) -> float:
        """1.0 when a plain text begins with such a place, 0.5 when it only mentions one, else 0.0."""
        found = next((f for f in _pattern().finditer(text) if not self._is_named(f.group())), None)
        if not found:
            return 0.0
        return 1.0 if found.start() == 0 else 0.5

    def _is_named(self, place: str) -> bool:
        if place not in self._named:
            self._named[place] = any(place in wording for wording in self._wordings())
        return self._named[place]
