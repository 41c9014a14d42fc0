"""Knowledge as versioned entries; deliveries, conversations, questions and feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _knowledge()
    _conversations()


def _knowledge() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
    )
    op.create_table(
        "entry",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("change.id"), nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("change.id"), nullable=False, index=True),
    )


def _conversations() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("user", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("reply", sa.JSON(), nullable=False),
    )
    op.create_table(
        "conversation",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "welcome",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("user", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("top", sa.String(), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("user", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("question_key", sa.String(), nullable=False, index=True),
        sa.Column("measures", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    for table in ("feedback", "question", "welcome", "conversation", "inbox", "revision", "entry", "change"):
        op.drop_table(table)
