"""Details that people ask for and that plans do not regulate: a fee, a form, a date, somebody's telephone number."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib import resources

import yaml

from knowledge.likeness import romanised
from knowledge.normalise import fold, plain

LEAST_LETTERS = 6  # of a word in pinyin; shorter ones stand in too many others


class Details:
    """The words that ask for details."""

    def __init__(self, words: Iterable[str]) -> None:
        known = sorted({plain(fold(word)) for word in words}, key=lambda word: (-len(word), word))
        latin = [rf"\b{re.escape(word)}\b" for word in known if word.isascii()]
        self._written = re.compile("|".join([*latin, *(re.escape(word) for word in known if not word.isascii())]))
        spelled = {romanised(word): word for word in known if not word.isascii()}
        self._spelled = {letters: word for letters, word in spelled.items() if len(letters) >= LEAST_LETTERS}
        self._heard = re.compile("|".join(self._spelled))

    def beyond(self, text: str, told: str, *, spelled: bool) -> bool:
        """Whether a plain text asks for a detail that `told` does not hold.

        :param spelled: read its Latin letters as pinyin too.
        """
        asked = set(self._written.findall(text))
        if spelled:
            asked |= {self._spelled[letters] for letters in self._heard.findall(text.replace(" ", ""))}
        return any(word not in told for word in asked)


@functools.cache
def shipped() -> Details:
    """The words that come with the package."""
    raw = yaml.safe_load(resources.files("knowledge").joinpath("data/details.yaml").read_text("utf-8"))
    return Details(str(word) for words in raw["details"].values() for word in words)
