"""Who may call the API, and who has signed in: access tokens and OAuth codes."""

from __future__ import annotations

from datetime import datetime, timedelta
from hmac import compare_digest
from urllib.parse import urlsplit

from bot.demo.corporation import Corporation
from bot.demo.model import ApiError, Person
from bot.demo.vouchers import VoucherError, Vouchers, Why

TOKEN_LIFETIME = timedelta(seconds=7200)
CODE_LIFETIME = timedelta(minutes=5)

BAD_SECRET = 40001
BAD_CORP_ID = 40013
BAD_TOKEN = 40014
BAD_CODE = 40029
MISSING_TOKEN = 41001
MISSING_CORP_ID = 41002
MISSING_SECRET = 41004
EXPIRED_TOKEN = 42001
USED_CODE = 42022
UNTRUSTED_DOMAIN = 50001


class Access:
    """Issues and checks tokens and codes of one corporation."""

    def __init__(self, corp: Corporation, trusted_domain: str) -> None:
        self._corp = corp
        self._trusted_domain = trusted_domain  # host[:port], compared exactly
        self._tokens: Vouchers[None] = Vouchers(TOKEN_LIFETIME, corp.new_id)
        self._codes: Vouchers[Person] = Vouchers(CODE_LIFETIME, corp.new_id)
        self._current = ""
        self._current_until: datetime | None = None

    def token(self, corp_id: str, secret: str) -> tuple[str, int]:
        """The app's token and the seconds it has left: the same one on every call while it lives.

        :raises ApiError: wrong credentials.
        """
        self._check_credentials(corp_id, secret)
        now = self._corp.now()
        if self._current_until is None or now >= self._current_until:
            self._current, self._current_until = self._tokens.issue(None, now), now + TOKEN_LIFETIME
        return self._current, int((self._current_until - now).total_seconds())

    def _check_credentials(self, corp_id: str, secret: str) -> None:
        if not corp_id:
            raise ApiError(MISSING_CORP_ID, "corpid missing")
        if not secret:
            raise ApiError(MISSING_SECRET, "corpsecret missing")
        if corp_id != self._corp.account.corp_id:
            raise ApiError(BAD_CORP_ID, "invalid corpid")
        if not compare_digest(secret.encode(), self._corp.account.secret.encode()):
            raise ApiError(BAD_SECRET, "invalid credential")

    def check_token(self, token: str) -> None:
        """:raises ApiError: missing, unknown or expired."""
        if not token:
            raise ApiError(MISSING_TOKEN, "access_token missing")
        try:
            self._tokens.look(token, self._corp.now())
        except VoucherError as refused:
            expired = refused.why is Why.EXPIRED
            raise ApiError(
                EXPIRED_TOKEN if expired else BAD_TOKEN, "access_token expired" if expired else "invalid access_token"
            ) from None

    def expire_tokens(self) -> None:
        """The platform may do so at any time."""
        self._tokens.expire_all(self._corp.now())
        self._current_until = None

    def check_redirect(self, corp_id: str, address: str) -> None:
        """:raises ApiError: not this corporation, or the address is outside the trusted domain."""
        if corp_id != self._corp.account.corp_id:
            raise ApiError(BAD_CORP_ID, "invalid appid")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or parts.netloc != self._trusted_domain:
            raise ApiError(UNTRUSTED_DOMAIN, f"redirect_uri is not below {self._trusted_domain}")

    def sign_in(self, person: Person) -> str:
        """A code for one sign-in, good for 5 minutes."""
        return self._codes.issue(person, self._corp.now())

    def who(self, code: str) -> Person:
        """Takes a code back; a person outside the app's visible range is told too.

        :raises ApiError: unknown, expired or used.
        """
        try:
            return self._codes.redeem(code, self._corp.now())
        except VoucherError as refused:
            used = refused.why is Why.USED
            raise ApiError(USED_CODE if used else BAD_CODE, "code been used" if used else "invalid code") from None
