"""Snapshots that are exchanged, damaged and mended while searches go on."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.database import Database
from app.knowledge.dense import ChromaFolder
from app.knowledge.library import Library
from app.knowledge.types import VectorIndex
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

SEARCHES = 1000
AT_ONCE = 50
PUBLISHES = 20


class SlowlyOpened(ChromaFolder):
    """An engine whose indexes take longer to open than a search may wait."""

    def open(self, snapshot_id: str, passages: int) -> VectorIndex:
        time.sleep(1.2)
        return super().open(snapshot_id, passages)


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    opened = open_library(database, tmp_path / "data")
    yield opened
    await opened.close()


async def test_a_thousand_searches_during_twenty_publishes_each_see_one_snapshot(
    library: Library, tmp_path: Path
) -> None:
    editions = [await _edition(library, tmp_path, number) for number in range(2)]
    words = {snapshot_id: f"edition {number}" for number, snapshot_id in enumerate(editions)}
    gate, wrong, seen = asyncio.Semaphore(AT_ONCE), list[str](), set[str]()

    async def search(number: int) -> None:
        async with gate:
            found = await library.search(WORKSPACE, f"What does article {number % 30} say?")
        seen.add(found.snapshot_id)
        wrong.extend(hit.passage.text for hit in found.hits if words[found.snapshot_id] not in hit.passage.text)
        assert found.hits

    async def publish() -> None:
        for number in range(PUBLISHES):
            await library.publish(WORKSPACE, editions[number % 2])
            await asyncio.sleep(0.02)

    await asyncio.gather(publish(), *(search(number) for number in range(SEARCHES)))
    assert wrong == []
    assert seen == set(editions)


async def test_a_search_does_not_wait_for_a_large_snapshot_to_open(database: Database, tmp_path: Path) -> None:
    editor = open_library(database, tmp_path / "data")
    reader = open_library(database, tmp_path / "data", SlowlyOpened(tmp_path / "data" / "snapshots"))
    first = await _edition(editor, tmp_path, 0)
    assert (await reader.search(WORKSPACE, "article 1")).snapshot_id == first
    second = await _edition(editor, tmp_path, 1)
    await asyncio.sleep(0.6)
    assert (await reader.search(WORKSPACE, "article 1")).snapshot_id == first
    await asyncio.sleep(1.5)
    assert (await reader.search(WORKSPACE, "article 1")).snapshot_id == second
    await reader.close()
    await editor.close()


@pytest.mark.parametrize("harm", ["missing", "truncated", "sealed otherwise"])
async def test_a_broken_index_answers_from_the_database_and_is_mended(
    library: Library, database: Database, tmp_path: Path, harm: str
) -> None:
    snapshot_id = await _edition(library, tmp_path, 0)
    expected = [hit.passage.id for hit in (await library.search(WORKSPACE, "article 7")).hits]
    await library.close()
    _break(tmp_path / "data" / "snapshots" / snapshot_id / "chroma", harm)
    again = open_library(database, tmp_path / "data")
    began = time.monotonic()
    found = await again.search(WORKSPACE, "article 7")
    assert time.monotonic() - began < 5
    assert [hit.passage.id for hit in found.hits] == expected
    assert "vector index" in str(await again.degraded(WORKSPACE))
    async with asyncio.timeout(60):
        while await again.degraded(WORKSPACE):  # noqa: ASYNC110  # it is mended by a task of its own
            await asyncio.sleep(0.1)
    assert [hit.passage.id for hit in (await again.search(WORKSPACE, "article 7")).hits] == expected
    await again.close()


def _break(place: Path, harm: str) -> None:
    match harm:
        case "missing":
            shutil.rmtree(place)
        case "truncated":
            next(place.glob("*/data_level0.bin")).write_bytes(b"cut off")
        case _:
            (place / "seal.json").write_text("{broken")


async def _edition(library: Library, folder: Path, number: int) -> str:
    files = {f"{at}.md": f"# Article {at}\n\nArticle {at} of edition {number}.\n" for at in range(30)}
    report = await ingestion(library).ingest(order(write(folder / "kb", files)))
    return str(report.snapshot_id)
