"""Keys of providers that were stored in the console."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "a7e2c94d1f38"
down_revision = "a7e21c5f9d08"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_key",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_provider_key")),
    )


def downgrade() -> None:
    op.drop_table("provider_key")
