"""Which snapshot answers: operations on a session, for the store of snapshots. One row for each workspace decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlmodel import Session, col

from app.database import now
from app.errors import Conflict, NotFound
from app.knowledge.derived import in_parts, insert_missing
from app.knowledge.tables import PublicationRow, SnapshotRow


def standing(session: Session, workspace_id: str) -> tuple[str | None, str | None]:
    """Which snapshot answers now, and to which one a rollback returns."""
    mine = col(PublicationRow.workspace_id) == workspace_id
    row = session.execute(select(col(PublicationRow.snapshot_id), col(PublicationRow.previous_id)).where(mine)).first()
    return (row.snapshot_id, row.previous_id) if row else (None, None)


def hold(session: Session, workspace_id: str, snapshot_id: str, reasons: Sequence[Mapping[str, Any]]) -> None:
    """Keep why this snapshot should wait."""
    mine = (col(SnapshotRow.id) == snapshot_id) & (col(SnapshotRow.workspace_id) == workspace_id)
    session.execute(update(SnapshotRow).where(mine).values(reasons=[dict(one) for one in reasons]))


def publish(session: Session, workspace_id: str, snapshot_id: str, *, anyway: bool = False) -> None:
    """Let this snapshot answer from now on."""
    row = _complete(session, workspace_id, snapshot_id)
    if not anyway and row.published_at is None:
        _refuse_held(row.reasons)
    _publish_first(session, workspace_id, snapshot_id)
    current = _locked(session, workspace_id)
    if current and current.snapshot_id != snapshot_id:
        _flip(session, workspace_id, snapshot_id, current.snapshot_id)
    _stamp(session, snapshot_id)


def _publish_first(session: Session, workspace_id: str, snapshot_id: str) -> None:
    """Nothing happens unless nothing was ever published, not even at this moment by somebody else."""
    first = PublicationRow(workspace_id=workspace_id, snapshot_id=snapshot_id)
    insert_missing(session, PublicationRow, [first.model_dump()])


def _locked(session: Session, workspace_id: str) -> Row[tuple[str, str | None]] | None:
    mine = col(PublicationRow.workspace_id) == workspace_id
    columns = select(col(PublicationRow.snapshot_id), col(PublicationRow.previous_id))
    return session.execute(columns.where(mine).with_for_update()).one_or_none()


def _flip(session: Session, workspace_id: str, snapshot_id: str, previous_id: str) -> None:
    values = {"snapshot_id": snapshot_id, "previous_id": previous_id, "published_at": now()}
    session.execute(update(PublicationRow).where(col(PublicationRow.workspace_id) == workspace_id).values(values))


def _stamp(session: Session, snapshot_id: str) -> None:
    session.execute(update(SnapshotRow).where(col(SnapshotRow.id) == snapshot_id).values(published_at=now()))


def succeed(session: Session, workspace_id: str, snapshot_id: str, base_id: str | None) -> bool:
    """Publish unless something else than its base is published by now."""
    if base_id is None:
        _publish_first(session, workspace_id, snapshot_id)
    current = _locked(session, workspace_id)
    if current is None or current.snapshot_id != (base_id or snapshot_id):
        return False
    publish(session, workspace_id, snapshot_id)
    return True


def rollback(session: Session, workspace_id: str) -> str:
    """Return to the snapshot that answered before."""
    current = _locked(session, workspace_id)
    if current is None or current.previous_id is None:
        raise Conflict("There is no earlier snapshot to return to.")
    _flip(session, workspace_id, current.previous_id, current.snapshot_id)
    _stamp(session, current.previous_id)
    return str(current.previous_id)


def outdated(session: Session, workspace_id: str, keep: int) -> list[str]:
    """Snapshots whose indexes are no longer needed."""
    current = _locked(session, workspace_id)
    needed = {current.snapshot_id, current.previous_id} if current else set()
    mine = (col(SnapshotRow.workspace_id) == workspace_id) & (col(SnapshotRow.state) == "ready")
    newest = select(col(SnapshotRow.id)).where(mine).order_by(col(SnapshotRow.created_at).desc()).offset(keep)
    return [id_ for id_ in session.execute(newest).scalars() if id_ not in needed]


def unknown(session: Session, ids: Sequence[str]) -> list[str]:
    """Those that are no snapshot of any workspace, or one that failed."""
    alive: set[str] = set()
    for part in in_parts(ids):
        named = col(SnapshotRow.id).in_(part) & (col(SnapshotRow.state) != "failed")
        alive |= set(session.execute(select(col(SnapshotRow.id)).where(named)).scalars())
    return [one for one in ids if one not in alive]


def _complete(session: Session, workspace_id: str, snapshot_id: str) -> SnapshotRow:
    row = session.get(SnapshotRow, snapshot_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound(f"There is no snapshot {snapshot_id}.")
    if row.state != "ready":
        raise Conflict("This snapshot is not complete, so it cannot be published.")
    return row


def _refuse_held(reasons: Sequence[Mapping[str, Any]]) -> None:
    stops = [str(one["sentence"]) for one in reasons if one["stops"]]
    if stops:
        raise Conflict(f"This snapshot waits for review. {' '.join(stops)} Publish it anyway if all of that is meant.")
