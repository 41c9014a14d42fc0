"""Secret keys of the service: made when first asked for, kept in the database, shared by all replicas."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.tables import KeyRow
from knowledge.tables import insert

SIZE = 32  # bytes: as long as the output of HMAC-SHA256, which is what these keys are for


async def get_or_create(
    session: AsyncSession, name: str, random: Callable[[int], bytes] = secrets.token_bytes
) -> bytes:
    """The key of that name. Needs a transaction for writing; two replicas that ask at once get the same one."""
    statement = insert(session, KeyRow).on_conflict_do_nothing(index_elements=["name"])
    await session.execute(statement, {"name": name, "secret": random(SIZE)})
    key: bytes = (await session.scalars(select(col(KeyRow.secret)).where(col(KeyRow.name) == name))).one()
    return key
