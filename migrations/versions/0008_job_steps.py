"""A job may hold several steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_steps",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("step_id", sa.String(length=40), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("tool", sa.String(length=80), nullable=False),
        sa.Column("done_at", Moment(timezone=True), nullable=True),
        sa.Column("credits", sa.Float(), server_default="0", nullable=False),
        sa.Column("gpu_s", sa.Float(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_steps_job_id_jobs"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_job_steps_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "step_id", name=op.f("pk_job_steps")),
    )
    with op.batch_alter_table("job_steps", schema=None) as batch_op:
        batch_op.create_index("ix_job_steps_job_id", ["job_id"], unique=False)
    op.execute(
        "INSERT INTO job_steps (run_id, step_id, job_id, tool, done_at, credits, gpu_s) "
        "SELECT run_id, step_id, id, tool, CASE WHEN status = 'completed' THEN ended_at END, credits, gpu_s FROM jobs"
    )


def downgrade() -> None:
    op.drop_table("job_steps")
