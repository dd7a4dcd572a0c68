"""Keeps a run's row up to date while the run is under way, and notices when it shall stop."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from app.errors import Conflict
from app.knowledge.runs import RunStore
from ingest.liveness import HEARTBEAT_S, this_worker

EVERY_S = 0.25


class Progress(NamedTuple):
    """How far a run is."""

    stage: str
    done: int
    total: int


Notice = Callable[[Progress], None]


class Cancelled(Conflict):
    """This ingest run was cancelled; what was published before still is."""


def unseen(_progress: Progress) -> None:
    """Nobody looks on."""


@dataclass(slots=True)
class Watch:
    """What the stages of a run tell, written down a few times a second."""

    runs: RunStore
    run_id: str
    notice: Notice = unseen
    worker: str = field(default_factory=this_worker)
    _stage: str = ""
    _written: float = 0.0

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """The run is here. Raises `Cancelled` when it shall stop."""
        self.notice(Progress(stage, done, total))
        now = time.monotonic()
        if stage == self._stage and done < total and now - self._written < EVERY_S:
            return
        self._stage, self._written = stage, now
        if not await self.runs.advance(self.run_id, self.worker, {"stage": stage, "done": done, "total": total}):
            raise Cancelled

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Tell that the run lives even while one of its steps takes long."""
        heart = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            heart.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await self.runs.advance(self.run_id, self.worker, {})


@dataclass(slots=True)
class Unwatched:
    """For what leaves no trace, such as a dry run."""

    notice: Notice = unseen

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Only whoever looks on is told."""
        self.notice(Progress(stage, done, total))
