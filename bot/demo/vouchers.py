"""Random strings that stand for something for a while: access tokens, sign-in codes, response codes, media ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class Why(Enum):
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"


class VoucherError(Exception):
    """A voucher is refused."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(slots=True)
class _Voucher(Generic[T]):
    value: T
    until: datetime
    used: bool = False


class Vouchers(Generic[T]):
    """Issues and takes back vouchers that live for `lifetime`; they are kept after it, to tell expired from unknown."""

    def __init__(self, lifetime: timedelta, new_code: Callable[[], str]) -> None:
        self._lifetime = lifetime
        self._new_code = new_code
        self._issued: dict[str, _Voucher[T]] = {}

    def issue(self, value: T, at: datetime) -> str:
        code = self._new_code()
        self._issued[code] = _Voucher(value, at + self._lifetime)
        return code

    def look(self, code: str, at: datetime) -> T:
        """:raises VoucherError: unknown, expired or used up."""
        voucher = self._issued.get(code)
        if voucher is None:
            raise VoucherError(Why.UNKNOWN)
        if voucher.used:
            raise VoucherError(Why.USED)
        if at >= voucher.until:
            raise VoucherError(Why.EXPIRED)
        return voucher.value

    def redeem(self, code: str, at: datetime) -> T:
        """As `look`, and never again."""
        value = self.look(code, at)
        self._issued[code].used = True
        return value

    def expire_all(self, at: datetime) -> None:
        for voucher in self._issued.values():
            voucher.until = min(voucher.until, at)
