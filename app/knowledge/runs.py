"""The only place that reads or writes ingest runs: what was asked for, how far each is, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from app.database import Database, now
from app.knowledge import run_listing, run_log, run_queue, run_states
from app.knowledge.run_log import Item, Wanted
from app.knowledge.run_queue import Queued
from app.knowledge.run_states import Alive, Run, Word

FIRST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class RunStore:
    """Runs, whose rows are the truth that pages show and that a resumed run begins from."""

    database: Database

    async def queue(self, workspace_id: str, source: str, request: dict[str, Any]) -> str:
        """Note that a run is wanted; the id of the one that will do it."""
        return (await self.join(workspace_id, source, request)).run_id

    async def join(self, workspace_id: str, source: str, request: dict[str, Any]) -> Queued:
        """Note that a run is wanted; one of this source that still waits takes the wish in, where it can."""
        return await self.database.write(lambda session: run_queue.join_run(session, workspace_id, source, request))

    async def begin(self, run_id: str, worker: str, alive: Alive) -> Run:
        """Take a run that is queued, or whose process died; `Busy` while another has this source."""
        return await self.database.write(lambda session: run_states.begin(session, run_id, worker, alive))

    async def is_busy(self, run_id: str, alive: Alive) -> bool:
        """Whether another run of its source is under way, so that this one cannot begin yet."""
        return await self.database.read(lambda session: run_states.is_busy(session, run_id, alive))

    async def quiet_since(self, run_id: str) -> float | None:
        """Seconds since the last wish joined this run; none when it does not wait for more."""
        return await self.database.read(lambda session: run_queue.quiet_since(session, run_id))

    async def advance(self, run_id: str, worker: str, progress: dict[str, Any]) -> Word:
        """Note how far the run is, and that it lives; what it shall do next."""
        return await self.database.write(lambda session: run_states.advance(session, run_id, worker, progress))

    async def tell(self, run: Run, position: int, items: Sequence[Item]) -> None:
        """Note what became of these documents, the first of which has this place in the log."""
        await self.database.write(lambda session: run_log.tell(session, run.workspace_id, run.id, position, items))

    async def finish(self, run: Run, outcome: dict[str, Any]) -> None:
        """Note how it ended."""
        await self.database.write(lambda session: run_states.end(session, run.id, outcome))

    async def cancel(self, workspace_id: str, run_id: str) -> None:
        """Ask a run to stop; one that waits never starts."""
        await self.database.write(lambda session: run_states.cancel(session, workspace_id, run_id))

    async def pause(self, workspace_id: str, run_id: str) -> None:
        """Ask a run to stop until it is resumed."""
        await self.database.write(lambda session: run_states.pause(session, workspace_id, run_id))

    async def resume(self, workspace_id: str, run_id: str) -> None:
        """Let a paused run wait for a worker again."""
        await self.database.write(lambda session: run_states.resume(session, workspace_id, run_id))

    async def retry(self, workspace_id: str, run_id: str) -> str:
        """A new run over what failed in this one; its id."""
        return await self.database.write(lambda session: run_states.retry(session, workspace_id, run_id))

    async def view(self, workspace_id: str, run_id: str) -> dict[str, Any]:
        """One run, with the first of its items."""
        return await self.database.read(lambda session: _view(session, workspace_id, run_id))

    async def progress(self, workspace_id: str, run_id: str) -> dict[str, Any]:
        """One run without its items."""
        return await self.database.read(lambda session: run_listing.progress(session, workspace_id, run_id))

    async def items(
        self, workspace_id: str, run_id: str, wanted: Wanted, after: str = "", limit: int = 100
    ) -> list[dict[str, Any]]:
        """The log of a run after this place: failures first, then what was flagged, then the rest."""
        return await self.database.read(
            lambda session: run_log.page(session, workspace_id, run_id, wanted, after, limit)
        )

    async def forget_logs(self, workspace_id: str, days: float) -> None:
        """Drop the logs of runs that ended so many days ago; the runs and their counts stay."""
        until = now() - timedelta(days=days)
        await self.database.write(lambda session: run_log.forget(session, workspace_id, until))

    async def latest(self, workspace_id: str, limit: int = 50, after: str = "") -> list[dict[str, Any]]:
        """The newest runs first, from below this one on, without their items."""
        return await self.database.read(lambda session: run_listing.latest(session, workspace_id, limit, after))

    async def unfinished(self, alive: Alive) -> list[Run]:
        """Runs of all workspaces that nobody works on and that shall go on."""
        return await self.database.read(lambda session: run_states.unfinished(session, alive))


def _view(session: Session, workspace_id: str, run_id: str) -> dict[str, Any]:
    first = run_log.page(session, workspace_id, run_id, Wanted(), "", FIRST_ITEMS)
    return {**run_listing.progress(session, workspace_id, run_id), "items": first}


def long_ago(moment: datetime | None, seconds: float) -> bool:
    """Whether this moment is unknown or further back than so many seconds."""
    return moment is None or now() - moment > timedelta(seconds=seconds)
