"""Which change took which one back, and which change of the knowledge people are told of."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# How the two were told apart so far.
_REASON = re.compile(r"撤销第(\d+)号")
_KEY = re.compile(r"update:(\d+):")


def upgrade() -> None:
    op.add_column("change", sa.Column("undoes", sa.Integer(), nullable=True))
    op.add_column("occurrence", sa.Column("change_id", sa.Integer(), nullable=True))
    op.create_index("ix_change_undoes", "change", ["undoes"])
    op.create_index("ix_occurrence_change_id", "occurrence", ["change_id"])
    _fill("change", "undoes", "reason", _REASON, "kind = 'undo'")
    _fill("occurrence", "change_id", "key", _KEY, "kind = 'update'")


def _fill(name: str, into: str, source: str, pattern: re.Pattern[str], where: str) -> None:
    table = sa.table(name, sa.column("id"), sa.column(into), sa.column(source))
    connection = op.get_bind()
    rows = connection.execute(sa.select(table.c.id, table.c[source]).where(sa.text(where))).all()
    found = [{"row": id_, "number": int(match[1])} for id_, text in rows if (match := pattern.match(text))]
    if found:
        statement = table.update().where(table.c.id == sa.bindparam("row")).values({into: sa.bindparam("number")})
        connection.execute(statement, found)


def downgrade() -> None:
    op.drop_index("ix_occurrence_change_id", "occurrence")
    op.drop_index("ix_change_undoes", "change")
    op.drop_column("occurrence", "change_id")
    op.drop_column("change", "undoes")
