"""A row for the bytes that assets are made of, so that they can lie anywhere and be deleted safely."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from base.db import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = "substr(blob, 1, 2) || '/' || substr(blob, 3, 2) || '/' || blob"


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("refs", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("used_at", Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_blobs")),
    )
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.create_index("ix_blobs_digest", ["digest"], unique=False)
        batch_op.create_index("ix_blobs_gone_refs_used_at", ["gone", "refs", "used_at"], unique=False)
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.drop_index("ix_assets_account_id_blob")
        batch_op.alter_column("blob", existing_type=sa.String(length=64), type_=sa.String(length=160), existing_nullable=False)
        batch_op.create_index("ix_assets_blob", ["blob"], unique=False)
    # Files stay where they are: the old name, with its folders, is the key of their first generation.
    op.execute(
        "INSERT INTO blobs (key, digest, bytes, refs, holds, gone, used_at) "
        f"SELECT {_KEY}, blob, max(bytes), count(*), 0, {sa.false().compile(dialect=op.get_bind().dialect)}, max(created_at) "
        "FROM assets GROUP BY blob"
    )
    op.execute(f"UPDATE assets SET blob = {_KEY}")


def downgrade() -> None:
    op.execute("UPDATE assets SET blob = (SELECT digest FROM blobs WHERE blobs.key = assets.blob)")
    with op.batch_alter_table("assets", schema=None) as batch_op:
        batch_op.drop_index("ix_assets_blob")
        batch_op.alter_column("blob", existing_type=sa.String(length=160), type_=sa.String(length=64), existing_nullable=False)
        batch_op.create_index("ix_assets_account_id_blob", ["account_id", "blob"], unique=False)
    op.drop_table("blobs")
