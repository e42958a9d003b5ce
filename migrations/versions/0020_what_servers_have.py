"""What each server has, as a worker met it, for those who meet none themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.crypto import Sealed
from base.db import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("instances", sa.Column("has", Sealed()))
    op.add_column("instances", sa.Column("told_at", Moment(timezone=True)))


def downgrade() -> None:
    for name in ("told_at", "has"):
        op.drop_column("instances", name)
