"""Vectors of texts, so that each text is embedded once. Works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from knowledge.semantic import Vector
from knowledge.tables import VectorRow, insert

STRETCH = 500  # keys asked for at a time


async def load(session: AsyncSession, model: str, digests: Collection[str]) -> dict[str, Vector]:
    """Those of the wanted vectors that are kept, by digest."""
    found: dict[str, Vector] = {}
    wanted = list(digests)
    for first in range(0, len(wanted), STRETCH):
        rows = await session.execute(
            select(col(VectorRow.digest), col(VectorRow.vector)).where(
                col(VectorRow.model) == model, col(VectorRow.digest).in_(wanted[first : first + STRETCH])
            )
        )
        found |= {digest: np.frombuffer(data, "<f4") for digest, data in rows}
    return found


async def save(session: AsyncSession, model: str, vectors: Mapping[str, Vector]) -> None:
    """Keeps vectors; those that another process kept meanwhile stay."""
    rows = [
        {"model": model, "digest": key, "vector": vector.astype("<f4").tobytes()} for key, vector in vectors.items()
    ]
    if rows:
        await session.execute(insert(session, VectorRow).on_conflict_do_nothing(), rows)
