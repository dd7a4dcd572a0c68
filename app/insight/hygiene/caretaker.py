"""Scans what is published and keeps the tasks in step with it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.accounts.people import People
from app.errors import AppError
from app.insight.hygiene.addresses import Shelf, external, links_of
from app.insight.hygiene.asking import Asks, dead
from app.insight.hygiene.findings import KINDS, Finding, Kind
from app.insight.hygiene.readership import Readership
from app.insight.hygiene.scanning import Placed, contradicting, leading_nowhere, repeating, with_owners
from app.insight.hygiene.scans import ScanStore
from app.insight.hygiene.tasks import TaskStore
from app.insight.hygiene.upkeep import never_retrieved, overdue, unhelpful, untranslated
from app.knowledge.articles import articles_of, family_of
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.types import DocumentVersion, Passage, Vectors

Workers = Callable[[int], AbstractContextManager[Executor]]
"""Where so many passages are looked through."""
Step = Callable[[], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class Published:
    """All that a scan looks at."""

    snapshot_id: str
    passages: list[Passage]
    vectors: Vectors
    documents: list[Placed]
    owners: Mapping[str, str]

    @property
    def versions(self) -> list[DocumentVersion]:
        """Every document."""
        return [document.version for document in self.documents]


@dataclass(frozen=True, slots=True)
class Caretaker:
    """Carries scans out. `asks` is asked about other sites only when the scan wants it."""

    snapshots: SnapshotStore
    tasks: TaskStore
    scans: ScanStore
    readership: Readership
    people: People
    public_url: str
    workers: Workers
    asks: Asks

    async def after_publish(self, workspace_id: str) -> None:
        """Look at what is published unless that was done; of many publishes in a row the last is looked at."""
        latest = next((one for one in await self.scans.latest(workspace_id) if one["state"] == "done"), None)
        published = await self.snapshots.published_id(workspace_id)
        if latest is None or latest["snapshot_id"] != published:
            scan_id, _ = await self.scans.queue(workspace_id)
            await self.scan(scan_id)

    async def scan(self, scan_id: str) -> None:
        """Look at everything once; whatever goes wrong stands in the scan's row."""
        scan = await self.scans.begin(scan_id)
        try:
            published = await self._published(scan.workspace_id)
            if published is None:
                await self.scans.finish(scan_id, None, {})
                return
            found = await self._found(scan_id, scan.workspace_id, published, links=scan.links)
            counts = await self._settled(scan.workspace_id, published, found, links=scan.links)
        except AppError as error:
            await self.scans.fail(scan_id, error.detail)
            raise
        await self.scans.finish(scan_id, published.snapshot_id, counts)

    async def _published(self, workspace_id: str) -> Published | None:
        published = await self.snapshots.published_id(workspace_id)
        if published is None:
            return None
        snapshot = await self.snapshots.get(workspace_id, published)
        passages = {one.id: one for one in await self.snapshots.passages(snapshot)}
        ids, vectors = await self.snapshots.own_vectors(snapshot)
        versions = {one.document_id: one for one in await self.snapshots.versions(workspace_id, published)}
        members = await self.snapshots.members(workspace_id, published)
        documents = [Placed(versions[one.document_id], one.external_id) for one in members]
        owners = {one.version.document_id: str(one.version.front_matter.get("owner") or "") for one in documents}
        return Published(published, [passages[id_] for id_ in ids], vectors, documents, owners)

    async def _found(self, scan_id: str, workspace_id: str, published: Published, *, links: bool) -> list[Finding]:
        found: list[Finding] = []
        with self.workers(len(published.passages)) as workers:
            steps = self._steps(workers, workspace_id, published)
            if links:
                steps["other sites"] = lambda: dead(_external(published, self.public_url), self.asks)
            for at, (stage, step) in enumerate(steps.items()):
                await self.scans.advance(scan_id, stage, at, len(steps))
                found += await step()
        return found

    def _steps(self, workers: Executor, workspace_id: str, published: Published) -> dict[str, Step]:
        async def apart(work: Callable[..., list[Finding]], *given: Any) -> list[Finding]:  # noqa: ANN401  # what the work takes
            return await asyncio.get_running_loop().run_in_executor(workers, work, *given)

        return {
            "contradictions": lambda: apart(contradicting, published.passages),
            "duplicates": lambda: apart(repeating, published.passages, published.vectors),
            "links": lambda: apart(leading_nowhere, published.documents, shelf_of(published, self.public_url)),
            "upkeep": lambda: self._upkeep(workspace_id, published),
        }

    async def _upkeep(self, workspace_id: str, published: Published) -> list[Finding]:
        versions = published.versions
        found, turns = await self.readership.retrieved(workspace_id)
        return [
            *overdue(versions, datetime.now(UTC).date()),
            *never_retrieved(versions, found, turns),
            *unhelpful(versions, await self.readership.votes(workspace_id)),
            *untranslated(translations(versions)),
        ]

    async def _settled(
        self, workspace_id: str, published: Published, found: Sequence[Finding], *, links: bool
    ) -> dict[str, Any]:
        kinds: list[Kind] = [kind for kind in KINDS if links or kind != "dead-link"]
        owners = {one.email: one.id for one in await self.people.all(workspace_id) if not one.disabled}
        settled = await self.tasks.settle(workspace_id, with_owners(found, published.owners), kinds, owners)
        return {"passages": len(published.passages), "documents": len(published.documents), **settled._asdict()}


def shelf_of(published: Published, public_url: str) -> Shelf:
    """Everything that a link may lead to."""
    by_id = {one.document_id: one for one in published.versions}
    public = {one.slug: by_id[one.document_id] for one in articles_of(published.versions)}
    ids = {one.document_id: one for one in public.values()}
    files = {document.place: document.version for document in published.documents}
    addresses = {one.url.rstrip("/"): one for one in published.versions if one.url}
    return Shelf(public_url, public | ids, files, addresses)


def translations(versions: Sequence[DocumentVersion]) -> dict[str, dict[str, DocumentVersion]]:
    """The same article in several languages, by its slug."""
    groups: dict[str, dict[str, DocumentVersion]] = {}
    for version in versions:
        groups.setdefault(family_of(version), {}).setdefault(version.locale, version)
    return groups


def _external(published: Published, public_url: str) -> dict[str, Any]:
    return dict(external((link for one in published.versions for link in links_of(one)), public_url))
