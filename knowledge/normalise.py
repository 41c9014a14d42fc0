"""One spelling for what people type: width, case, traditional characters, invisible characters, white space."""

from __future__ import annotations

import functools
import re
import unicodedata
from importlib import resources

MAX_CHARS = 400  # what is matched of a message; the platform delivers at most 2048 bytes

# Letters and digits of any script; everything else separates words.
_SEPARATORS = re.compile(r"[\W_]+")
CJK_FIRST, CJK_LAST = 0x3400, 0x9FFF


def is_cjk(char: str) -> bool:
    """Whether a character is a Chinese one of the basic plane."""
    return CJK_FIRST <= ord(char) <= CJK_LAST


class _Folding(dict[int, str | None]):
    """Code point -> what takes its place: simplified for traditional, nothing for what nobody sees. Fills itself."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = folded = None if _is_invisible(char) else _simplified().get(code, _unmarked(char))
        return folded


def _unmarked(char: str) -> str:
    """A Latin letter without its marks, as in typed pinyin: 'ā' as 'a', 'ü' and 'ǚ' as 'v'. Other letters as they are."""
    letter, *marks = list(unicodedata.normalize("NFD", char))
    if not marks or not letter.isascii() or not letter.isalpha():
        return char
    return "v" if letter == "u" and "\u0308" in marks else letter


@functools.cache
def _simplified() -> dict[int, str]:
    """Traditional -> simplified, character by character; phrases are left to the synonyms.

    Read from opencc's own table of characters: its converter, made for phrases, takes a second for all of them.
    """
    table = resources.files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    rows = (line.split() for line in table.splitlines())
    pairs = {source: target for source, target, *_ in rows if is_cjk(source) and source != target}
    return {ord(source): pairs.get(target, target) for source, target in pairs.items()}  # a few take two steps


_folding = _Folding()


def fold(text: str) -> str:
    """Same letters, same spelling: 'ＱＦＬＰ　試點' -> 'qflp 试点'. Keeps punctuation. Idempotent."""
    for _ in range(4):  # lower-casing can undo a composition, so repeat until nothing changes
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).translate(_folding)
        text = " ".join(folded.split())
        if unicodedata.is_normalized("NFKC", text) and text.lower() == text:
            break
    return text


def _is_invisible(char: str) -> bool:
    # Cf: zero-width joiners, direction marks; Cs: lone surrogates; Mn: combining marks and variation selectors.
    return (char > "\x7f" and unicodedata.category(char) in ("Cf", "Cs", "Mn", "Co", "Cn")) or (
        char < " " and char not in "\t\n\r"
    )


def plain(folded: str) -> str:
    """Words only: every run of punctuation becomes one space."""
    return _SEPARATORS.sub(" ", folded).strip()
