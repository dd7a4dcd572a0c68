"""files as they were."""

import sqlalchemy as sa
from alembic import op

from app.database import Json

revision = "a70c3e5d18f2"
down_revision = "f3c09d7be418"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_file",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("documents", Json, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_file_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "name", name=op.f("pk_source_file")),
    )


def downgrade() -> None:
    op.drop_table("source_file")
