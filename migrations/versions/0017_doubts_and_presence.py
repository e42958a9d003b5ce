"""Which prompt a lost connection was about, and which servers are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_faults", sa.Column("prompt_id", sa.String(length=36)))
    op.add_column("instances", sa.Column("up", sa.Boolean()))
    op.add_column("instances", sa.Column("since", Moment(timezone=True)))
    op.add_column("instances", sa.Column("seen_at", Moment(timezone=True)))


def downgrade() -> None:
    for name in ("seen_at", "since", "up"):
        op.drop_column("instances", name)
    op.drop_column("job_faults", "prompt_id")
