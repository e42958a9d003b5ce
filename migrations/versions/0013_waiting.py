"""How long work takes, and what was promised to those who wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "durations",
        sa.Column("tool", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("tool", "size", "device", "bucket", name=op.f("pk_durations")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("promised_until", Moment(timezone=True), nullable=True))
    with op.batch_alter_table("job_steps", schema=None) as batch_op:
        batch_op.add_column(sa.Column("size", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("low_s", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("high_s", sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("job_steps", schema=None) as batch_op:
        for name in ("high_s", "low_s", "size"):
            batch_op.drop_column(name)
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_column("promised_until")
    op.drop_table("durations")
