"""What belongs to a person beside the catalogue: spells and workflows, every version kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shelf_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("short", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=True),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_shelf_items_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_items")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_shelf_items_link_hash")),
        sa.UniqueConstraint("origin", name=op.f("uq_shelf_items_origin")),
        sa.UniqueConstraint("short", name=op.f("uq_shelf_items_short")),
    )
    with op.batch_alter_table("shelf_items", schema=None) as batch_op:
        batch_op.create_index("ix_shelf_items_owner", ["account_id", "kind", "id"], unique=False)
        batch_op.create_index("ix_shelf_items_visibility", ["visibility", "updated_at"], unique=False)
    op.create_table(
        "shelf_versions",
        sa.Column("item_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["shelf_items.id"], name=op.f("fk_shelf_versions_item_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_shelf_versions")),
    )


def downgrade() -> None:
    op.drop_table("shelf_versions")
    op.drop_table("shelf_items")
