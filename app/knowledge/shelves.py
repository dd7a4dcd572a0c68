"""The indexes of snapshots: made from the database, opened for searching, made again when they are gone."""

import asyncio
import logging
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.errors import NotFound, Unavailable
from app.knowledge.bound import bind, open_bound
from app.knowledge.exact import ExactIndex
from app.knowledge.lexical import TantivyIndex, build_lexical, packed, unpack
from app.knowledge.pinned import Pinned
from app.knowledge.reranking import Reader, Reranked
from app.knowledge.retriever import Hybrid, Public, RememberedQuestions, lexical_text
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.spelling import Mended
from app.knowledge.types import Embedder, Passage, Retriever, Snapshot, VectorEngine, VectorIndex, Vectors

PROBES = 20
ALMOST = 1e-3
MISSED = 0.2
"""So large a share of the probes may be missed: HNSW searches roughly, most of all among vectors that hardly differ."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenSnapshot:
    """A snapshot that can be searched. `degraded` says what does not work as it should, if anything."""

    snapshot: Snapshot
    passages: Mapping[str, Passage]
    lexical: TantivyIndex
    vectors: VectorIndex | None
    everything: Retriever
    public: Retriever
    degraded: str | None

    @property
    def mendable(self) -> bool:
        """Whether its vector index is gone or broken and can be made again."""
        return isinstance(self.vectors, ExactIndex)

    def close(self) -> None:
        """Let go of the files."""
        if self.vectors is not None:
            self.vectors.close()


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the indexes of snapshots stand: the lexical one in a folder, the vectors wherever the engine keeps them.

    With a reader, what a search finds is read before it is given.
    """

    snapshots: SnapshotStore
    engine: VectorEngine
    directory: Path
    reader: Reader | None = None

    async def build(self, snapshot: Snapshot) -> tuple[int, bytes]:
        """Make both indexes of a snapshot and try them; how many passages, and the packed lexical index."""
        passages = await self.snapshots.passages(snapshot)
        ids, vectors = await self.snapshots.vectors(snapshot)
        if ids != [passage.id for passage in passages]:
            raise Unavailable(f"{len(passages) - len(ids)} passages of snapshot {snapshot.id} have no vector.")
        folder = self._lexical(snapshot.id)
        await asyncio.to_thread(build_lexical, folder, _lexical_texts(passages))
        await asyncio.to_thread(self.engine.build, snapshot.id, ids, vectors)
        await asyncio.to_thread(self._check, snapshot, ExactIndex(ids, vectors), passages)
        await asyncio.to_thread(bind, self._bound(snapshot.id), passages)
        return len(passages), await asyncio.to_thread(packed, folder)

    async def restore(self, snapshot: Snapshot) -> None:
        """Make the indexes of a snapshot again when they were dropped or are broken."""
        try:
            index = await asyncio.to_thread(self.engine.open, snapshot.id, snapshot.passages)
        except Unavailable as error:
            log.info("making the indexes of snapshot %s again: %s", snapshot.id, error.detail)
            await self.snapshots.ready(snapshot.workspace_id, snapshot.id, *await self.build(snapshot))
        else:
            await asyncio.to_thread(index.close)

    async def open(self, snapshot: Snapshot, embedder: Embedder) -> OpenSnapshot:
        """Open a snapshot for searching, with whatever of it still works."""
        passages, pinned = await self._passages(snapshot)
        lexical = await self._open_lexical(snapshot, passages)
        vectors, degraded = await self._open_vectors(snapshot, embedder)
        if degraded:
            log.warning("snapshot %s is degraded: %s", snapshot.id, degraded)
        remembered = RememberedQuestions(embedder)
        hybrid: Retriever = Hybrid(snapshot.id, passages, lexical, vectors, remembered)
        read = Reranked(hybrid, self.reader) if self.reader else hybrid
        everything = Mended(Pinned(read, pinned, lexical, remembered) if pinned else read, lexical, embedder)
        return OpenSnapshot(snapshot, passages, lexical, vectors, everything, Public(everything), degraded)

    async def held(self) -> list[str]:
        """Snapshots of which a folder is there, whole or not."""
        return await asyncio.to_thread(_folders, self.directory)

    async def kept(self) -> dict[str, bool]:
        """Snapshots whose vectors the engine keeps, and whether they are known to be ours. Raises `Unavailable`."""
        return await asyncio.to_thread(self.engine.kept)

    async def drop(self, snapshot_id: str) -> None:
        """Delete the indexes of a snapshot; its documents and vectors stay in the database."""
        await asyncio.to_thread(self.engine.drop, snapshot_id)
        await asyncio.to_thread(shutil.rmtree, self.directory / snapshot_id, ignore_errors=True)

    async def _passages(self, snapshot: Snapshot) -> tuple[Mapping[str, Passage], Sequence[Passage]]:
        """All of them by their ids, and those that are pinned to a question."""
        try:
            bound = await asyncio.to_thread(open_bound, self._bound(snapshot.id), snapshot.passages)
        except Unavailable as error:
            log.info("fetching the passages of snapshot %s: %s", snapshot.id, error.detail)
        else:
            return bound, bound.pinned
        loose = await self.snapshots.passages(snapshot)
        with suppress(OSError):  # where nothing can be written, they are fetched each time
            await asyncio.to_thread(bind, self._bound(snapshot.id), loose)
        return {passage.id: passage for passage in loose}, [passage for passage in loose if passage.pins]

    async def _open_lexical(self, snapshot: Snapshot, passages: Mapping[str, Passage]) -> TantivyIndex:
        folder = self._lexical(snapshot.id)
        try:
            return _whole(TantivyIndex(folder), len(passages))
        except Unavailable as error:
            log.info("fetching the lexical index of snapshot %s: %s", snapshot.id, error.detail)
        await self._fetch_lexical(snapshot, folder, list(passages.values()))
        return _whole(TantivyIndex(folder), len(passages))

    async def _fetch_lexical(self, snapshot: Snapshot, folder: Path, passages: list[Passage]) -> None:
        try:
            data = await self.snapshots.lexical(snapshot.workspace_id, snapshot.id)
        except (NotFound, Unavailable):
            await asyncio.to_thread(build_lexical, folder, _lexical_texts(passages))
        else:
            await asyncio.to_thread(unpack, data, folder)

    async def _open_vectors(self, snapshot: Snapshot, embedder: Embedder) -> tuple[VectorIndex | None, str | None]:
        if snapshot.fingerprint != embedder.fingerprint:
            return (
                None,
                f"it was embedded by {snapshot.fingerprint}, questions are by {embedder.fingerprint}; ingest again",
            )
        try:
            return await asyncio.to_thread(self.engine.open, snapshot.id, snapshot.passages), None
        except Unavailable as error:
            ids, vectors = await self.snapshots.vectors(snapshot)
            return ExactIndex(ids, vectors), error.detail

    def _check(self, snapshot: Snapshot, exact: ExactIndex, passages: list[Passage]) -> None:
        """Every index holds every passage, and passages find themselves."""
        lexical = _whole(TantivyIndex(self._lexical(snapshot.id)), len(passages))
        vectors = self.engine.open(snapshot.id, len(passages))
        rows = range(0, len(passages), max(1, len(passages) // PROBES))
        spelled = [text for row in rows if any(map(str.isalnum, text := lexical_text(passages[row])))]
        try:
            _refuse("vectors", [_finds(vectors, exact.vectors[row]) for row in rows])
            _refuse("words", [bool(lexical.search(text, 1)) for text in spelled])
        finally:
            vectors.close()

    def _bound(self, snapshot_id: str) -> Path:
        return self.directory / snapshot_id / "passages"

    def _lexical(self, snapshot_id: str) -> Path:
        return self.directory / snapshot_id / "lexical"


def _folders(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.is_dir()) if directory.is_dir() else []


def _lexical_texts(passages: list[Passage]) -> list[tuple[str, str]]:
    return [(passage.id, lexical_text(passage)) for passage in passages]


def _whole(index: TantivyIndex, passages: int) -> TantivyIndex:
    if len(index) != passages:
        raise Unavailable(f"The lexical index holds {len(index)} passages instead of {passages}.")
    return index


def _finds(index: VectorIndex, vector: Vectors) -> bool:
    """Whether something as near as the vector itself is found."""
    found = index.search(vector, 1)
    return bool(found) and found[0][1] >= float(vector @ vector) - ALMOST


def _refuse(what: str, found: Sequence[bool]) -> None:
    """An index that is broken finds next to nothing; one that searches roughly may miss one or another."""
    missed = found.count(False)
    if missed > len(found) * MISSED:
        raise Unavailable(
            f"The new index of {what} misses {missed} of {len(found)} passages that it was asked for, so it was not"
            " published."
        )
