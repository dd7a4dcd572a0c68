"""What we know, as the other rooms see it: search, documents, articles, snapshots and runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.errors import NotFound
from app.jobs import Jobs
from app.knowledge.articles import articles_of
from app.knowledge.comparing.comparison import Comparison
from app.knowledge.opened import OpenShelves
from app.knowledge.overriding.store import OverrideStore
from app.knowledge.pushing.store import PushedStore
from app.knowledge.run_queue import Queued
from app.knowledge.runs import RunStore
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.store import DocumentStore
from app.knowledge.types import Article, DocumentVersion, Embedder, Found, Passage, Snapshot


@dataclass(frozen=True, slots=True)
class Library:
    """Every search sees exactly one snapshot: the published one. Used from one event loop."""

    documents: DocumentStore
    snapshots: SnapshotStore
    runs: RunStore
    shelves: Shelves
    embedder: Embedder
    jobs: Jobs
    pushed: PushedStore
    overrides: OverrideStore
    _opened: OpenShelves = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_opened", OpenShelves(self.snapshots, self.shelves, self.embedder))

    @property
    def comparison(self) -> Comparison:
        """What differs between two snapshots."""
        return Comparison(self.snapshots)

    async def search(self, workspace_id: str, question: str, k: int = 8, *, internal: bool = False) -> Found:
        """The best passages of the published snapshot; `internal` also those that customers never see."""
        async with self._opened.reading(workspace_id) as shelf:
            if shelf is None:
                return Found("", ())
            retriever = shelf.open.everything if internal else shelf.open.public
            return await retriever.search(question, k)

    async def version(self, workspace_id: str, document_id: str, number: int) -> DocumentVersion:
        """One version of a document, published or not; `NotFound` when there is none."""
        return await self.documents.version(workspace_id, document_id, number)

    async def passages(self, workspace_id: str, ids: Sequence[str]) -> dict[str, Passage]:
        """These passages by their ids, published or not; unknown ones are left out."""
        return await self.documents.passages(workspace_id, ids)

    async def articles(self, workspace_id: str) -> list[Article]:
        """The published public documents as help articles, by category and title."""
        async with self._opened.reading(workspace_id) as shelf:
            if shelf is None:
                return []
            if shelf.articles is None:
                versions = await self.snapshots.versions(workspace_id, shelf.open.snapshot.id)
                shelf.articles = articles_of(versions)
            return shelf.articles

    async def article(self, workspace_id: str, slug: str) -> Article:
        """The article with this slug."""
        for article in await self.articles(workspace_id):
            if article.slug == slug:
                return article
        raise NotFound

    async def listed(self, workspace_id: str, after: str = "", limit: int = 100) -> list[dict[str, Any]]:
        """The published documents as an admin sees them, after this id."""
        published = await self.snapshots.published_id(workspace_id)
        return await self.snapshots.listed(workspace_id, published, after, limit) if published else []

    async def latest_snapshots(self, workspace_id: str) -> list[Snapshot]:
        """The newest snapshots first."""
        return await self.snapshots.latest(workspace_id)

    async def publish(self, workspace_id: str, snapshot_id: str, *, anyway: bool = False) -> list[str]:
        """Let this snapshot answer; the next search sees it. Indexes that are gone are made again first.

        Raises `Conflict` when a review found reasons against it, unless it is to answer `anyway`: then it gives them.
        """
        snapshot = await self.snapshots.get(workspace_id, snapshot_id)
        if snapshot.state not in ("building", "failed"):
            await self.shelves.restore(snapshot)
        await self.snapshots.publish(workspace_id, snapshot_id, anyway=anyway)
        await self.tell_published(workspace_id)
        return [str(one["sentence"]) for one in snapshot.reasons if one["stops"] and snapshot.state == "waiting"]

    async def rollback(self, workspace_id: str) -> str:
        """Return to the snapshot that answered before; its id."""
        snapshot_id = await self.snapshots.rollback(workspace_id)
        await self.tell_published(workspace_id)
        return snapshot_id

    async def look_again(self, workspace_id: str) -> None:
        """Open what another process may have published, before this returns."""
        await self._opened.look_again(workspace_id)

    async def tell_published(self, workspace_id: str) -> None:
        """Another snapshot answers now: searches shall see it, and workers look after it and whom we told what."""
        await self.look_again(workspace_id)
        for job in ("hygiene", "recall"):
            await asyncio.to_thread(self.jobs.enqueue, job, {"workspace_id": workspace_id})

    async def start_run(self, workspace_id: str, source: str, paths: list[str], *, publish: bool = True) -> str:
        """Have these files ingested by the next free worker; the run's id."""
        request = {"paths": paths, "prune": False, "publish": publish, "reads": "files"}
        return await self.carry_out(await self.runs.join(workspace_id, source, request))

    async def resume_run(self, workspace_id: str, run_id: str) -> None:
        """Let a paused run go on with the next free worker."""
        await self.runs.resume(workspace_id, run_id)
        await self.carry_out(Queued(run_id, new=True))

    async def retry_run(self, workspace_id: str, run_id: str) -> str:
        """Have what failed in a run read again; the id of the new run."""
        return await self.carry_out(Queued(await self.runs.retry(workspace_id, run_id), new=True))

    async def carry_out(self, queued: Queued) -> str:
        """Have a run begun that waits for a worker, unless it was before; the run's id."""
        if queued.new:
            await asyncio.to_thread(self.jobs.enqueue, "ingest", {"run_id": queued.run_id})
        return queued.run_id

    async def degraded(self, workspace_id: str) -> str | None:
        """What does not work as it should in the published snapshot; none when all is well or nothing is published."""
        async with self._opened.reading(workspace_id) as shelf:
            return shelf.open.degraded if shelf else None

    async def close(self) -> None:
        """Close what is open."""
        await self._opened.close()
