"""The only place that reads or writes ingest runs: what was asked for, how far each is, what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, NotFound
from app.knowledge import run_listing, run_queue
from app.knowledge.store import source_id_of
from app.knowledge.tables import ItemRow, RunRow, SourceRow

UNFINISHED = ("queued", "running")
OUTCOMES = ("added", "changed", "unchanged", "removed", "failed")
Alive = Callable[[str | None, datetime | None], bool]
"""Whether the process of this name, heard of at this moment, still works on its run."""


class Item(NamedTuple):
    """What became of one document, or of a file that is none."""

    name: str
    outcome: str
    detail: str = ""


class Run(NamedTuple):
    """A run that a process has begun to work on."""

    id: str
    workspace_id: str
    source: str
    request: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunStore:
    """Runs, whose rows are the truth that pages show and that a resumed run begins from."""

    database: Database

    async def queue(self, workspace_id: str, source: str, request: dict[str, Any]) -> str:
        """Note that a run is wanted."""
        row = RunRow(workspace_id=workspace_id, source=source, request=request).model_dump()
        await self.database.write(lambda session: _queue(session, row))
        return str(row["id"])

    async def begin(self, run_id: str, worker: str, alive: Alive) -> Run:
        """Take a run that is queued, or whose process died; `Conflict` while another has this source."""
        return await self.database.write(lambda session: _begin(session, run_id, worker, alive))

    async def quiet_since(self, run_id: str) -> float | None:
        """Seconds since the last wish joined this run; none when it does not wait for more."""
        return await self.database.read(lambda session: run_queue.quiet_since(session, run_id))

    async def advance(self, run_id: str, worker: str, progress: dict[str, Any]) -> bool:
        """Note how far the run is, and that it lives; false when it shall stop or is no longer this process's."""
        return await self.database.write(lambda session: _advance(session, run_id, worker, progress))

    async def finish(self, run: Run, outcome: dict[str, Any], items: list[Item]) -> None:
        """Note how it ended, and what became of each document."""
        await self.database.write(lambda session: _finish(session, run, outcome, items))

    async def cancel(self, workspace_id: str, run_id: str) -> None:
        """Ask a run to stop; a queued one never starts."""
        await self.database.write(lambda session: _cancel(session, workspace_id, run_id))

    async def view(self, workspace_id: str, run_id: str) -> dict[str, Any]:
        """One run with its items, failures first."""
        return await self.database.read(lambda session: run_listing.view(session, workspace_id, run_id))

    async def latest(self, workspace_id: str, limit: int = 50) -> list[dict[str, Any]]:
        """The newest runs first, without their items."""
        return await self.database.read(lambda session: run_listing.latest(session, workspace_id, limit))

    async def unfinished(self, alive: Alive) -> list[Run]:
        """Runs of all workspaces that nobody works on."""
        return await self.database.read(lambda session: _unfinished(session, alive))

    async def sources(self, workspace_id: str) -> list[dict[str, Any]]:
        """Where documents come from, by name."""
        return await self.database.read(lambda session: run_listing.sources(session, workspace_id))

    async def add_source(self, workspace_id: str, name: str) -> str:
        """Make a source; one that exists is left as it is."""
        return await self.database.write(lambda session: source_id_of(session, workspace_id, name))


def _queue(session: Session, row: dict[str, Any]) -> None:
    session.execute(insert(RunRow).values(row))


def _begin(session: Session, run_id: str, worker: str, alive: Alive) -> Run:
    row = session.get(RunRow, run_id)
    if row is None:
        raise NotFound(f"There is no ingest run {run_id}.")
    _lock_source(session, row)
    if row.state not in UNFINISHED or (row.state == "running" and alive(row.worker, row.heartbeat_at)):
        raise Conflict("This ingest run is already under way, or over.")
    _settle_others(session, row, alive)
    values = {
        "state": "running",
        "stage": "fetch",
        "stages": [],
        "worker": worker,
        "heartbeat_at": now(),
        "started_at": now(),
    }
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(values))
    return Run(row.id, row.workspace_id, row.source, row.request)


def _lock_source(session: Session, row: RunRow) -> None:
    source_id = source_id_of(session, row.workspace_id, row.source)
    session.execute(select(col(SourceRow.id)).where(col(SourceRow.id) == source_id).with_for_update())
    session.refresh(row)


def _settle_others(session: Session, row: RunRow, alive: Alive) -> None:
    """Two runs of one source would each remove what the other adds."""
    same = (col(RunRow.workspace_id) == row.workspace_id) & (col(RunRow.source) == row.source)
    running = select(RunRow).where(same, col(RunRow.state) == "running", col(RunRow.id) != row.id)
    for other in session.execute(running).scalars():
        if alive(other.worker, other.heartbeat_at):
            raise Conflict(
                f"The source “{row.source}” is being ingested by another run ({other.id}). Wait until it ends."
            )
        _end(session, other.id, {"state": "failed", "error": "The process that worked on this run ended."})


def _end(session: Session, run_id: str, values: dict[str, Any]) -> None:
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(values | {"ended_at": now()}))


def _advance(session: Session, run_id: str, worker: str, progress: dict[str, Any]) -> bool:
    mine = (col(RunRow.id) == run_id) & (col(RunRow.worker) == worker) & (col(RunRow.state) == "running")
    changed = update(RunRow).where(mine).values(progress | {"heartbeat_at": now()})
    cancelled = session.execute(changed.returning(col(RunRow.cancel_requested))).scalar_one_or_none()
    return cancelled is False


def _finish(session: Session, run: Run, outcome: dict[str, Any], items: list[Item]) -> None:
    rows = [
        {"run_id": run.id, "position": position, "workspace_id": run.workspace_id, **item._asdict()}
        for position, item in enumerate(items)
    ]
    if rows:
        session.execute(insert(ItemRow), rows)
    _end(session, run.id, outcome)


def _cancel(session: Session, workspace_id: str, run_id: str) -> None:
    row = run_listing.own(session, workspace_id, run_id)
    if row.state not in UNFINISHED:
        raise Conflict("This ingest run is already over.")
    session.execute(update(RunRow).where(col(RunRow.id) == run_id).values(cancel_requested=True))
    if row.state == "queued":
        _end(session, run_id, {"state": "cancelled", "error": "Cancelled before it began."})


def _unfinished(session: Session, alive: Alive) -> list[Run]:
    rows = session.execute(select(RunRow).where(col(RunRow.state).in_(UNFINISHED)).order_by(col(RunRow.id))).scalars()
    left = [row for row in rows if row.state == "queued" or not alive(row.worker, row.heartbeat_at)]
    return [Run(row.id, row.workspace_id, row.source, row.request) for row in left]


def long_ago(moment: datetime | None, seconds: float) -> bool:
    """Whether this moment is unknown or further back than so many seconds."""
    return moment is None or now() - moment > timedelta(seconds=seconds)
