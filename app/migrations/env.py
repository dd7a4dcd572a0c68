"""Alembic calls this with a connection that `run.py` opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON
from sqlmodel.sql.sqltypes import AutoString

from app.database import UtcDateTime
from app.migrations.tables import METADATA


def in_our_words(kind: str, value: Any, _context: object) -> str | Literal[False]:  # noqa: ANN401  # Alembic gives anything
    """Write a column's type as the tables do."""
    if kind != "type":
        return False
    match value:
        case UtcDateTime():
            return "UtcDateTime()"
        case JSON():
            return "Json"
        case AutoString():
            return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=in_our_words,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
