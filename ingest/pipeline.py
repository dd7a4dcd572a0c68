"""From files to a published snapshot: fetch, parse, screen, split, embed, index, check.

Everything that costs time is stored under a name made from its content, so a run that was killed continues where it was
by beginning again, and until the last step nothing that answers has changed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.errors import AppError, Invalid, Unavailable
from app.knowledge.contents import Member
from app.knowledge.derived import VersionKey
from app.knowledge.janitor import KEPT_SNAPSHOTS, Janitor
from app.knowledge.library import Library
from app.knowledge.readings import Reading
from app.knowledge.run_listing import Counts
from app.knowledge.run_states import OPEN, Elsewhere, Run
from app.knowledge.sourcing.files import FileStore
from ingest.building import Builder
from ingest.checking import Checks
from ingest.fetching import Fetch
from ingest.liveness import alive, this_worker
from ingest.memory import Memory
from ingest.orders import Order, Report, report_of
from ingest.origins import Here, Listing, Origin
from ingest.reading import Changes, Keep, Reader
from ingest.watch import Cancelled, Notice, Paused, Progress, Told, Unwatched, Watch, unseen

TURN_S = 0.5
LOG_DAYS = 90.0


@dataclass(frozen=True, slots=True)
class Ingestion:
    """Fills the shelves of a library."""

    library: Library
    largest_file: int
    checks: Checks = field(default_factory=Checks)
    origin: Origin = field(default_factory=Here)
    log_days: float = LOG_DAYS
    kept_snapshots: int = KEPT_SNAPSHOTS

    async def ingest(self, order: Order, notice: Notice = unseen) -> Report:
        """Note the run and carry it out, or wait for the one that it became part of."""
        run_id = await self.library.runs.queue(order.workspace_id, order.source, order.request)
        return await self.in_turn(order.workspace_id, run_id, notice)

    async def in_turn(self, workspace_id: str, run_id: str, notice: Notice = unseen) -> Report:
        """Carry out a run when no other of its source is under way, or wait until another process has."""
        while True:
            try:
                return await self.resume(run_id, notice)
            except Elsewhere:
                run = await self.library.runs.view(workspace_id, run_id)
            if run["state"] not in OPEN:
                return report_of(run, await self.library.snapshots.published_id(workspace_id))
            notice(Progress("wait", 0, 0))
            await asyncio.sleep(TURN_S)

    async def resume(self, run_id: str, notice: Notice = unseen) -> Report:
        """Carry out a run that is queued, or whose process died; `Elsewhere` when that is not for us to do now."""
        worker = this_worker()
        run = await self.library.runs.begin(run_id, worker, alive)
        watch = Watch(self.library.runs, run, worker, notice)
        async with watch.beating():
            return await self._settled(run, watch)

    async def compare(self, order: Order, notice: Notice = unseen) -> Report:
        """What a run would change. Nothing is stored."""
        changes = Changes()
        await self._read(order, None, Unwatched(notice), _Nowhere(), changes)
        counts = Counts(**changes.counts())
        return Report(None, order.source, None, published=False, counts=counts, items=tuple(changes.items))

    async def _settled(self, run: Run, watch: Watch) -> Report:
        """However it ends, the run's row says how."""
        changes = Changes()
        try:
            report = await self._carried_out(run, watch, changes)
        except Cancelled:
            await self._end(run, changes, {"state": "cancelled", "error": "Cancelled."})
            raise
        except Paused:
            await self._end(run, changes, {"state": "paused", "ended_at": None})
            raise
        except AppError as error:
            await self._end(run, changes, {"state": "failed", "error": error.detail})
            raise
        except (OSError, SQLAlchemyError) as error:
            sentence = f"The run stopped, and nothing was published: {_reason(error)}."
            with suppress(SQLAlchemyError):
                await self._end(run, changes, {"state": "failed", "error": sentence})
            raise Unavailable(sentence) from error
        ended = {"state": "done", "stage": "done", "snapshot_id": report.snapshot_id, "held": list(report.held)}
        await self._end(run, changes, ended | {"stages": watch.timeline.json}, report)
        return report

    async def _end(self, run: Run, changes: Changes, outcome: dict[str, Any], report: Report | None = None) -> None:
        counts = asdict(report.counts) if report else changes.counts()
        await self.library.runs.finish(run, outcome | {"counts": counts})
        await self.library.runs.forget_logs(run.workspace_id, self.log_days)

    async def _carried_out(self, run: Run, watch: Watch, changes: Changes) -> Report:
        order = Order(run.workspace_id, run.source, **run.request)
        janitor = Janitor(self.library.snapshots, self.library.shelves, self.kept_snapshots)
        builder = Builder(self.library, run, watch, self.checks, janitor)
        await builder.clean()
        await self._read(order, run.id, watch, _Store(self.library, order), changes)
        counts = Counts(**changes.counts())
        if order.reads == "files" and not counts.added + counts.changed + counts.unchanged:
            raise Invalid(f"Nothing could be read. {changes.first_failure}")
        built = await builder.build(changes, publish=order.publish)
        snapshot = built.snapshot
        made = replace(counts, documents=snapshot.documents, passages=snapshot.passages, embedded=built.embedded)
        return Report(run.id, run.source, snapshot.id, built.published, made, tuple(changes.items), built.held)

    async def _read(self, order: Order, run_id: str | None, told: Told, keep: Keep, changes: Changes) -> None:
        listing = await Fetch(self.library, self.origin).listing(order, run_id, told)
        published = await self.library.snapshots.published_id(order.workspace_id)
        members = await self.library.snapshots.members(order.workspace_id, published)
        base = {member.external_id: member for member in members if member.source == order.source}
        memory = await self._memory(order, listing, base)
        await Reader(base, keep, told, memory, changes).read(listing, prune=order.prune)
        if run_id:
            await self._files.keep(order.workspace_id, order.source, memory.learnt, _gone(order, listing, memory))

    async def _memory(self, order: Order, listing: Listing, base: Mapping[str, Member]) -> Memory:
        files = await self._files.then(order.workspace_id, order.source)
        hashes = {name: member.content_hash for name, member in base.items()}
        return Memory(files, hashes, self.largest_file, listing.audience, listing.locale)

    @property
    def _files(self) -> FileStore:
        return FileStore(self.library.documents.database)


def _gone(order: Order, listing: Listing, memory: Memory) -> set[str]:
    """The remembered files that the source has no longer."""
    whole = order.prune and listing.complete
    return set(memory.files) - {file.name for file in listing.files} if whole else set()


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
