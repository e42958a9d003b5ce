"""What a conversation remembers in short, and what its language model has cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("memory", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("model_tokens", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("model_dollars", sa.Float(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column("without_model", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("without_model")
        batch_op.drop_column("model_dollars")
        batch_op.drop_column("model_tokens")
        batch_op.drop_column("memory")
