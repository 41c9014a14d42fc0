"""Words that mean the same: 老外 = 外国人 = foreigner. Groups come from the pack and are extended by admins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from knowledge.normalise import fold, plain


class Synonyms:
    """Finds the synonym groups whose words occur in a text, longest words first, without overlaps inside a word."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self.words: list[tuple[str, ...]] = [tuple(dict.fromkeys(plain(fold(w)) for w in g)) for g in groups]
        by_word: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self.words):
            for word in words:
                if len(word) > 1:
                    by_word[word].append(number)
        self._groups = dict(by_word)
        by_start: dict[str, list[str]] = defaultdict(list)
        for word in by_word:
            by_start[word[:2]].append(word)
        self._by_start = {start: sorted(words, key=len, reverse=True) for start, words in by_start.items()}

    def occurrences(self, text: str) -> Iterator[tuple[int, str]]:
        """(position, word) of every known word in a plain text that no longer known word covers."""
        covered = 0
        for at in range(len(text) - 1):
            for word in self._by_start.get(text[at : at + 2], ()):
                if text.startswith(word, at) and at + len(word) > covered and _is_whole(text, at, word):
                    covered = at + len(word)
                    yield at, word
                    break

    def groups_in(self, text: str) -> list[int]:
        """Numbers of the groups of the words in a plain text, each once, in order of appearance."""
        return list(dict.fromkeys(g for _, word in self.occurrences(text) for g in self.groups_of(word)))

    def groups_of(self, word: str) -> list[int]:
        """Numbers of the groups that hold a word."""
        return self._groups.get(word, [])


def _is_whole(text: str, at: int, word: str) -> bool:
    """Latin words count only as whole words, plural or not: 'ip' is not in 'equipment'."""
    if not word[0].isascii():
        return True
    if at and text[at - 1].isascii() and text[at - 1].isalnum():
        return False
    after = text[at + len(word) : at + len(word) + 2]
    return not (after[:1].isascii() and after[:1].isalnum()) or after in ("s", "s ")
