"""From where an account was made (a keyed hash), since when a job may start as it was told, and which outputs were deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("made_from", sa.String(length=64)))
    op.create_index("ix_accounts_made_from_created_at", "accounts", ["made_from", "created_at"])
    op.add_column("jobs", sa.Column("promised_from", Moment(timezone=True)))
    op.create_table(
        "deleted_outputs",
        sa.Column("asset_id", sa.String(length=36), nullable=False),
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_deleted_outputs")),
    )
    op.create_index("ix_deleted_outputs_run_id", "deleted_outputs", ["run_id"])


def downgrade() -> None:
    op.drop_table("deleted_outputs")
    op.drop_column("jobs", "promised_from")
    op.drop_index("ix_accounts_made_from_created_at", "accounts")
    op.drop_column("accounts", "made_from")
