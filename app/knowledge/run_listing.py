"""How runs are shown: operations on a session, for the store of runs."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from app.errors import NotFound
from app.knowledge.tables import RunRow


@dataclass(frozen=True, slots=True)
class Counts:
    """What came of a run."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0
    documents: int = 0
    passages: int = 0
    embedded: int = 0


def progress(session: Session, workspace_id: str, run_id: str) -> dict[str, Any]:
    """One run without its items."""
    return _run_json(own(session, workspace_id, run_id))


def latest(session: Session, workspace_id: str, limit: int, after: str) -> list[dict[str, Any]]:
    """The newest runs first, from below this one on; their ids rise with time."""
    mine = select(RunRow).where(col(RunRow.workspace_id) == workspace_id)
    if after:
        mine = mine.where(col(RunRow.id) < after)
    rows = session.execute(mine.order_by(col(RunRow.id).desc()).limit(limit))
    return [_run_json(row) for row in rows.scalars()]


def _run_json(row: RunRow) -> dict[str, Any]:
    running = row.state == "running"
    return {
        "id": row.id,
        "source": row.source,
        "state": row.state,
        "stage": row.stage,
        "stages": [_stage_json(stage, now=running and stage["name"] == row.stage) for stage in row.stages],
        "counts": asdict(Counts()) | row.counts,
        "held": row.held,
        "pausing": row.pause_requested,
        "created_at": row.created_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "snapshot_id": row.snapshot_id,
        "error": row.error,
    }


def _stage_json(stage: dict[str, Any], *, now: bool) -> dict[str, Any]:
    """With how many a second were done, and for the stage that is under way the seconds that the rest will take."""
    done, left, seconds = stage["done"], stage["total"] - stage["done"], stage["seconds"]
    rate = done / seconds if done and seconds else None
    remaining = left / rate if now and rate and left > 0 else None
    return {**stage, "rate": rate and round(rate, 1), "remaining_seconds": remaining and round(remaining, 1)}


def own(session: Session, workspace_id: str, run_id: str) -> RunRow:
    """A run of this workspace; another's looks like none at all."""
    row = session.get(RunRow, run_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound(f"There is no ingest run {run_id}.")
    return row
