"""What is not over is found without what is: indices of open jobs, of open runs, and of what served a conversation last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_LINE = ["status", "account_id", "lane", "tool", "id", "due_at", "tag"]


def upgrade() -> None:
    is_open = sa.text("ended_at IS NULL")
    for name in ("ix_jobs_status_due_at", "ix_jobs_line", "ix_jobs_scope_id"):
        op.drop_index(name, "jobs")
    op.create_index("ix_jobs_open", "jobs", ["status", "id"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_jobs_line", "jobs", _LINE, sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_jobs_scope_status_id", "jobs", ["scope", "status", "id"])
    op.create_index("ix_runs_status_account_id_id", "runs", ["status", "account_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_runs_status_account_id_id", "runs")
    for name in ("ix_jobs_scope_status_id", "ix_jobs_line", "ix_jobs_open"):
        op.drop_index(name, "jobs")
    op.create_index("ix_jobs_scope_id", "jobs", ["scope", "id"])
    op.create_index("ix_jobs_line", "jobs", _LINE)
    op.create_index("ix_jobs_status_due_at", "jobs", ["status", "due_at"])
