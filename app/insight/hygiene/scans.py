"""The only place that reads or writes scans: which are wanted, how far each is, what came of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, NotFound
from app.insight.hygiene.tables import ScanRow

PATIENCE = timedelta(minutes=10)
"""A scan that told nothing for so long died with its process."""
UNDER_WAY = ("queued", "running")
COLUMNS = (
    "id", "snapshot_id", "links", "state", "stage", "done", "total", "counts", "error", "created_at", "ended_at",
)  # fmt: skip


class Scan(NamedTuple):
    """A scan that a process has begun."""

    id: str
    workspace_id: str
    links: bool


@dataclass(frozen=True, slots=True)
class ScanStore:
    """Scans of the workspaces; one is under way at a time in each."""

    database: Database

    async def queue(self, workspace_id: str, *, links: bool = False) -> tuple[str, bool]:
        """Note that a scan is wanted: its id, and whether it is new. One that waits already is the one."""
        return await self.database.write(lambda session: _queue(session, workspace_id, links=links))

    async def begin(self, scan_id: str) -> Scan:
        """Take a scan that waits. Raises `Conflict` when somebody else has it or it is over."""
        return await self.database.write(lambda session: _begin(session, scan_id))

    async def advance(self, scan_id: str, stage: str, done: int, total: int) -> None:
        """Note how far it is."""
        await self._set(scan_id, {"stage": stage, "done": done, "total": total, "heartbeat_at": now()})

    async def finish(self, scan_id: str, snapshot_id: str | None, counts: dict[str, Any]) -> None:
        """Note what came of it."""
        await self._set(scan_id, {"state": "done", "stage": "done", "snapshot_id": snapshot_id, "counts": counts})
        await self._set(scan_id, {"ended_at": now()})

    async def fail(self, scan_id: str, error: str) -> None:
        """Note why it stopped; the tasks are as they were."""
        await self._set(scan_id, {"state": "failed", "error": error, "ended_at": now()})

    async def view(self, workspace_id: str, scan_id: str) -> dict[str, Any]:
        """One scan. Raises `NotFound`."""
        return await self.database.read(lambda session: _view(session, workspace_id, scan_id))

    async def latest(self, workspace_id: str, limit: int = 10) -> list[dict[str, Any]]:
        """The newest first."""
        return await self.database.read(lambda session: _latest(session, workspace_id, limit))

    async def _set(self, scan_id: str, values: dict[str, Any]) -> None:
        await self.database.write(
            lambda session: session.execute(update(ScanRow).where(col(ScanRow.id) == scan_id).values(**values)).close()
        )


def _queue(session: Session, workspace_id: str, *, links: bool) -> tuple[str, bool]:
    waiting = (col(ScanRow.workspace_id) == workspace_id) & (col(ScanRow.state) == "queued")
    row = session.execute(select(ScanRow).where(waiting).limit(1)).scalar_one_or_none()
    if row is not None and row.created_at > now() - PATIENCE:
        row.links = row.links or links
        session.add(row)
        return row.id, False
    fresh = ScanRow(workspace_id=workspace_id, links=links)
    session.add(fresh)
    session.flush()
    return fresh.id, True


def _begin(session: Session, scan_id: str) -> Scan:
    free = (col(ScanRow.id) == scan_id) & (col(ScanRow.state) == "queued")
    taken = update(ScanRow).where(free).values(state="running", heartbeat_at=now()).returning(col(ScanRow.id))
    if session.execute(taken).scalar_one_or_none() is None:
        raise Conflict("This scan is not waiting any more.")
    row = session.get_one(ScanRow, scan_id)
    return Scan(row.id, row.workspace_id, row.links)


def _view(session: Session, workspace_id: str, scan_id: str) -> dict[str, Any]:
    row = session.get(ScanRow, scan_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound("There is no such scan.")
    return _json(row)


def _latest(session: Session, workspace_id: str, limit: int) -> list[dict[str, Any]]:
    mine = select(ScanRow).where(col(ScanRow.workspace_id) == workspace_id)
    rows = session.execute(mine.order_by(col(ScanRow.created_at).desc(), col(ScanRow.id).desc()).limit(limit))
    return [_json(row) for row in rows.scalars()]


def _json(row: ScanRow) -> dict[str, Any]:
    """A scan whose process died is told as failed, for nobody else would say so."""
    told = {name: getattr(row, name) for name in COLUMNS}
    last = row.heartbeat_at or row.created_at
    if row.state in UNDER_WAY and last < now() - PATIENCE:
        told |= {"state": "failed", "error": "The scan stopped with its process. Start another one."}
    return told
