"""A place for a benchmark or a test in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg


@contextmanager
def schema(server: str) -> Iterator[str]:
    """The address of an empty schema of its own, dropped at the end."""
    name = f"pilotbot_{uuid4().hex}"
    with psycopg.connect(server, connect_timeout=3, autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {name}")
        try:
            yield f"{server}?options=-csearch_path%3D{name}"
        finally:
            admin.execute(f"DROP SCHEMA {name} CASCADE")
