"""Nearest passages by Chroma: a folder for each snapshot, or a collection for each on a Chroma server."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.errors import NotFoundError

from app.database import new_id
from app.errors import Unavailable
from app.knowledge import seals
from app.knowledge.collection import BATCH, close, fill, opened, plain_settings, sessions, translated
from app.knowledge.exact import ExactIndex
from app.knowledge.types import VectorIndex, Vectors

PATIENCE_S = 10.0
COLLECTION = "passages"
PREFIX = "kb-"
MARK = "answerdesk"
VECTORS = "vectors.npy"
IDS = "ids.txt"


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
        with translated():
            client = _folder_client(aside)
            fill(client, COLLECTION, ids, vectors)
            close(client)
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
        with translated():
            index = opened(_folder_client(place), COLLECTION, passages)
            return replace(index, stored=_stored(place))

    def drop(self, snapshot_id: str) -> None:
        """Delete the folder: the only way to get Chroma's disk space back."""
        shutil.rmtree(self._place(snapshot_id), ignore_errors=True)

    def kept(self) -> dict[str, bool]:
        """Whatever has a folder: nobody else writes there."""
        return {path.parent.name: True for path in self.root.glob("*/chroma")}

    def _place(self, snapshot_id: str) -> Path:
        return self.root / snapshot_id / "chroma"


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """One collection for each snapshot on a Chroma server, which any number of processes may use.

    Each new collection bears our mark, because the server may hold those of other installations as well.
    """

    url: str
    mark: str = ""

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        """Fill a new collection; one left by an interrupted run is replaced."""
        self.drop(snapshot_id)
        with translated():
            client = self._client()
            fill(client, _collection(snapshot_id), ids, vectors, {MARK: self.mark} if self.mark else None)
            close(client)

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        """The snapshot's collection."""
        with translated():
            return opened(self._client(), _collection(snapshot_id), passages)

    def drop(self, snapshot_id: str) -> None:
        """Delete the collection."""
        with translated():
            client = self._client()
            try:
                client.delete_collection(_collection(snapshot_id))
            except NotFoundError:
                pass
            finally:
                close(client)

    def kept(self) -> dict[str, bool]:
        """Every collection that is named as ours are; it is ours when it bears our mark."""
        with translated():
            client = self._client()
            try:
                return {
                    one.name.removeprefix(PREFIX): bool(self.mark) and (one.metadata or {}).get(MARK) == self.mark
                    for one in _collections(client)
                    if one.name.startswith(PREFIX)
                }
            finally:
                close(client)

    def _client(self) -> Client:
        address = urlsplit(self.url)
        tls = address.scheme == "https"
        port = address.port or (443 if tls else 8000)
        host = address.hostname or "127.0.0.1"
        client = cast(Client, chromadb.HttpClient(host=host, port=port, ssl=tls, settings=plain_settings()))
        for session in sessions(client):
            session.timeout = httpx.Timeout(PATIENCE_S)
        return client


def _folder_client(folder: Path) -> Client:
    return cast(Client, chromadb.PersistentClient(str(folder), settings=plain_settings()))


def _stored(folder: Path) -> ExactIndex | None:
    """The vectors once more: fetching forty of them from Chroma takes 1.5 ms, from a mapped file 0.03."""
    if not (folder / VECTORS).is_file():
        return None
    return ExactIndex((folder / IDS).read_text().splitlines(), np.load(folder / VECTORS, mmap_mode="r"))


def _collection(snapshot_id: str) -> str:
    return f"{PREFIX}{snapshot_id}"


def _collections(client: Client) -> Iterator[chromadb.Collection]:
    """All of the server's, page by page."""
    met = 0
    while page := client.list_collections(BATCH, met):
        met += len(page)
        yield from page
