"""summaries of conversations."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "d4e8a1c7b052"
down_revision = "d1b2eb9dea21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation_summary",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("upto", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_summary_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_conversation_summary")),
    )
    with op.batch_alter_table("conversation_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_summary_workspace_id"), ["workspace_id"], unique=False)


def downgrade() -> None:
    op.drop_table("conversation_summary")
