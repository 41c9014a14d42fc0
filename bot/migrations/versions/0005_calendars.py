"""How often a person renewed the address of their calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscriber") as subscriber:
        subscriber.add_column(sa.Column("calendar", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("subscriber") as subscriber:
        subscriber.drop_column("calendar")
