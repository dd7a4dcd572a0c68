"""kinds of sources."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.database import Json, UtcDateTime

revision = "5d0c1a7be3f4"
down_revision = "ca34e270bd49"
branch_labels = None
depends_on = None

COLUMNS: tuple[tuple[str, Any, str | None], ...] = (
    ("kind", sa.String(), "folder"),
    ("settings", Json, "{}"),
    ("schedule", sa.String(), "manual"),
    ("audience", sa.String(), "public"),
    ("locale", sa.String(), ""),
    ("owner", sa.String(), None),
    ("enabled", sa.Boolean(), "1"),
    ("publish_rule", Json, "{}"),
    ("cutting", Json, "{}"),
    ("last_run_at", UtcDateTime(), None),
    ("next_run_at", UtcDateTime(), None),
)
SOURCE = sa.table("source", sa.column("workspace_id"), sa.column("name"), sa.column("kind"))
RUN = sa.table("ingest_run", sa.column("workspace_id"), sa.column("source"), sa.column("request", Json))


def upgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        for name, kind, default in COLUMNS:
            column: sa.Column[Any] = sa.Column(name, kind, nullable=default is None, server_default=default)
            batch_op.add_column(column)
    _name_uploads()


def _name_uploads() -> None:
    """What was filled through the console is an upload, not a folder that could be read again."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(RUN.c.workspace_id, RUN.c.source, RUN.c.request)).all()
    uploads = {row[:2] for row in rows if any("/uploads/" in str(path) for path in row.request.get("paths", ()))}
    for workspace_id, name in uploads:
        mine = (SOURCE.c.workspace_id == workspace_id) & (SOURCE.c.name == name)
        connection.execute(sa.update(SOURCE).where(mine).values(kind="upload"))


def downgrade() -> None:
    with op.batch_alter_table("source", schema=None) as batch_op:
        for name, _, _ in reversed(COLUMNS):
            batch_op.drop_column(name)
