"""What is asked of a new index before it may answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from app.database import Database
from app.errors import Unavailable
from app.knowledge.exact import ExactIndex
from app.knowledge.types import Vectors
from tests.shelving import ingestion, open_library, order, write

ARTICLES = {f"{number}.md": f"# Article {number}\n\nThing {number} costs {number} euros.\n" for number in range(20)}


@dataclass(frozen=True)
class Rough(ExactIndex):
    """Does not find what it was told to miss."""

    missed: frozenset[bytes] = frozenset()

    def search(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        return [] if vector.tobytes() in self.missed else ExactIndex.search(self, vector, k)


@dataclass
class RoughEngine:
    """Keeps indexes in memory, and misses so many of their passages."""

    misses: int
    held: dict[str, tuple[list[str], Vectors]] = field(default_factory=dict)

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        self.held[snapshot_id] = (ids, np.array(vectors))

    def open(self, snapshot_id: str, passages: int) -> ExactIndex:
        ids, vectors = self.held[snapshot_id]
        assert len(ids) == passages
        return Rough(ids, vectors, frozenset(row.tobytes() for row in vectors[: self.misses]))

    def drop(self, snapshot_id: str) -> None:
        self.held.pop(snapshot_id, None)

    def kept(self) -> dict[str, bool]:
        return dict.fromkeys(self.held, True)


async def _ingested(database: Database, folder: Path, misses: int, files: Mapping[str, str]) -> int:
    library = open_library(database, folder, RoughEngine(misses))
    report = await ingestion(library).ingest(order(write(folder / "kb", files)))
    await library.close()
    return report.counts.passages


async def test_an_index_that_searches_roughly_is_taken(database: Database, tmp_path: Path) -> None:
    assert await _ingested(database, tmp_path, 3, ARTICLES) == len(ARTICLES)


async def test_an_index_that_finds_little_is_not_published(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="index of vectors misses 12 of 20 passages"):
        await _ingested(database, tmp_path, 12, ARTICLES)


async def test_a_passage_without_a_word_is_not_looked_for_by_words(database: Database, tmp_path: Path) -> None:
    assert await _ingested(database, tmp_path, 0, {"…/signs.txt": "→ ✓ ✗ …\n"}) == 1
