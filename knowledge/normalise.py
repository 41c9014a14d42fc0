"""One spelling for what people type: width, case, traditional characters, invisible characters, white space."""

from __future__ import annotations

import functools
import re
import unicodedata

from opencc import OpenCC

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
        self[code] = folded = None if _is_invisible(char) else _simplified().get(code, char)
        return folded


@functools.cache
def _simplified() -> dict[int, str]:
    """Traditional -> simplified, character by character; phrases are left to the synonyms."""
    convert = OpenCC("t2s").convert
    # Line breaks keep the converter from reading neighbours as a phrase.
    source = [chr(code) for code in range(CJK_FIRST, CJK_LAST + 1)]
    target = convert("\n".join(source)).split("\n")
    table = {ord(s): t for s, t in zip(source, target, strict=True) if s != t}
    return {code: table.get(ord(t), t) if len(t) == 1 else t for code, t in table.items()}


_folding = _Folding()


def fold(text: str) -> str:
    """Same letters, same spelling: 'ＱＦＬＰ　試點' -> 'qflp 试点'. Keeps punctuation. Idempotent."""
    for _ in range(4):  # lower-casing can undo a composition, so repeat until nothing changes
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower()).translate(_folding)
        folded = " ".join(folded.split())
        if folded == text:
            break
        text = folded
    return text


def _is_invisible(char: str) -> bool:
    # Cf: zero-width joiners, direction marks; Cs: lone surrogates; Mn: combining marks and variation selectors.
    return (char > "\x7f" and unicodedata.category(char) in ("Cf", "Cs", "Mn", "Co", "Cn")) or (
        char < " " and char not in "\t\n\r"
    )


def plain(folded: str) -> str:
    """Words only: every run of punctuation becomes one space."""
    return _SEPARATORS.sub(" ", folded).strip()
