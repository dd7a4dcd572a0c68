"""From queued to done: operations on a session, for the store of runs."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, select, update
from sqlmodel import Session, col

from app.database import now
from app.errors import Conflict, NotFound
from app.knowledge import run_log
from app.knowledge.run_listing import own
from app.knowledge.run_queue import join_run, lock_source
from app.knowledge.store import source_id_of
from app.knowledge.tables import RunRow

UNFINISHED = ("queued", "running")
OPEN = (*UNFINISHED, "paused")
Alive = Callable[[str | None, datetime | None], bool]
"""Whether the process of this name, heard of at this moment, still works on its run."""
Word = Literal["go", "pause", "stop"]
"""What a run shall do next; `stop` also where it is no longer this process's."""


class Elsewhere(Conflict):
    """This ingest run is already under way, or over."""


class Busy(Elsewhere):
    """Another run of this source is under way. This one begins when it has ended."""


class Run(NamedTuple):
    """A run that a process has begun to work on."""

    id: str
    workspace_id: str
    source: str
    request: dict[str, Any]


def begin(session: Session, run_id: str, worker: str, alive: Alive) -> Run:
    """Take a run that is queued, or whose process died. What it told before it died is told anew."""
    row = session.get(RunRow, run_id)
    if row is None:
        raise NotFound(f"There is no ingest run {run_id}.")
    source_id_of(session, row.workspace_id, row.source)
    lock_source(session, row.workspace_id, row.source)
    session.refresh(row)
    if row.state not in UNFINISHED or (row.state == "running" and alive(row.worker, row.heartbeat_at)):
        raise Elsewhere
    _settle_others(session, row, alive)
    run_log.clear(session, run_id)
    values = {"state": "running", "stage": "fetch", "stages": [], "worker": worker, "heartbeat_at": now()}
    begun = {"started_at": row.started_at or now(), "error": None}
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(values | begun))
    return Run(row.id, row.workspace_id, row.source, row.request)


def is_busy(session: Session, run_id: str, alive: Alive) -> bool:
    """Whether another run of its source is under way, so that this one cannot begin yet."""
    row = session.get(RunRow, run_id)
    running = _of_source(row.workspace_id, row.source, "running") if row else None
    others = session.execute(running).scalars() if running is not None else ()
    return any(other.id != run_id and alive(other.worker, other.heartbeat_at) for other in others)


def _of_source(workspace_id: str, source: str, state: str) -> Select[RunRow]:
    mine = (col(RunRow.workspace_id) == workspace_id) & (col(RunRow.source) == source)
    return select(RunRow).where(mine, col(RunRow.state) == state).order_by(col(RunRow.id))


def _settle_others(session: Session, row: RunRow, alive: Alive) -> None:
    """Two runs of one source would each remove what the other adds."""
    for other in session.execute(_of_source(row.workspace_id, row.source, "running")).scalars():
        if other.id == row.id:
            continue
        if alive(other.worker, other.heartbeat_at):
            raise Busy
        end(session, other.id, {"state": "failed", "error": "The process that worked on this run ended."})


def advance(session: Session, run_id: str, worker: str, progress: dict[str, Any]) -> Word:
    """Note how far the run is, and that it lives."""
    mine = (col(RunRow.id) == run_id) & (col(RunRow.worker) == worker) & (col(RunRow.state) == "running")
    changed = update(RunRow).where(mine).values(progress | {"heartbeat_at": now()})
    wishes = changed.returning(col(RunRow.cancel_requested), col(RunRow.pause_requested))
    row = session.execute(wishes).one_or_none()
    if row is None or row.cancel_requested:
        return "stop"
    return "pause" if row.pause_requested else "go"


def end(session: Session, run_id: str, outcome: dict[str, Any]) -> None:
    """Note how it ended."""
    values = {"pause_requested": False, "ended_at": now(), **outcome}
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(values))


def cancel(session: Session, workspace_id: str, run_id: str) -> None:
    """Ask a run to stop; one that waits never starts."""
    row = _still_open(session, workspace_id, run_id)
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(cancel_requested=True))
    if row.state != "running":
        before = "before it began" if row.state == "queued" else "while it was paused"
        end(session, run_id, {"state": "cancelled", "error": f"Cancelled {before}."})


def pause(session: Session, workspace_id: str, run_id: str) -> None:
    """Ask a run to stop until it is resumed; one that waits stops at once."""
    row = _still_open(session, workspace_id, run_id)
    values = {"pause_requested": True} if row.state == "running" else {"state": "paused"}
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(values))


def resume(session: Session, workspace_id: str, run_id: str) -> None:
    """Let a paused run wait for a worker again. What it stored is not done twice."""
    row = _still_open(session, workspace_id, run_id)
    values: dict[str, Any] = {"pause_requested": False}
    if row.state == "paused":
        values |= {"state": "queued", "ended_at": None}
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(values))


def _still_open(session: Session, workspace_id: str, run_id: str) -> RunRow:
    row = own(session, workspace_id, run_id)
    if row.state not in OPEN:
        raise Conflict("This ingest run is already over.")
    return row


def retry(session: Session, workspace_id: str, run_id: str) -> str:
    """A new run over what failed in this one. It removes nothing, for it does not see the rest."""
    row = own(session, workspace_id, run_id)
    if row.state in OPEN:
        raise Conflict("This ingest run is not over yet. Retry what failed when it has ended.")
    failed = run_log.failed(session, run_id)
    if not failed:
        raise Conflict("The log of this ingest run names nothing that failed, so there is nothing to retry.")
    return join_run(session, workspace_id, row.source, {**row.request, "prune": False, "only": failed}).run_id


def unfinished(session: Session, alive: Alive) -> list[Run]:
    """Runs of all workspaces that nobody works on and that shall go on."""
    rows = session.execute(select(RunRow).where(col(RunRow.state).in_(UNFINISHED)).order_by(col(RunRow.id))).scalars()
    left = [row for row in rows if row.state == "queued" or not alive(row.worker, row.heartbeat_at)]
    return [Run(row.id, row.workspace_id, row.source, row.request) for row in left]
