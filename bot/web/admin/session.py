"""Who is signed in, as a sealed cookie value. Pure: key, clock and randomness are given."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

LASTS = timedelta(hours=12)  # one working day: whoever begins in the morning is not asked again before the evening
BY_TOKEN, BY_WECOM = "token", "wecom"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one admin."""

    name: str  # of the token, or the user id
    how: str  # BY_TOKEN or BY_WECOM
    until: float  # seconds since the epoch
    nonce: str  # what this browser's form tokens are made from
    proof: str = ""  # fingerprint of the token signed in with: another token ends the session


class Seal:
    """Keeps values that a browser holds from being made up or changed."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def session(self, session: Session) -> str:
        """The cookie's value."""
        return self.close("session", asdict(session))

    def opened(self, cookie: str, now: datetime) -> Session | None:
        """The session of a cookie; None if it is not ours, or its time is over."""
        data = self.open("session", cookie)
        session = Session(**data) if data else None
        return session if session and now.timestamp() < session.until else None

    def form_token(self, nonce: str) -> str:
        """What the forms of a browser carry, so that no foreign page can send them."""
        return self._mark("form", nonce.encode())

    def is_form_token(self, nonce: str, token: str) -> bool:
        return hmac.compare_digest(self.form_token(nonce).encode(), token.encode())

    def fingerprint(self, token: str) -> str:
        """Stands for a token without telling it."""
        return self._mark("token", token.encode())

    def close(self, purpose: str, data: Mapping[str, Any]) -> str:
        """Data as text that `open` accepts for the same purpose alone."""
        body = base64.urlsafe_b64encode(json.dumps(data).encode()).decode()
        return f"{body}.{self._mark(purpose, body.encode())}"

    def open(self, purpose: str, text: str) -> dict[str, Any] | None:
        """None for anything that `close` did not make."""
        body, _, mark = text.partition(".")
        if not hmac.compare_digest(self._mark(purpose, body.encode()).encode(), mark.encode()):
            return None
        data: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
        return data

    def _mark(self, purpose: str, data: bytes) -> str:
        return hmac.new(self._key, purpose.encode() + b"\0" + data, hashlib.sha256).hexdigest()
