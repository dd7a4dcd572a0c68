"""Keeps a run's row up to date while the run is under way, and notices when it shall stop."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from app.errors import Conflict
from app.knowledge.run_log import Item
from app.knowledge.run_states import Run
from app.knowledge.runs import RunStore
from ingest.liveness import HEARTBEAT_S

EVERY_S = 0.25


class Progress(NamedTuple):
    """How far a run is."""

    stage: str
    done: int
    total: int


Notice = Callable[[Progress], None]


class Told(Protocol):
    """Is told how far a run is."""

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """The run is here."""
        ...

    async def became(self, items: Sequence[Item]) -> None:
        """This became of these documents."""
        ...


class Paused(Conflict):
    """This ingest run is paused; it goes on when it is resumed."""


class Cancelled(Conflict):
    """This ingest run was cancelled; what was published before still is."""


def unseen(_progress: Progress) -> None:
    """Nobody looks on."""


@dataclass(slots=True)
class Stage:
    """How much of a stage is done, and the seconds spent in it. Neither number ever falls."""

    name: str
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    _earlier: int = 0
    _latest: int = 0

    def reach(self, done: int, total: int) -> None:
        """It is here; a second round, for a snapshot that is built again, goes on where the first ended."""
        if done < self._latest:
            self._earlier = self.done
        self._latest = done
        self.done = max(self.done, self._earlier + done)
        self.total = max(self.total, self._earlier + total)

    @property
    def json(self) -> dict[str, Any]:
        """As it stands in the run's row."""
        return {"name": self.name, "done": self.done, "total": self.total, "seconds": round(self.seconds, 2)}


@dataclass(slots=True)
class Timeline:
    """The stages of a run. Time counts for the one that was named last, also where stages take turns."""

    stages: dict[str, Stage] = field(default_factory=dict)
    current: Stage | None = None
    _since: float = 0.0

    def reach(self, name: str, done: int, total: int, moment: float) -> Stage:
        """This stage is here, at this moment of a clock that never goes back."""
        if self.current:
            self.current.seconds += moment - self._since
        self.current, self._since = self.stages.setdefault(name, Stage(name)), moment
        self.current.reach(done, total)
        return self.current

    @property
    def json(self) -> list[dict[str, Any]]:
        """As it stands in the run's row."""
        return [stage.json for stage in self.stages.values()]


@dataclass(slots=True)
class Watch:
    """What the stages of a run tell, written down a few times a second."""

    runs: RunStore
    run: Run
    worker: str
    notice: Notice = unseen
    timeline: Timeline = field(default_factory=Timeline)
    _stage: str = ""
    _written: float = 0.0
    _told: int = 0

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """The run is here. Raises `Cancelled` or `Paused` when it shall stop."""
        moment = time.monotonic()
        reached = self.timeline.reach(stage, done, total, moment)
        self.notice(Progress(stage, reached.done, reached.total))
        if stage == self._stage and done < total and moment - self._written < EVERY_S:
            return
        self._stage, self._written = stage, moment
        match await self.runs.advance(self.run.id, self.worker, {"stage": stage, "stages": self.timeline.json}):
            case "stop":
                raise Cancelled
            case "pause":
                raise Paused

    async def became(self, items: Sequence[Item]) -> None:
        """Write them into the log."""
        await self.runs.tell(self.run, self._told, items)
        self._told += len(items)

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
            await self.runs.advance(self.run.id, self.worker, {})


@dataclass(slots=True)
class Unwatched:
    """For what leaves no trace, such as a dry run."""

    notice: Notice = unseen

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Only whoever looks on is told."""
        self.notice(Progress(stage, done, total))

    async def became(self, items: Sequence[Item]) -> None:
        """The report tells it."""
