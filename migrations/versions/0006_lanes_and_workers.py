"""Tags and lanes of jobs, and who works on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("lane", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("jobs", sa.Column("tag", sa.String(length=16), nullable=False, server_default="default"))
    op.add_column("jobs", sa.Column("lane", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "workers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host", sa.String(length=80), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("tags", sa.String(length=80), nullable=False),
        sa.Column("wanted", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_column("jobs", "lane")
    op.drop_column("jobs", "tag")
    op.drop_column("runs", "lane")
