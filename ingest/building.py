"""From what changed to a snapshot that answers: split, embed, build aside, check, publish."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from app.knowledge.contents import Member
from app.knowledge.derived import Form, Uncut
from app.knowledge.janitor import Janitor
from app.knowledge.library import Library
from app.knowledge.run_states import Run
from app.knowledge.snapshots import Plan
from app.knowledge.splitting import WHOLE
from app.knowledge.types import Snapshot
from ingest.checking import Candidate, Checks
from ingest.liveness import alive
from ingest.reading import Changes
from ingest.shaping import Shape, Shaping, by_cut, window_of
from ingest.split import embedded_text
from ingest.watch import Watch

EMBED_BATCH = 128
GOLDEN = 0.6180339887498949
T = TypeVar("T")


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
    janitor: Janitor

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
            members = await self.library.snapshots.members(self.run.workspace_id, base.id if base else None)
            shape = await self.shaping.shape(_changed(members, changes), base, list(changes.versions))
            if base and await self._is_like(base, members, shape):
                return Built(base, published=True, embedded=embedded)
            snapshot, new = await self._built(shape)
            embedded += new
            held = await self.checks.objections(self._candidate(base, snapshot, changes, publish=publish), self.watch)
            if held or not publish:
                return Built(snapshot, published=False, embedded=embedded, held=held)
            if await self.library.snapshots.succeed(self.run.workspace_id, snapshot.id, base.id if base else None):
                await self.janitor.tidy(self.run.workspace_id)
                await self.library.tell_published(self.run.workspace_id)
                return Built(snapshot, published=True, embedded=embedded)

    def _candidate(self, base: Snapshot | None, snapshot: Snapshot, changes: Changes, *, publish: bool) -> Candidate:
        return Candidate(self.run.id, self.run.source, base, snapshot, changes, publish)

    async def _published(self) -> Snapshot | None:
        id_ = await self.library.snapshots.published_id(self.run.workspace_id)
        return await self.library.snapshots.get(self.run.workspace_id, id_) if id_ else None

    async def _is_like(self, snapshot: Snapshot, members: Sequence[Member], shape: Shape) -> bool:
        """Whether it was embedded as it would be today, and holds the same documents in the same form."""
        if snapshot.fingerprint != self.library.embedder.fingerprint:
            return False
        outcomes = await self.library.overrides.outcomes(self.run.workspace_id, snapshot.id)
        return shape.forms == {one.document_id: one.form for one in members} and shape.outcomes == sorted(outcomes)

    @property
    def shaping(self) -> Shaping:
        """Gives documents their form."""
        return Shaping(self.library, self.run.workspace_id, self.watch)

    async def _built(self, shape: Shape) -> tuple[Snapshot, int]:
        embedder = self.library.embedder
        await self.shaping.cut(shape)
        embedded = await self._embed(shape.forms)
        cut = window_of(embedder, WHOLE).name
        plan = Plan(embedder.fingerprint, cut, shape.forms, self.run.id, shape.outcomes)
        return await self._indexed(await self.library.snapshots.begin(self.run.workspace_id, plan)), embedded

    async def _embed(self, forms: Mapping[str, Form]) -> int:
        """Embed what this embedder has not seen, texts of like length together; each batch is stored at once."""
        documents, embedder = self.library.documents, self.library.embedder
        new, done = await self._new(forms), 0
        for batch in spread([new[start : start + EMBED_BATCH] for start in range(0, len(new), EMBED_BATCH)]):
            await self.watch.at("embed", done, len(new))
            done += len(batch)
            texts = [embedded_text(one.title, one.heading, one.text, one.added) for one in batch]
            vectors = await asyncio.to_thread(embedder.embed_passages, texts)
            hashes = [passage.hash for passage in batch]
            await documents.keep_vectors(self.run.workspace_id, embedder.fingerprint, hashes, vectors)
        await self.watch.at("embed", len(new), len(new))
        return len(new)

    async def _new(self, forms: Mapping[str, Form]) -> list[Uncut]:
        """The passages without a vector, each text once, the shortest first."""
        documents, fingerprint = self.library.documents, self.library.embedder.fingerprint
        found: dict[str, Uncut] = {}
        for cut, keys in by_cut(forms).items():
            for passage in await documents.without_vector(self.run.workspace_id, fingerprint, cut, keys):
                found[passage.hash] = passage
        return sorted(found.values(), key=lambda passage: len(passage.text))

    async def _indexed(self, snapshot_id: str) -> Snapshot:
        snapshots = self.library.snapshots
        await self.watch.at("index")
        try:
            made = await self.library.shelves.build(await snapshots.get(self.run.workspace_id, snapshot_id))
            await snapshots.ready(self.run.workspace_id, snapshot_id, *made)
            await self.watch.at("index", made[0], made[0])
        except BaseException:
            await snapshots.fail(self.run.workspace_id, snapshot_id)
            await self.library.shelves.drop(snapshot_id)
            raise
        return await snapshots.get(self.run.workspace_id, snapshot_id)

    async def _under_way(self, run_id: str | None) -> bool:
        return (
            bool(run_id)
            and (await self.library.runs.progress(self.run.workspace_id, str(run_id)))["state"] == "running"
        )


def spread(batches: list[T]) -> list[T]:
    """In an order in which every stretch is like the whole, so that the rate so far tells how long the rest will take.

    The places are multiples of the golden ratio, whose fractional parts are spread evenly (Kronecker sequence).
    """
    return [batches[place] for place in sorted(range(len(batches)), key=lambda place: place * GOLDEN % 1)]


def _changed(members: Sequence[Member], changes: Changes) -> dict[str, int]:
    kept = {one.document_id: one.origin for one in members if one.document_id not in changes.removed}
    return kept | changes.versions
