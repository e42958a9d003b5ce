"""When each person was last served, and what instances have loaded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "served",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "lane", name=op.f("pk_served")),
    )
    op.create_table(
        "warm_files",
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("file", sa.String(length=32), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("instance", "file", name=op.f("pk_warm_files")),
    )


def downgrade() -> None:
    op.drop_table("warm_files")
    op.drop_table("served")
