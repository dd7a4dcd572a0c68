"""gaps, and work of the night."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, UtcDateTime

revision = "e91b6f20a7d3"
down_revision = "f7a2d95c1e40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gap",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("vector", Json, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("drafted_at", sa.Integer(), nullable=False),
        sa.Column("first_asked_at", UtcDateTime(), nullable=False),
        sa.Column("last_asked_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
    )
    op.create_index(op.f("ix_gap_workspace_id"), "gap", ["workspace_id"], unique=False)
    op.create_table(
        "gap_question",
        sa.Column("turn_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("gap_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_gap_question")),
    )
    op.create_index(op.f("ix_gap_question_gap_id"), "gap_question", ["gap_id"], unique=False)
    op.create_table(
        "errand",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_errand")),
    )


def downgrade() -> None:
    op.drop_table("errand")
    op.drop_table("gap_question")
    op.drop_table("gap")
