"""order of run logs."""

import sqlalchemy as sa
from alembic import op

revision = "c91e5b3d7a40"
down_revision = "b7d2f0a91c34"
branch_labels = None
depends_on = None

ITEM = sa.table("ingest_item", sa.column("outcome", sa.String()), sa.column("rank", sa.Integer()))


def upgrade() -> None:
    with op.batch_alter_table("ingest_item") as batch_op:
        batch_op.add_column(sa.Column("rank", sa.Integer(), nullable=False, server_default="2"))
    for outcome, rank in (("failed", 0), ("unchanged", 3)):
        op.execute(sa.update(ITEM).where(ITEM.c.outcome == outcome).values(rank=rank))
    with op.batch_alter_table("ingest_item") as batch_op:
        batch_op.alter_column("rank", server_default=None)
        batch_op.create_index("ix_ingest_item_rank", ["run_id", "rank", "position"])


def downgrade() -> None:
    with op.batch_alter_table("ingest_item") as batch_op:
        batch_op.drop_index("ix_ingest_item_rank")
        batch_op.drop_column("rank")
