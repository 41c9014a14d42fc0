"""Addresses of people's calendars: signed, so that nobody can guess one, and revocable by renewing them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

SIGNATURE = 16  # bytes of HMAC-SHA256 that are kept: 128 bits cannot be guessed


@dataclass(frozen=True, slots=True)
class FeedKeys:
    """Makes and reads the tokens of calendar addresses."""

    key: bytes = field(repr=False)

    def token(self, user: str, serial: int) -> str:
        """Names a person, and how often they renewed their address; URL-safe."""
        named = f"{serial}:{user}".encode()
        return base64.urlsafe_b64encode(self._signature(named) + named).decode().rstrip("=")

    def read(self, token: str) -> tuple[str, int] | None:
        """The person and their serial; None for what was not made by `token`."""
        try:
            data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            return None
        signature, named = data[:SIGNATURE], data[SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(named)):
            return None
        serial, _, user = named.decode().partition(":")
        return user, int(serial)

    def _signature(self, named: bytes) -> bytes:
        return hmac.new(self.key, named, hashlib.sha256).digest()[:SIGNATURE]
