"""Alembic's entry: bot/database.py hands over the connection, inside its transaction and lock."""

from alembic import context
from sqlmodel import SQLModel

import handlers.tables  # noqa: F401  fills the metadata
import knowledge.tables  # noqa: F401
import scheduler.tables  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column: alembic copies the table
)
with context.begin_transaction():
    context.run_migrations()
