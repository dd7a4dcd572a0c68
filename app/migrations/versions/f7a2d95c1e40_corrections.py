"""corrections."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "f7a2d95c1e40"
down_revision = "e41f6c08d2b7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_correction_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_conversation", "correction", ["conversation_id"])
    op.create_index(op.f("ix_correction_workspace_id"), "correction", ["workspace_id"])
    op.create_table(
        "correction_span",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("now_version", sa.Integer(), nullable=True),
        sa.Column("now_start", sa.Integer(), nullable=False),
        sa.Column("now_end", sa.Integer(), nullable=False),
        sa.Column("now_quote", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name=op.f("fk_correction_span_correction_id_correction")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_correction_span_document_id_document")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_correction_span_message_id_message")),
        sa.PrimaryKeyConstraint("message_id", "document_id", "version", "start", name=op.f("pk_correction_span")),
    )
    op.create_index("ix_correction_span_document", "correction_span", ["workspace_id", "document_id"])
    op.create_index(op.f("ix_correction_span_correction_id"), "correction_span", ["correction_id"])


def downgrade() -> None:
    op.drop_table("correction_span")
    op.drop_table("correction")
