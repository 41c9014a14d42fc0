"""What else belongs to a transaction that somebody else opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

Work: TypeAlias = Callable[[AsyncSession], Awaitable[None]]
Session: TypeAlias = AsyncSession  # for those outside of the stores, who pass it on and know no SQL
