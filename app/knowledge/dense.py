"""Nearest passages by Chroma: a folder for each snapshot, or a collection for each on a Chroma server.

Chroma gets ids and vectors and nothing else; texts stay in the database. `embedding_function=None` everywhere: its own
would download a model, and reading a stored one back is CVE-2026-45829.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError

from app.database import new_id
from app.errors import Unavailable
from app.knowledge import seals
from app.knowledge.exact import ExactIndex
from app.knowledge.types import VectorIndex, Vectors

BATCH = 500
PATIENCE_S = 10.0
COLLECTION = "passages"
VECTORS = "vectors.npy"
IDS = "ids.txt"
# A search list of 200 finds the same best 30 as comparing with every vector on 10,000 passages, in 1 ms.
# Inner product, because a vector that was moved towards its section's mean is meant to be shorter than one.
INDEX: Any = {"hnsw": {"space": "ip", "ef_construction": 200, "ef_search": 200}}
BROKEN = (ChromaError, httpx.HTTPError, OSError, ValueError, RuntimeError, KeyError)


@dataclass(frozen=True, slots=True)
class ChromaFolder:
    """One Chroma directory for each snapshot: written once by the process that builds it, then only read.

    Two processes that share one directory get silently wrong answers when either writes (chroma-core/chroma#3792).
    """

    root: Path

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        """Write the folder aside and rename it when it is whole."""
        place = self._place(snapshot_id)
        aside = place.with_name(f"chroma-{new_id()}.tmp")
        aside.mkdir(parents=True)
        with _translated():
            client = _folder_client(aside)
            _fill(client, COLLECTION, ids, vectors)
            _close(client)
        np.save(aside / VECTORS, vectors)
        (aside / IDS).write_text("\n".join(ids))
        seals.seal(aside)
        shutil.rmtree(place, ignore_errors=True)
        aside.rename(place)

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        """The index in the snapshot's folder."""
        place = self._place(snapshot_id)
        if not place.is_dir():
            raise Unavailable(f"The vector index of snapshot {snapshot_id} is missing.")
        if not seals.whole(place):
            raise Unavailable(f"The vector index of snapshot {snapshot_id} is damaged.")
        with _translated():
            index = _open(_folder_client(place), COLLECTION, passages)
            return replace(index, stored=_stored(place))

    def drop(self, snapshot_id: str) -> None:
        """Delete the folder: the only way to get Chroma's disk space back."""
        shutil.rmtree(self._place(snapshot_id), ignore_errors=True)

    def _place(self, snapshot_id: str) -> Path:
        return self.root / snapshot_id / "chroma"


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """One collection for each snapshot on a Chroma server, which any number of processes may use."""

    url: str

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        """Fill a new collection; one left by an interrupted run is replaced."""
        self.drop(snapshot_id)
        with _translated():
            client = self._client()
            _fill(client, _collection(snapshot_id), ids, vectors)
            _close(client)

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        """The snapshot's collection."""
        with _translated():
            return _open(self._client(), _collection(snapshot_id), passages)

    def drop(self, snapshot_id: str) -> None:
        """Delete the collection."""
        with _translated():
            client = self._client()
            try:
                client.delete_collection(_collection(snapshot_id))
            except NotFoundError:
                pass
            finally:
                _close(client)

    def _client(self) -> Client:
        address = urlsplit(self.url)
        tls = address.scheme == "https"
        port = address.port or (443 if tls else 8000)
        host = address.hostname or "127.0.0.1"
        client = cast(Client, chromadb.HttpClient(host=host, port=port, ssl=tls, settings=_settings()))
        for session in _sessions(client):
            session.timeout = httpx.Timeout(PATIENCE_S)
        return client


@dataclass(frozen=True, slots=True)
class ChromaIndex:
    """An open collection. `stored` are its vectors in a file that is mapped into memory, where there is one."""

    client: Client
    collection: chromadb.Collection
    stored: ExactIndex | None = None

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """The nearest by HNSW; Chroma's distance is 1 - inner product."""
        with _translated():
            found = self.collection.query(query_embeddings=vector[None, :], n_results=k, include=["distances"])
        distances = found["distances"] or [[]]
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def cosines(self, vector: Vectors, ids: list[str]) -> dict[str, float]:
        """The cosine of each of these passages, from their stored vectors."""
        if not ids:
            return {}
        if self.stored:
            return self.stored.cosines(vector, ids)
        with _translated():
            found = self.collection.get(ids=ids, include=["embeddings"])
        if not found["ids"]:
            return {}
        rows = np.asarray(found["embeddings"], dtype=np.float32)
        return dict(zip(found["ids"], (rows @ vector).tolist(), strict=True))

    def close(self) -> None:
        """Release the files, or the connection."""
        _close(self.client)


def _folder_client(folder: Path) -> Client:
    return cast(Client, chromadb.PersistentClient(str(folder), settings=_settings()))


def _stored(folder: Path) -> ExactIndex | None:
    """The vectors once more: fetching forty of them from Chroma takes 1.5 ms, from a mapped file 0.03."""
    if not (folder / VECTORS).is_file():
        return None
    return ExactIndex((folder / IDS).read_text().splitlines(), np.load(folder / VECTORS, mmap_mode="r"))


def _sessions(client: Client) -> list[httpx.Client]:
    """The connections below a client, for which Chroma has neither time-out nor end; a folder has none."""
    servers: tuple[Any, ...] = (client._server, getattr(client._admin_client, "_server", None))  # noqa: SLF001  # chromadb is pinned
    return [server._session for server in servers if hasattr(server, "_session")]  # noqa: SLF001  # the same


def _close(client: Client) -> None:
    """Release the files, or the connections."""
    sessions = _sessions(client)
    client.close()
    for session in sessions:
        session.close()


def _collection(snapshot_id: str) -> str:
    return f"kb-{snapshot_id}"


def _settings() -> Settings:
    return Settings(anonymized_telemetry=False)


def _fill(client: Client, name: str, ids: list[str], vectors: Vectors) -> None:
    collection = client.create_collection(name, embedding_function=None, configuration=INDEX)
    for start in range(0, len(ids), BATCH):
        collection.upsert(ids=ids[start : start + BATCH], embeddings=vectors[start : start + BATCH])


def _open(client: Client, name: str, passages: int) -> ChromaIndex:
    try:
        index = ChromaIndex(client, client.get_collection(name, embedding_function=None))
        held = index.collection.count()
        _refuse_partial(held, passages)
    except BaseException:
        _close(client)
        raise
    return index


def _refuse_partial(held: int, passages: int) -> None:
    if held != passages:
        raise Unavailable(f"The vector index holds {held} passages instead of {passages}.")


@contextmanager
def _translated() -> Iterator[None]:
    """Nobody else needs to know how Chroma says that it is broken."""
    try:
        yield
    except BROKEN as error:
        raise Unavailable(f"The vector index does not answer: {error}") from error
