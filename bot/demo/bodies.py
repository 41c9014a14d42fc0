"""One message body under examination: required fields, the platform's cuts, and a note of each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.demo import texts
from bot.demo.model import ApiError

BAD_PARAMETER = 40058
NEEDS_SCHEME = 45034
URL_BYTES = 2048


def cut_bytes(text: str, limit: int) -> str:
    """The longest prefix of whole characters within `limit` bytes of UTF-8."""
    return text.encode()[:limit].decode(errors="ignore")


class Body:
    """The fields of one message or of a part of one; `flags` tells in Chinese what was cut or is too long."""

    def __init__(self, fields: object, name: str) -> None:
        if not isinstance(fields, Mapping):
            raise ApiError(BAD_PARAMETER, f"{name} should be an object")
        self.fields: dict[str, Any] = dict(fields)
        self.name = name
        self.flags: list[str] = []

    def text(self, key: str) -> str:
        """The field, empty when absent.

        :raises ApiError: present and not a string.
        """
        value = self.fields.get(key, "")
        if not isinstance(value, str):
            raise ApiError(BAD_PARAMETER, f"{self.name}.{key} should be a string")
        return value

    def require(self, key: str, code: int = BAD_PARAMETER) -> str:
        """:raises ApiError: absent or empty."""
        value = self.text(key)
        if not value.strip():
            raise ApiError(code, f"missing {self.name}.{key}")
        return value

    def require_url(self, key: str, code: int = BAD_PARAMETER) -> None:
        url = self.require(key, code)
        if not url.startswith(("http://", "https://")):
            raise ApiError(NEEDS_SCHEME, f"{self.name}.{key} needs http:// or https://")
        if len(url.encode()) > URL_BYTES:
            raise ApiError(BAD_PARAMETER, f"{self.name}.{key} is longer than {URL_BYTES} bytes")

    def cut_bytes(self, key: str, limit: int) -> None:
        value = self.text(key)
        if len(value.encode()) > limit:
            self.fields[key] = cut_bytes(value, limit)
            self.flags.append(texts.CUT_BYTES.format(name=f"{self.name}.{key}", limit=limit))

    def cut_chars(self, key: str, limit: int) -> None:
        value = self.text(key)
        if len(value) > limit:
            self.fields[key] = value[:limit]
            self.flags.append(texts.CUT_CHARS.format(name=f"{self.name}.{key}", limit=limit))

    def advise_chars(self, key: str, limit: int) -> None:
        """The vendor recommends a length without enforcing it."""
        if len(self.text(key)) > limit:
            self.flags.append(texts.LONG.format(name=f"{self.name}.{key}", limit=limit))

    def part(self, key: str) -> Body | None:
        """A nested object, or None when absent; its flags join these."""
        if not self.fields.get(key):
            return None
        part = Body(self.fields[key], f"{self.name}.{key}")
        part.flags = self.flags
        return part

    def parts(self, key: str, most: int, least: int = 0, code: int = BAD_PARAMETER) -> list[Body]:
        """A list of objects.

        :raises ApiError: fewer than `least` or more than `most`.
        """
        items = self.fields.get(key) or []
        if not isinstance(items, list) or not least <= len(items) <= most:
            raise ApiError(code, f"{self.name}.{key} should hold {least} to {most} items")
        parts = [Body(item, f"{self.name}.{key}") for item in items]
        for part in parts:
            part.flags = self.flags
        return parts
