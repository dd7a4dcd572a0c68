"""A collection of Chroma, in a folder or on a server: filled, opened, searched, closed.

Chroma gets ids and vectors and nothing else; texts stay in the database. `embedding_function=None` everywhere: its own
would download a model, and reading a stored one back is CVE-2026-45829.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.config import Settings
from chromadb.errors import ChromaError

from app.errors import Unavailable
from app.knowledge.exact import ExactIndex
from app.knowledge.types import Vectors

BATCH = 500
# A search list of 200 finds the same best 30 as comparing with every vector on 10,000 passages, in 1 ms.
# Inner product, because a vector that was moved towards its section's mean is meant to be shorter than one.
INDEX: Any = {"hnsw": {"space": "ip", "ef_construction": 200, "ef_search": 200}}
BROKEN = (ChromaError, httpx.HTTPError, OSError, ValueError, RuntimeError, KeyError)


@dataclass(frozen=True, slots=True)
class ChromaIndex:
    """An open collection. `stored` are its vectors in a file that is mapped into memory, where there is one."""

    client: Client
    collection: chromadb.Collection
    stored: ExactIndex | None = None

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """The nearest by HNSW; Chroma's distance is 1 - inner product."""
        with translated():
            found = self.collection.query(query_embeddings=vector[None, :], n_results=k, include=["distances"])
        distances = found["distances"] or [[]]
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def cosines(self, vector: Vectors, ids: list[str]) -> dict[str, float]:
        """The cosine of each of these passages, from their stored vectors."""
        if not ids:
            return {}
        if self.stored:
            return self.stored.cosines(vector, ids)
        with translated():
            found = self.collection.get(ids=ids, include=["embeddings"])
        if not found["ids"]:
            return {}
        rows = np.asarray(found["embeddings"], dtype=np.float32)
        return dict(zip(found["ids"], (rows @ vector).tolist(), strict=True))

    def close(self) -> None:
        """Release the files, or the connection."""
        close(self.client)


def sessions(client: Client) -> list[httpx.Client]:
    """The connections below a client, for which Chroma has neither time-out nor end; a folder has none."""
    servers: tuple[Any, ...] = (client._server, getattr(client._admin_client, "_server", None))  # noqa: SLF001  # chromadb is pinned
    return [server._session for server in servers if hasattr(server, "_session")]  # noqa: SLF001  # the same


def close(client: Client) -> None:
    """Release the files, or the connections."""
    open_ones = sessions(client)
    client.close()
    for session in open_ones:
        session.close()


def plain_settings() -> Settings:
    """Chroma's, without telling its makers of us."""
    return Settings(anonymized_telemetry=False)


def fill(client: Client, name: str, ids: list[str], vectors: Vectors, told: dict[str, str] | None = None) -> None:
    """Make a collection of this name and put the vectors in. `told` is kept beside it."""
    collection = client.create_collection(name, configuration=INDEX, metadata=told, embedding_function=None)
    for start in range(0, len(ids), BATCH):
        collection.upsert(ids=ids[start : start + BATCH], embeddings=vectors[start : start + BATCH])


def opened(client: Client, name: str, passages: int) -> ChromaIndex:
    """The collection, refused when it does not hold this many passages; the client is closed then."""
    try:
        index = ChromaIndex(client, client.get_collection(name, embedding_function=None))
        held = index.collection.count()
        _refuse_partial(held, passages)
    except BaseException:
        close(client)
        raise
    return index


def _refuse_partial(held: int, passages: int) -> None:
    if held != passages:
        raise Unavailable(f"The vector index holds {held} passages instead of {passages}.")


@contextmanager
def translated() -> Iterator[None]:
    """Nobody else needs to know how Chroma says that it is broken."""
    try:
        yield
    except BROKEN as error:
        raise Unavailable(f"The vector index does not answer: {error}") from error
