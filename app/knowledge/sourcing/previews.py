"""The only place that reads or writes previews: what a run of a source would fetch."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import NotFound
from app.knowledge.sourcing.tables import PreviewRow


@dataclass(frozen=True, slots=True)
class PreviewStore:
    """The newest look at each source."""

    database: Database

    async def ask(self, workspace_id: str, source_id: str) -> None:
        """Note that somebody wants to look."""
        await self.database.write(lambda session: _ask(session, workspace_id, source_id))

    async def settle(self, source_id: str, found: dict[str, Any], error: str | None = None) -> None:
        """Note what was seen, or why nothing was."""
        values = {"state": "failed" if error else "done", "found": found, "error": error}
        await self.database.write(lambda session: _settle(session, source_id, values))

    async def view(self, workspace_id: str, source_id: str) -> dict[str, Any]:
        """The newest look; `NotFound` when nobody looked yet."""
        return await self.database.read(lambda session: _view(session, workspace_id, source_id))


def _ask(session: Session, workspace_id: str, source_id: str) -> None:
    row = session.get(PreviewRow, source_id) or PreviewRow(source_id=source_id, workspace_id=workspace_id)
    row.state, row.found, row.error, row.created_at = "queued", {}, None, now()
    session.add(row)
    session.flush()


def _settle(session: Session, source_id: str, values: dict[str, Any]) -> None:
    session.execute(update(PreviewRow).where(col(PreviewRow.source_id) == source_id).values(values))


def _view(session: Session, workspace_id: str, source_id: str) -> dict[str, Any]:
    row = session.get(PreviewRow, source_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("Nobody has looked at this source yet. Ask for a preview first.")
    return {"state": row.state, "error": row.error, "created_at": row.created_at.isoformat(), **row.found}
