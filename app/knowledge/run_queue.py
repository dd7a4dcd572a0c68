"""Wishes that come in bursts and need one run only. Operations on a session, for the stores that take such wishes."""

from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.database import now
from app.errors import Conflict
from app.knowledge.derived import insert_missing
from app.knowledge.store import source_id_of
from app.knowledge.tables import RunRow, SourceRow

FILES = "files"
"""What a run reads unless its request says otherwise; such wishes come one at a time."""


MAY_VANISH: dict[str, Any] = {"vanished": None}
"""Where each document is deleted by its name, none vanishes by mistake."""


class Queued(NamedTuple):
    """The run that carries a wish out, and whether a worker has yet to hear of it."""

    run_id: str
    new: bool


def join_run(session: Session, workspace_id: str, source: str, request: dict[str, Any]) -> Queued:
    """The run that waits and would then do what both ask for, or a new one.

    A run is begun under the same lock of its source, so that whatever joins it was stored before it begins to read.
    """
    source_id_of(session, workspace_id, source)
    lock_source(session, workspace_id, source)
    mine = (col(RunRow.workspace_id) == workspace_id) & (col(RunRow.source) == source)
    for waiting in session.execute(select(RunRow).where(mine, col(RunRow.state) == "queued")).scalars():
        both = _joined(waiting.request, request)
        if both is not None and not waiting.cancel_requested:
            values = {"request": both, "heartbeat_at": now()}
            session.execute(update(RunRow).where(col(RunRow.id) == waiting.id).values(values))
            return Queued(waiting.id, new=False)
    row = RunRow(workspace_id=workspace_id, source=source, request=request, heartbeat_at=now())
    session.execute(insert(RunRow).values(row.model_dump()))
    return Queued(row.id, new=True)


def _joined(waiting: dict[str, Any], wish: dict[str, Any]) -> dict[str, Any] | None:
    """One request instead of two; none where the second would undo or publish what the first must not."""
    if waiting == wish or wish in waiting.get("also", []):
        return waiting
    alike = all(waiting.get(name) == wish.get(name) for name in ("publish", "prune", "reads"))
    if not alike or "paths" not in wish or wish.get("prune") or "only" in waiting or "only" in wish:
        return None
    return {**waiting, "also": [*waiting.get("also", []), wish]}


def lock_source(session: Session, workspace_id: str, name: str) -> SourceRow | None:
    """The source of this name, kept from other transactions until this one ends."""
    mine = (col(SourceRow.workspace_id) == workspace_id) & (col(SourceRow.name) == name)
    return session.execute(select(SourceRow).where(mine).with_for_update()).scalar_one_or_none()


def lock_own_source(session: Session, workspace_id: str, name: str, kind: str) -> bool:
    """The same for a source that only this kind of documents may fill, made when it is new.

    Whether it was deleted before: then it comes back, and what it held is not to come back with it.
    """
    new = SourceRow(workspace_id=workspace_id, name=name, kind=kind, publish_rule=MAY_VANISH)
    insert_missing(session, SourceRow, [new.model_dump()])
    source = lock_source(session, workspace_id, name)
    if source and source.deleted_at:
        source.kind, source.enabled, source.deleted_at = kind, True, None
        source.publish_rule = MAY_VANISH
        session.add(source)
        return True
    if source is None or source.kind != kind:
        raise Conflict(f"The source “{name}” is filled in another way. Choose another name.")
    if not source.enabled:
        raise Conflict(f"The source “{name}” is switched off. Switch it on, then send this again.")
    return False


def quiet_since(session: Session, run_id: str) -> float | None:
    """Seconds since the last wish joined this run; none when it does not wait for more."""
    row = session.get(RunRow, run_id)
    if row is None or row.state != "queued" or row.heartbeat_at is None:
        return None
    if row.request.get("reads", FILES) == FILES:
        return None
    return (now() - row.heartbeat_at).total_seconds()
