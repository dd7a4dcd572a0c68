"""reviews of snapshots."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, UtcDateTime

revision = "e41f6c08d2b7"
down_revision = "e81f20c6d5a7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshot", sa.Column("reasons", Json, nullable=False, server_default="[]"))
    op.create_table(
        "probe",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("expects", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_probe")),
    )
    op.create_index(op.f("ix_probe_workspace_id"), "probe", ["workspace_id"])
    op.create_table(
        "snapshot_review",
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("against_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("probes", Json, nullable=False),
        sa.Column("impact", Json, nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("heartbeat_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_snapshot_review_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_snapshot_review")),
    )
    op.create_index("ix_snapshot_review_state", "snapshot_review", ["state"])
    op.create_table(
        "snapshot_impact",
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name=op.f("fk_snapshot_impact_snapshot_id_snapshot")),
        sa.PrimaryKeyConstraint("snapshot_id", "position", name=op.f("pk_snapshot_impact")),
    )


def downgrade() -> None:
    op.drop_table("snapshot_impact")
    op.drop_table("snapshot_review")
    op.drop_table("probe")
    with op.batch_alter_table("snapshot", schema=None) as batch_op:
        batch_op.drop_column("reasons")
