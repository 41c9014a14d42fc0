"""What a change does to an entry, field by field and word by word, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.web.admin import texts
from knowledge.model import Sector
from knowledge.word_diff import Piece, word_diff

LONGEST = 3000  # characters that are compared word by word; longer texts are shown whole


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of an entry in two versions."""

    name: str  # of the field, for people
    pieces: list[Piece]


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, sectors: Mapping[str, Sector]
) -> list[Difference]:
    """The fields that differ; sectors by their names."""
    old, new = _named(before or {}, sectors), _named(after or {}, sectors)
    names = dict.fromkeys((*texts.FIELDS, *old, *new))
    pairs = [
        (texts.FIELDS.get(key, key), _plain(old.get(key)), _plain(new.get(key))) for key in names if key not in IDENTITY
    ]
    return [Difference(name, word_diff(was[:LONGEST], now[:LONGEST])) for name, was, now in pairs if was != now]


IDENTITY = ("id", "document", "item", "ordinal")  # stand above the differences already


def _named(body: Mapping[str, Any], sectors: Mapping[str, Sector]) -> Mapping[str, Any]:
    if "sectors" not in body:
        return body
    return {**body, "sectors": [sectors[code].name if code in sectors else code for code in body["sectors"]]}


def _plain(value: object) -> str:
    """A field's value as text, one entry a line."""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, dict):
        return "\n".join(f"{key}：{one}" for key, one in value.items())
    return "" if value is None else texts.STATUSES.get(str(value), str(value))
