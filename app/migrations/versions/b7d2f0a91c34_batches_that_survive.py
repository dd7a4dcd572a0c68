"""batches that survive a crash."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, UtcDateTime

revision = "b7d2f0a91c34"
down_revision = "6bcf999a3425"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Batches of before hold no jobs: those under way could never be finished, and the others were fetched.
    op.drop_table("model_batch")
    op.create_table(
        "model_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("jobs", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("promise_id", sa.String(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("held_until", UtcDateTime(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("results", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_batch")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_model_batch_fingerprint")),
    )
    with op.batch_alter_table("model_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_batch_workspace_id"), ["workspace_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_model_batch_state"), ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("model_batch")
    op.create_table(
        "model_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("results", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_batch")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_model_batch_fingerprint")),
    )
    with op.batch_alter_table("model_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_model_batch_workspace_id"), ["workspace_id"], unique=False)
