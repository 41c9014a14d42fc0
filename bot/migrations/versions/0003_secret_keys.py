"""Secret keys that all replicas share."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "secret_key",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("secret_key")
