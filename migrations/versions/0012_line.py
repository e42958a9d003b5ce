"""Indexes by which a round of dispatch finds the first of a long line."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_jobs_status_id", "jobs", ["status", "id"], unique=False)
    op.create_index(
        "ix_jobs_line", "jobs", ["status", "account_id", "lane", "tool", "id", "due_at", "tag"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_line", table_name="jobs")
    op.drop_index("ix_jobs_status_id", table_name="jobs")
