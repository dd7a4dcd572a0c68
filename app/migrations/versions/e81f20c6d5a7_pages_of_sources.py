"""pages of sources."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, UtcDateTime

revision = "e81f20c6d5a7"
down_revision = "d4e8a1c7b052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("deleted_at", UtcDateTime(), nullable=True))
    op.create_table(
        "source_page",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("state", "reason", "name", "media", "digest", "etag", "modified")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_page_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_source_page")),
    )
    with op.batch_alter_table("source_page", schema=None) as batch_op:
        batch_op.create_index("ix_source_page_round", ["source_id", "round", "state", "position"], unique=False)
    op.create_table(
        "source_preview",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found", Json, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_preview_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_preview")),
    )


def downgrade() -> None:
    op.drop_table("source_preview")
    with op.batch_alter_table("source_page", schema=None) as batch_op:
        batch_op.drop_index("ix_source_page_round")
    op.drop_table("source_page")
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("seen")
