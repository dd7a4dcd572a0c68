"""Workspaces: one by default."""

from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlmodel import Session

from app.accounts.tables import WorkspaceRow
from app.database import Database, UtcDateTime, now

DEFAULT_WORKSPACE = "default"
# Several processes may start at once on an empty database; SQLite and PostgreSQL both know this clause.
_MAKE = text(
    "INSERT INTO workspace (workspace_id, name, audit_sequence, audit_hash, created_at)"
    " VALUES (:workspace_id, :name, 0, '', :created_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("created_at", type_=UtcDateTime))


@dataclass(frozen=True, slots=True)
class Workspaces:
    """Makes sure that there is a place to work in."""

    database: Database

    async def ensure(self, name: str) -> str:
        """The id of the default workspace, which is made when it is missing."""
        await self.database.write(lambda session: _ensure(session, name))
        return DEFAULT_WORKSPACE


def _ensure(session: Session, name: str) -> None:
    if session.get(WorkspaceRow, DEFAULT_WORKSPACE) is None:
        session.execute(_MAKE, {"workspace_id": DEFAULT_WORKSPACE, "name": name, "created_at": now()})
