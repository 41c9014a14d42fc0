"""Files between upload and import, so that any replica can show and import them. Inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.importing import File
from handlers.tables import UploadRow

KEPT = timedelta(days=2)  # then nobody will come back to it


async def keep(session: AsyncSession, key: str, file: File, who: str, now: datetime) -> None:
    """Stores a file, and forgets those that are too old."""
    await session.execute(delete(UploadRow).where(col(UploadRow.at) < now - KEPT))
    session.add(UploadRow(id=key, at=now, who=who, name=file.name, slug=file.slug, data=file.data))


async def get(session: AsyncSession, key: str) -> File | None:
    """None where it is forgotten."""
    row = await session.get(UploadRow, key)
    return File(row.name, row.data, row.slug) if row else None
