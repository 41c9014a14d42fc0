"""The platform's access token, kept so that all replicas use one. Both work inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.tables import TokenRow
from knowledge.tables import insert


async def read(session: AsyncSession, app: str) -> tuple[str, datetime] | None:
    """An app's token and up to when it is usable."""
    row = await session.get(TokenRow, app)
    return (row.token, row.until) if row else None


async def write(session: AsyncSession, app: str, token: str, until: datetime) -> None:
    """Puts a token in the place of the earlier one."""
    upsert = insert(session, TokenRow)
    new = {"token": upsert.excluded.token, "until": upsert.excluded.until}
    statement = upsert.on_conflict_do_update(index_elements=["app"], set_=new)
    await session.execute(statement, {"app": app, "token": token, "until": until})
