"""Followers, what they are told, and the calls that tell it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _followers()
    _plan()
    _outbox()
    _stops()


def _followers() -> None:
    op.create_table(
        "subscriber",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "subscription",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("topic", sa.String(), primary_key=True, index=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "mark",
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("milestone", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def _plan() -> None:
    op.create_table(
        "seen",
        sa.Column("milestone", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "settled",
        sa.Column("milestone", sa.String(), primary_key=True),
        sa.Column("revision", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("lead", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=True),
    )
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(), nullable=False, unique=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
    )


def _outbox() -> None:
    op.create_table(
        "recipient",
        sa.Column("occurrence_id", sa.Integer(), sa.ForeignKey("occurrence.id"), primary_key=True),
        sa.Column("user", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=True, index=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("recipient_due", "recipient", ["state", "due_at"])
    op.create_index("recipient_user", "recipient", ["user", "attempted_at"])
    op.create_table(
        "batch",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("occurrence_id", sa.Integer(), sa.ForeignKey("occurrence.id"), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("built_on", sa.Date(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("unknown_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
    )
    op.create_index("batch_next", "batch", ["state", "next_at"])


def _stops() -> None:
    op.create_table(
        "hold",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
    )
    op.create_table(
        "quota",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("used", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    for table in ("quota", "alarm", "hold", "batch", "recipient", "occurrence", "settled", "seen", "mark"):
        op.drop_table(table)
    for table in ("subscription", "subscriber"):
        op.drop_table(table)
