"""Budgets and the difficulty for strong models as an admin set them."""

import sqlalchemy as sa
from alembic import op

from app.database import Json, UtcDateTime

revision = "b5d2f80c1e37"
down_revision = "c2ab7ed28442"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("dollars", Json, nullable=False),
        sa.Column("when_spent", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_allowance")),
    )
    with op.batch_alter_table("route", schema=None) as batch_op:
        batch_op.add_column(sa.Column("strong_from", sa.Float(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("route", schema=None) as batch_op:
        batch_op.drop_column("strong_from")
    op.drop_table("allowance")
