"""From what changed to a snapshot that answers: split, embed, build aside, check, publish."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.knowledge.contents import Member
from app.knowledge.derived import Cutting, VersionKey
from app.knowledge.library import Library
from app.knowledge.runs import Run
from app.knowledge.snapshots import Plan
from app.knowledge.types import DocumentVersion, Snapshot
from ingest.checking import Candidate, Checks
from ingest.liveness import alive
from ingest.reading import Changes
from ingest.split import Window, embedded_text, hash_of, split
from ingest.watch import Watch

EMBED_BATCH = 128
CUT_BATCH = 64
KEPT_SNAPSHOTS = 5
SPARE_TOKENS = 8
"""Left free in the embedder's window for the prefix that some models want before a passage."""


class Built(NamedTuple):
    """The snapshot that a run ends with, whether it answers now, and how many texts were embedded for it."""

    snapshot: Snapshot
    published: bool
    embedded: int
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds snapshots for one run of one workspace."""

    library: Library
    run: Run
    watch: Watch
    checks: Checks

    async def clean(self) -> None:
        """Drop what runs left behind that were killed while they built."""
        abandoned = {run.id for run in await self.library.runs.unfinished(alive)}
        for snapshot_id, run_id in await self.library.snapshots.unfinished(self.run.workspace_id):
            if run_id in abandoned or not await self._under_way(run_id):
                await self.library.snapshots.fail(self.run.workspace_id, snapshot_id)
                await self.library.shelves.drop(snapshot_id)

    async def build(self, changes: Changes, *, publish: bool) -> Built:
        """A snapshot with these changes, and published if wanted.

        Built again when another one was published meanwhile: whatever that brought is not lost.
        """
        embedded = 0
        while True:
            base = await self._published()
            if base and not changes.any and self._current(base):
                return Built(base, published=True, embedded=embedded)
            snapshot, new = await self._built(base, changes)
            embedded += new
            held = await self.checks.objections(self._candidate(base, snapshot, changes), self.watch)
            if held or not publish:
                return Built(snapshot, published=False, embedded=embedded, held=held)
            if await self.library.snapshots.succeed(self.run.workspace_id, snapshot.id, base.id if base else None):
                await self._thin_out()
                return Built(snapshot, published=True, embedded=embedded)

    def _candidate(self, base: Snapshot | None, snapshot: Snapshot, changes: Changes) -> Candidate:
        return Candidate(self.run.id, self.run.source, base, snapshot, changes)

    async def _published(self) -> Snapshot | None:
        id_ = await self.library.snapshots.published_id(self.run.workspace_id)
        return await self.library.snapshots.get(self.run.workspace_id, id_) if id_ else None

    def _current(self, snapshot: Snapshot) -> bool:
        """Whether it was cut and embedded as it would be today."""
        return (snapshot.fingerprint, snapshot.cut) == (self.library.embedder.fingerprint, self._window.name)

    @property
    def _window(self) -> Window:
        embedder = self.library.embedder
        return Window(embedder.max_tokens - SPARE_TOKENS, embedder.count_tokens)

    async def _built(self, base: Snapshot | None, changes: Changes) -> tuple[Snapshot, int]:
        members = await self.library.snapshots.members(self.run.workspace_id, base.id if base else None)
        versions = _changed(members, changes)
        keys = [VersionKey(document_id, number) for document_id, number in versions.items()]
        await self._cut(keys)
        embedded = await self._embed(keys)
        plan = Plan(self.library.embedder.fingerprint, self._window.name, versions, self.run.id)
        return await self._indexed(await self.library.snapshots.begin(self.run.workspace_id, plan)), embedded

    async def _cut(self, keys: Sequence[VersionKey]) -> None:
        documents, window = self.library.documents, self._window
        missing = await documents.without_passages(self.run.workspace_id, keys, window.name)
        for start in range(0, len(missing), CUT_BATCH):
            await self.watch.at("split", start, len(missing))
            versions = await documents.versions(missing[start : start + CUT_BATCH])
            pieces = await asyncio.to_thread(_all_pieces, versions, window)
            await documents.keep_passages(self.run.workspace_id, window.name, pieces)

    async def _embed(self, keys: Sequence[VersionKey]) -> int:
        """Embed what this embedder has not seen, texts of like length together; each batch is stored at once."""
        documents, embedder = self.library.documents, self.library.embedder
        new = await documents.without_vector(self.run.workspace_id, embedder.fingerprint, self._window.name, keys)
        new.sort(key=lambda passage: len(passage.text))
        for start in range(0, len(new), EMBED_BATCH):
            await self.watch.at("embed", start, len(new))
            batch = new[start : start + EMBED_BATCH]
            texts = [embedded_text(passage.title, passage.heading, passage.text) for passage in batch]
            vectors = await asyncio.to_thread(embedder.embed_passages, texts)
            hashes = [passage.hash for passage in batch]
            await documents.keep_vectors(self.run.workspace_id, embedder.fingerprint, hashes, vectors)
        await self.watch.at("embed", len(new), len(new))
        return len(new)

    async def _indexed(self, snapshot_id: str) -> Snapshot:
        snapshots = self.library.snapshots
        await self.watch.at("index")
        try:
            made = await self.library.shelves.build(await snapshots.get(self.run.workspace_id, snapshot_id))
            await snapshots.ready(self.run.workspace_id, snapshot_id, *made)
        except BaseException:
            await snapshots.fail(self.run.workspace_id, snapshot_id)
            await self.library.shelves.drop(snapshot_id)
            raise
        return await snapshots.get(self.run.workspace_id, snapshot_id)

    async def _under_way(self, run_id: str | None) -> bool:
        return bool(run_id) and (await self.library.runs.view(self.run.workspace_id, str(run_id)))["state"] == "running"

    async def _thin_out(self) -> None:
        """Free the disk of old snapshots. Their documents and vectors stay, so each can be made again."""
        for snapshot_id in await self.library.snapshots.outdated(self.run.workspace_id, KEPT_SNAPSHOTS):
            await self.library.snapshots.forget_index(self.run.workspace_id, snapshot_id)
            await self.library.shelves.drop(snapshot_id)


def _changed(members: Sequence[Member], changes: Changes) -> dict[str, int]:
    kept = {one.document_id: one.version for one in members if one.document_id not in changes.removed}
    return kept | changes.versions


def _all_pieces(versions: Sequence[DocumentVersion], window: Window) -> dict[VersionKey, list[Cutting]]:
    return {VersionKey(one.document_id, one.number): _cuttings(one, window) for one in versions}


def _cuttings(version: DocumentVersion, window: Window) -> list[Cutting]:
    pieces = split(version.title, version.text, window)
    return [
        Cutting(
            piece.heading, piece.start, piece.end, hash_of(_embedded(version, piece.heading, piece.start, piece.end))
        )
        for piece in pieces
    ]


def _embedded(version: DocumentVersion, heading: str, start: int, end: int) -> str:
    return embedded_text(version.title, heading, version.text[start:end])
