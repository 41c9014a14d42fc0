"""What becomes of questions: choices from their lists, and what admins make of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pick",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question_key", sa.String(), nullable=False, index=True),
        sa.Column("measure", sa.String(), nullable=False),
    )
    op.create_table(
        "learned",
        sa.Column("question_key", sa.String(), primary_key=True),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("learned")
    op.drop_table("pick")
