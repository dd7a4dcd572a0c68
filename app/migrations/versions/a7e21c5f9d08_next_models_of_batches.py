"""next models of batches."""

import sqlalchemy as sa
from alembic import op

from app.database import Json

revision = "a7e21c5f9d08"
down_revision = "a70c3e5d18f2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("model_batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("others", Json, nullable=False, server_default="[]"))
    with op.batch_alter_table("model_batch", schema=None) as batch_op:
        batch_op.alter_column("others", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("model_batch", schema=None) as batch_op:
        batch_op.drop_column("others")
