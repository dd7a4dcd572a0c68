"""A knowledge base made of a few texts, for tests of any room."""

from collections.abc import Mapping
from pathlib import Path

from app.database import Database
from app.jobs import open_jobs
from app.knowledge.dense import ChromaFolder
from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.library import Library
from app.knowledge.overriding.store import OverrideStore
from app.knowledge.pushing.store import PushedStore
from app.knowledge.runs import RunStore
from app.knowledge.shelves import Shelves
from app.knowledge.snapshots import SnapshotStore
from app.knowledge.store import DocumentStore
from app.knowledge.types import Embedder, VectorEngine
from ingest.orders import Order
from ingest.pipeline import Ingestion

WORKSPACE = "default"


def open_library(
    database: Database, folder: Path, engine: VectorEngine | None = None, embedder: Embedder | None = None
) -> Library:
    """A library with real indexes and the built-in embedder."""
    snapshots = SnapshotStore(database)
    shelves = Shelves(snapshots, engine or ChromaFolder(folder / "snapshots"), folder / "snapshots")
    jobs = open_jobs(folder, None)
    runs, pushed, overrides = RunStore(database), PushedStore(database), OverrideStore(database)
    embeds = embedder or HashEmbedder()
    return Library(DocumentStore(database), snapshots, runs, shelves, embeds, jobs, pushed, overrides)


def write(folder: Path, files: Mapping[str, str | bytes]) -> list[str]:
    """Put files into a folder, and give the folder as the place to ingest."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [str(folder)]


def order(places: list[str], source: str = "help", *, prune: bool = False, publish: bool = True) -> Order:
    """What to ingest into the default workspace."""
    return Order(WORKSPACE, source, places, prune=prune, publish=publish)


def ingestion(library: Library) -> Ingestion:
    """An ingestion that takes files of up to a megabyte."""
    return Ingestion(library, 1_000_000)
