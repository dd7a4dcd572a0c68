"""stages of runs."""

import sqlalchemy as sa
from alembic import op

from app.database import Json

revision = "b7d0f3a91c26"
down_revision = "5d0c1a7be3f4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ingest_run") as batch_op:
        batch_op.add_column(sa.Column("stages", Json, nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("held", Json, nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("pause_requested", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_column("done")
        batch_op.drop_column("total")
    with op.batch_alter_table("ingest_item") as batch_op:
        batch_op.add_column(sa.Column("flags", Json, nullable=False, server_default="[]"))
    with op.batch_alter_table("document_version") as batch_op:
        batch_op.add_column(sa.Column("flags", Json, nullable=False, server_default="[]"))
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
    with op.batch_alter_table("ingest_run") as batch_op:
        batch_op.add_column(sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("total", sa.Integer(), nullable=False, server_default="0"))


_ADDED = {
    "ingest_run": ("stages", "held", "pause_requested"),
    "ingest_item": ("flags",),
    "document_version": ("flags",),
}
