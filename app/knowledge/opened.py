"""The published snapshots that stand open for searching, exchanged and mended while searches go on."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.errors import AppError, Unavailable
from app.knowledge.shelves import OpenSnapshot, Shelves
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.types import Article, Embedder, Snapshot

RECHECK_SECONDS = 0.5
"""How long a search may go on in a snapshot after another was published by another process."""
PATIENCE_SECONDS = 0.5
"""How long one search waits for a new snapshot to open; meanwhile, and after that, the old one answers."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Shelf:
    """An open snapshot, how many searches read it, and when it was last known to be the published one."""

    open: OpenSnapshot
    checked: float
    readers: int = 0
    retired: bool = False
    articles: list[Article] | None = None


@dataclass(frozen=True, slots=True)
class OpenShelves:
    """One open snapshot for each workspace. Used from one event loop."""

    snapshots: SnapshotStore
    shelves: Shelves
    embedder: Embedder
    _shelves: dict[str, Shelf] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _opening: dict[str, asyncio.Task[Shelf]] = field(default_factory=dict)
    _mending: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @asynccontextmanager
    async def reading(self, workspace_id: str) -> AsyncIterator[Shelf | None]:
        """The shelf of the published snapshot, which stays open until this ends; none before anything is published."""
        shelf = await self._current(workspace_id)
        if shelf is None:
            yield None
            return
        shelf.readers += 1
        try:
            yield shelf
        finally:
            shelf.readers -= 1
            await _close_unread(shelf)

    async def look_again(self, workspace_id: str) -> None:
        """Another snapshot was published here: it is open before this returns, and the next search sees it."""
        if workspace_id in self._shelves:
            self._shelves[workspace_id].checked = 0.0
            async with self._locks.setdefault(workspace_id, asyncio.Lock()):
                await self._checked(workspace_id, patience=None)

    async def close(self) -> None:
        """Close what is open."""
        under_way = [*self._opening.values(), *self._mending.values()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for shelf in self._shelves.values():
            await _retire(shelf)
        self._shelves.clear()

    async def _current(self, workspace_id: str) -> Shelf | None:
        shelf, lock = self._shelves.get(workspace_id), self._locks.setdefault(workspace_id, asyncio.Lock())
        if shelf and (lock.locked() or time.monotonic() - shelf.checked < RECHECK_SECONDS):
            return shelf
        async with lock:
            return await self._checked(workspace_id, patience=PATIENCE_SECONDS)

    async def _checked(self, workspace_id: str, patience: float | None) -> Shelf | None:
        shelf = self._shelves.get(workspace_id)
        if shelf and time.monotonic() - shelf.checked < RECHECK_SECONDS:
            return shelf
        published = await self.snapshots.published_id(workspace_id)
        if published is None:
            return None
        if shelf is None or shelf.open.snapshot.id != published:
            shelf = await self._exchanged(workspace_id, published, shelf, patience)
        shelf.checked = time.monotonic()
        return shelf

    async def _exchanged(self, workspace_id: str, published: str, old: Shelf | None, patience: float | None) -> Shelf:
        """Open the published snapshot; while that lasts, and when it cannot be opened, the old one answers."""
        task = self._opening.get(published)
        if task is None:
            task = self._opening[published] = asyncio.create_task(self._opened(workspace_id, published))
            task.add_done_callback(lambda _: self._opening.pop(published, None))
        try:
            return await asyncio.wait_for(asyncio.shield(task), patience if old else None)
        except TimeoutError:
            log.info("snapshot %s is being opened", published)
        except Unavailable:
            if old is None:
                raise
            log.exception("snapshot %s does not open", published)
        return old  # type: ignore[return-value]  # without an old one there is no patience

    async def _opened(self, workspace_id: str, published: str) -> Shelf:
        snapshot = await self.snapshots.get(workspace_id, published)
        return await self._put(workspace_id, await self.shelves.open(snapshot, self.embedder))

    async def _put(self, workspace_id: str, opened: OpenSnapshot) -> Shelf:
        old, new = self._shelves.get(workspace_id), Shelf(opened, time.monotonic())
        self._shelves[workspace_id] = new
        if opened.mendable and workspace_id not in self._mending:
            self._mending[workspace_id] = asyncio.create_task(self._mend(workspace_id, opened.snapshot))
        if old:
            await _retire(old)
        return new

    async def _mend(self, workspace_id: str, snapshot: Snapshot) -> None:
        """Make a broken index again while the vectors of the database answer, then answer from it."""
        try:
            await self.shelves.restore(snapshot)
            mended = await self.shelves.open(snapshot, self.embedder)
        except AppError as error:
            log.warning("snapshot %s stays degraded: %s", snapshot.id, error.detail)
            return
        finally:
            del self._mending[workspace_id]
        if mended.mendable or self._shelves[workspace_id].open.snapshot.id != snapshot.id:
            await asyncio.to_thread(mended.close)
        else:
            log.info("snapshot %s is mended", snapshot.id)
            await self._put(workspace_id, mended)


async def _retire(shelf: Shelf) -> None:
    shelf.retired = True
    await _close_unread(shelf)


async def _close_unread(shelf: Shelf) -> None:
    if shelf.retired and not shelf.readers:
        shelf.retired = False
        await asyncio.to_thread(shelf.open.close)
