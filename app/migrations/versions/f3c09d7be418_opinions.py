"""what the judge says of answers."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "f3c09d7be418"
down_revision = "e91b6f20a7d3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opinion",
        sa.Column("turn_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_opinion")),
    )
    op.create_index(op.f("ix_opinion_workspace_id"), "opinion", ["workspace_id"], unique=False)


def downgrade() -> None:
    op.drop_table("opinion")
