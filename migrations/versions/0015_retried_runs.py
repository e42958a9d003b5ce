"""Runs that an operator started again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("retry_of", sa.String(length=36)))
    op.add_column("runs", sa.Column("taken_up", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_index("ix_runs_retry_of", "runs", ["retry_of"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_runs_retry_of", table_name="runs")
    op.drop_column("runs", "taken_up")
    op.drop_column("runs", "retry_of")
