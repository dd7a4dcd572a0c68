"""What the janitor gives back, and what it leaves."""

from pathlib import Path

from app.knowledge.janitor import Janitor
from app.knowledge.library import Library
from tests.shelving import WORKSPACE, ingestion, order, write


async def test_indexes_that_no_rollback_needs_go_and_come_again_when_they_are_published(
    library: Library, tmp_path: Path
) -> None:
    ids = []
    for days in (10, 20, 30, 40):
        places = write(tmp_path / "kb", {"refunds.md": f"# Refunds\n\nWithin {days} days.\n"})
        ids.append(str((await ingestion(library).ingest(order(places))).snapshot_id))
    (tmp_path / "data" / "snapshots" / "orphan" / "chroma").mkdir(parents=True)
    gone = await Janitor(library.snapshots, library.shelves, 2).tidy(WORKSPACE)
    assert sorted(gone) == sorted([*ids[:2], "orphan"])
    assert await library.shelves.held() == sorted(ids[2:])
    assert await Janitor(library.snapshots, library.shelves, 2).tidy(WORKSPACE) == []
    await library.publish(WORKSPACE, ids[0])
    found = await library.search(WORKSPACE, "refunds within days")
    assert (found.snapshot_id, "10 days" in found.hits[0].passage.text) == (ids[0], True)
