"""What is cleared away is found without what stays: by scope, by the run that a turn names, and runs that are not over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_INDICES = {
    "ix_assets_scope_id": ("assets", ["scope", "id"]),
    "ix_runs_scope_id": ("runs", ["scope", "id"]),
    "ix_streams_scope_id": ("streams", ["scope", "id"]),
    "ix_turns_run_id": ("turns", ["run_id"]),
}


def upgrade() -> None:
    is_open = sa.text("ended_at IS NULL")
    for name, (table, columns) in _INDICES.items():
        op.create_index(name, table, columns)
    op.create_index("ix_runs_open", "runs", ["status", "id"], sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    op.drop_index("ix_runs_open", "runs")
    for name, (table, _) in _INDICES.items():
        op.drop_index(name, table)
