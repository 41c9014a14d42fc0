"""What else belongs to a transaction that somebody else opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

Work: TypeAlias = Callable[[AsyncSession], Awaitable[None]]
