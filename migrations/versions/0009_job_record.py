"""What a job went through: the times of every step, why it ended, what its graph was, where it failed before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.crypto import Sealed
from base.db import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIMES = ("submitted_at", "gpu_started_at", "rendered_at", "collected_at")
_ENDINGS = {"completed": "done", "cancelled": "cancelled_by_person", "dead": "given_up"}


def upgrade() -> None:
    for name in _TIMES:
        op.add_column("jobs", sa.Column(name, Moment(timezone=True)))
    op.add_column("jobs", sa.Column("ending", sa.String(length=24)))
    op.add_column("jobs", sa.Column("facts", Sealed()))
    op.add_column("jobs", sa.Column("graph_hash", sa.String(length=64)))
    op.add_column("jobs", sa.Column("gpu_name", sa.String(length=80)))
    op.add_column("jobs", sa.Column("vram_total_gb", sa.Float()))
    op.add_column("jobs", sa.Column("vram_used_gb", sa.Float()))
    op.create_table(
        "job_faults",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(timezone=True), nullable=False),
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("submitted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_faults_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "number", name=op.f("pk_job_faults")),
    )
    for status, ending in _ENDINGS.items():
        op.execute(f"UPDATE jobs SET ending = '{ending}' WHERE status = '{status}'")


def downgrade() -> None:
    op.drop_table("job_faults")
    for name in ("vram_used_gb", "vram_total_gb", "gpu_name", "graph_hash", "facts", "ending", *reversed(_TIMES)):
        op.drop_column("jobs", name)
