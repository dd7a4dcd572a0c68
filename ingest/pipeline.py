"""From files to a published snapshot: read, compare, split, embed, build aside, check, publish.

Everything that costs time is stored under a name made from its content, so a run that was killed continues where it was
by beginning again, and until the last step nothing that answers has changed.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError, Invalid, Unavailable
from app.knowledge.derived import VersionKey
from app.knowledge.library import Library
from app.knowledge.run_listing import Counts
from app.knowledge.runs import Item, Run
from app.knowledge.store import Reading
from ingest.building import Builder
from ingest.discover import discover
from ingest.liveness import alive
from ingest.reading import Changes, Keep, Reader, Told
from ingest.watch import Cancelled, Notice, Unwatched, Watch, unseen


@dataclass(frozen=True, slots=True)
class Order:
    """What to ingest, and how."""

    workspace_id: str
    source: str
    paths: Sequence[str]
    prune: bool = False
    publish: bool = True

    @property
    def request(self) -> dict[str, Any]:
        """As it is kept with the run, so that another process can take it up."""
        return {"paths": list(self.paths), "prune": self.prune, "publish": self.publish}


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run."""

    run_id: str | None
    source: str
    snapshot_id: str | None
    published: bool
    counts: Counts
    items: tuple[Item, ...]

    @property
    def json(self) -> dict[str, Any]:
        """As the command line prints it, without the documents that stayed as they were."""
        told = [item._asdict() for item in self.items if item.outcome != "unchanged"]
        head = {
            "run_id": self.run_id,
            "source": self.source,
            "snapshot_id": self.snapshot_id,
            "published": self.published,
        }
        return {**head, **asdict(self.counts), "items": told}


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Fills the shelves of a library."""

    library: Library
    largest_file: int

    async def ingest(self, order: Order, notice: Notice = unseen) -> Report:
        """Note the run and carry it out."""
        run_id = await self.library.runs.queue(order.workspace_id, order.source, order.request)
        return await self.resume(run_id, notice)

    async def resume(self, run_id: str, notice: Notice = unseen) -> Report:
        """Carry out a run that is queued, or whose process died."""
        watch = Watch(self.library.runs, run_id, notice)
        run = await self.library.runs.begin(run_id, watch.worker, alive)
        async with watch.beating():
            return await self._settled(run, watch)

    async def compare(self, order: Order, notice: Notice = unseen) -> Report:
        """What a run would change. Nothing is stored."""
        changes = Changes()
        await self._read(order, Unwatched(notice), _Nowhere(), changes)
        counts = Counts(**changes.counts())
        return Report(None, order.source, None, published=False, counts=counts, items=tuple(changes.items))

    async def _settled(self, run: Run, watch: Watch) -> Report:
        """However it ends, the run's row says how, and what became of each document."""
        changes = Changes()
        try:
            report = await self._carried_out(run, watch, changes)
        except Cancelled:
            await self._end(run, changes, {"state": "cancelled", "error": "Cancelled."})
            raise
        except AppError as error:
            await self._end(run, changes, {"state": "failed", "error": error.detail})
            raise
        except (OSError, SQLAlchemyError) as error:
            sentence = f"The run stopped, and nothing was published: {_reason(error)}."
            with suppress(SQLAlchemyError):
                await self._end(run, changes, {"state": "failed", "error": sentence})
            raise Unavailable(sentence) from error
        await self._end(run, changes, {"state": "done", "stage": "done", "snapshot_id": report.snapshot_id}, report)
        return report

    async def _end(self, run: Run, changes: Changes, outcome: dict[str, Any], report: Report | None = None) -> None:
        counts = asdict(report.counts) if report else changes.counts()
        await self.library.runs.finish(run, outcome | {"counts": counts}, changes.items)

    async def _carried_out(self, run: Run, watch: Watch, changes: Changes) -> Report:
        order = Order(run.workspace_id, run.source, **run.request)
        builder = Builder(self.library, run.workspace_id, run.id, watch)
        await builder.clean()
        await self._read(order, watch, _Store(self.library, order), changes)
        counts = Counts(**changes.counts())
        if not counts.added + counts.changed + counts.unchanged:
            failed = next(item for item in changes.items if item.outcome == "failed")
            raise Invalid(f"Nothing could be read. {failed.name}: {failed.detail}")
        snapshot, published, embedded = await builder.build(changes, publish=order.publish)
        made = replace(counts, documents=snapshot.documents, passages=snapshot.passages, embedded=embedded)
        return Report(run.id, run.source, snapshot.id, published, made, tuple(changes.items))

    async def _read(self, order: Order, told: Told, keep: Keep, changes: Changes) -> None:
        await told.at("discover")
        files = await asyncio.to_thread(discover, order.paths)
        published = await self.library.snapshots.published_id(order.workspace_id)
        members = await self.library.snapshots.members(order.workspace_id, published)
        base = {member.external_id: member for member in members if member.source == order.source}
        await Reader(base, keep, told, self.largest_file, changes).read(files, prune=order.prune)


@dataclass(frozen=True, slots=True)
class _Store:
    """Keeps what was read."""

    library: Library
    order: Order

    async def __call__(self, readings: Sequence[Reading]) -> list[VersionKey]:
        if not readings:
            return []
        return await self.library.documents.keep(self.order.workspace_id, self.order.source, readings)


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """Keeps nothing."""

    async def __call__(self, readings: Sequence[Reading]) -> list[VersionKey]:
        del readings
        return []


def _reason(error: OSError | SQLAlchemyError) -> str:
    """What the system or the database says, without statements and their values."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(getattr(error, "orig", None) or type(error).__name__)
