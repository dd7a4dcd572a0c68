"""Wishes that come in bursts and need one run only. Operations on a session, for the stores that take such wishes."""

from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.database import now
from app.errors import Conflict
from app.knowledge.derived import insert_missing
from app.knowledge.tables import RunRow, SourceRow


class Queued(NamedTuple):
    """The run that carries a wish out, and whether a worker has yet to hear of it."""

    run_id: str
    new: bool


def join_run(session: Session, workspace_id: str, source: str, request: dict[str, Any]) -> Queued:
    """The run that waits to do just this, or a new one.

    A run is begun under the same lock of its source, so that whatever joins it was stored before it begins to read.
    """
    lock_source(session, workspace_id, source)
    mine = (col(RunRow.workspace_id) == workspace_id) & (col(RunRow.source) == source)
    waiting = session.execute(select(RunRow).where(mine, col(RunRow.state) == "queued")).scalars()
    same = next((row.id for row in waiting if row.request == request and not row.cancel_requested), None)
    if same:
        session.execute(update(RunRow).where(col(RunRow.id) == same).values(heartbeat_at=now()))
        return Queued(same, new=False)
    row = RunRow(workspace_id=workspace_id, source=source, request=request, heartbeat_at=now())
    session.execute(insert(RunRow).values(row.model_dump()))
    return Queued(row.id, new=True)


def lock_source(session: Session, workspace_id: str, name: str) -> SourceRow | None:
    """The source of this name, kept from other transactions until this one ends."""
    mine = (col(SourceRow.workspace_id) == workspace_id) & (col(SourceRow.name) == name)
    return session.execute(select(SourceRow).where(mine).with_for_update()).scalar_one_or_none()


def lock_own_source(session: Session, workspace_id: str, name: str, kind: str) -> None:
    """The same for a source that only this kind of documents may fill; made when it is new."""
    new = SourceRow(workspace_id=workspace_id, name=name, kind=kind)
    insert_missing(session, SourceRow, [new.model_dump()])
    source = lock_source(session, workspace_id, name)
    if source is None or source.kind != kind:
        raise Conflict(f"The source “{name}” is filled in another way. Choose another name.")
    if not source.enabled:
        raise Conflict(f"The source “{name}” is switched off. Switch it on, then send this again.")


def quiet_since(session: Session, run_id: str) -> float | None:
    """Seconds since the last wish joined this run; none when it does not wait for more."""
    row = session.get(RunRow, run_id)
    if row is None or row.state != "queued" or row.heartbeat_at is None:
        return None
    return (now() - row.heartbeat_at).total_seconds()
