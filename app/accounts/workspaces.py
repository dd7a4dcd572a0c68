"""Workspaces: one by default."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, make_url, text
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

    async def mark(self, address: str) -> str:
        """Signs what this installation keeps on servers that others use as well.

        It tells two databases apart, and a copy of a database from the one it was copied from by its `address`, of
        which only the place counts.
        """
        begun = await self.database.read(_begun)
        place = make_url(address)
        return hashlib.sha256(f"{begun} {place.host}:{place.port}/{place.database}".encode()).hexdigest()[:20]


def _ensure(session: Session, name: str) -> None:
    if session.get(WorkspaceRow, DEFAULT_WORKSPACE) is None:
        session.execute(_MAKE, {"workspace_id": DEFAULT_WORKSPACE, "name": name, "created_at": now()})


def _begun(session: Session) -> str:
    row = session.get(WorkspaceRow, DEFAULT_WORKSPACE)
    return row.created_at.isoformat() if row else ""
