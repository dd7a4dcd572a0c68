"""The last stage: what lets a snapshot wait instead of answering."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from app.database import Database
from app.knowledge.library import Library
from ingest.checking import Candidate, Checks
from ingest.pipeline import Ingestion
from ingest.watch import Told
from tests.shelving import WORKSPACE, open_library, order, write


class Objector:
    """Objects to whatever it sees, and remembers it."""

    def __init__(self, *sentences: str) -> None:
        self.sentences, self.seen = sentences, list[Candidate]()

    async def objections(self, candidate: Candidate, told: Told) -> Sequence[str]:
        await told.at("check")
        self.seen.append(candidate)
        return self.sentences


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    opened = open_library(database, tmp_path / "data")
    yield opened
    await opened.close()


async def test_a_snapshot_that_a_check_objects_to_waits_with_every_reason(library: Library, tmp_path: Path) -> None:
    checks = Checks((Objector("Too much vanished."), Objector(), Objector("A probe question fails.")))
    ingestion = Ingestion(library, 1_000_000, checks)
    report = await ingestion.ingest(order(write(tmp_path / "kb", {"one.md": "# One\n\nThe first thing.\n"})))
    reasons = ("Too much vanished.", "A probe question fails.")
    assert (report.published, report.held) == (False, reasons)
    assert await library.snapshots.published_id(WORKSPACE) is None
    run = await library.runs.view(WORKSPACE, str(report.run_id))
    assert (run["state"], run["held"]) == ("done", list(reasons))
    await library.publish(WORKSPACE, str(report.snapshot_id))
    assert (await library.search(WORKSPACE, "first")).hits


async def test_a_check_sees_the_snapshot_its_base_and_what_changed(library: Library, tmp_path: Path) -> None:
    objector = Objector()
    ingestion = Ingestion(library, 1_000_000, Checks((objector,)))
    for text in ("One.", "Two."):
        await ingestion.ingest(order(write(tmp_path / "kb", {"one.md": text})))
    first, second = objector.seen
    assert (first.base, second.base and second.base.id) == (None, first.snapshot.id)
    assert (second.source, second.changes.counts()["changed"]) == ("help", 1)
    assert second.snapshot.state == "ready"
