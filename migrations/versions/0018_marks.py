"""What an installation is known by: a keyed hash of its master key, the id of its media folder. What workers say of themselves:
the tools they know, and since when their disk is full."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.add_column("workers", sa.Column("tools", sa.Text()))
    op.add_column("workers", sa.Column("full_since", Moment(timezone=True)))


def downgrade() -> None:
    op.drop_column("workers", "full_since")
    op.drop_column("workers", "tools")
    op.drop_table("marks")
