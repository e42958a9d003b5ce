"""What was left behind on servers, and which servers fail everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_HEALTH = {
    "struck_job": sa.String(length=36), "struck_code": sa.String(length=40), "struck_at": Moment(timezone=True),
    "rests_until": Moment(timezone=True),
}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "left_prompts",
        sa.Column("prompt_id", sa.String(length=36), primary_key=True),
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("since", Moment(timezone=True), nullable=False),
        sa.Column("there", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_left_prompts_instance", "left_prompts", ["instance"])
    op.add_column("jobs", sa.Column("over_gb", sa.Float()))
    op.add_column("job_faults", sa.Column("excused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("instances", sa.Column("strikes", sa.Integer(), nullable=False, server_default="0"))
    for name, type in _HEALTH.items():
        op.add_column("instances", sa.Column(name, type))


def downgrade() -> None:
    for name in reversed(("strikes", *_HEALTH)):
        op.drop_column("instances", name)
    op.drop_column("job_faults", "excused")
    op.drop_column("jobs", "over_gb")
    op.drop_index("ix_left_prompts_instance", "left_prompts")
    op.drop_table("left_prompts")
