"""A run from files to what is found, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.database import Database
from app.errors import Conflict, Invalid, Unavailable
from app.knowledge.dense import ChromaFolder
from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.library import Library
from app.knowledge.run_states import Busy
from app.knowledge.snapshots import Plan
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.tables import RunRow
from app.knowledge.types import Vectors
from ingest.discover import File
from ingest.liveness import alive
from ingest.loaders import ENDINGS, Refused
from ingest.orders import Order, Report
from ingest.origins import Listing
from ingest.pipeline import Ingestion
from ingest.watch import Cancelled, Progress, Told
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

FILES = {"one.md": "# One\n\nThe first thing.\n", "deep/two.html": "<main><h1>Two</h1><p>The second thing.</p></main>"}


class CountingEmbedder:
    """The built-in embedder, which counts the passages it is given."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.inner = HashEmbedder()
        self.fingerprint, self.dimension, self.max_tokens = self.inner.fingerprint, 384, 256

    def count_tokens(self, text: str) -> int:
        return self.inner.count_tokens(text)

    def embed_questions(self, texts: list[str]) -> Vectors:
        return self.inner.embed_questions(texts)

    def embed_passages(self, texts: list[str]) -> Vectors:
        self.seen += texts
        return self.inner.embed_passages(texts)


class FullDisk(ChromaFolder):
    """An engine whose disk is full."""

    def build(self, snapshot_id: str, ids: list[str], vectors: Vectors) -> None:
        raise OSError(28, "No space left on device")


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    opened = open_library(database, tmp_path / "data", embedder=CountingEmbedder())
    yield opened
    await opened.close()


async def test_a_first_run_adds_embeds_and_publishes(library: Library, tmp_path: Path) -> None:
    report = await ingestion(library).ingest(order(write(tmp_path / "kb", FILES)))
    assert _changes(report) == (2, 0, 0, 0, 0)
    assert (report.published, report.counts.documents, report.counts.passages, report.counts.embedded) == (
        True,
        2,
        2,
        2,
    )
    assert await _titles(library, "second thing") == ["Two", "One"]
    run = await library.runs.view(WORKSPACE, str(report.run_id))
    assert (run["state"], run["snapshot_id"], run["counts"]["added"]) == ("done", report.snapshot_id, 2)
    assert {item["name"]: item["outcome"] for item in run["items"]} == {"one.md": "added", "deep/two.html": "added"}


async def test_an_unchanged_source_costs_nothing(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    first = await ingestion(library).ingest(order(places))
    second = await ingestion(library).ingest(order(places))
    assert _changes(second) == (0, 0, 2, 0, 0)
    assert (second.snapshot_id, second.counts.embedded) == (first.snapshot_id, 0)
    assert len(_embedder(library).seen) == 2


async def test_only_what_changed_is_embedded(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", {"long.md": "# Long\n\n## A\n\n" + "Alpha. " * 90 + "\n\n## B\n\n" + "Beta. " * 90})
    await ingestion(library).ingest(order(places))
    before = await library.search(WORKSPACE, "alpha")
    write(tmp_path / "kb", {"long.md": "# Long\n\n## A\n\n" + "Alpha. " * 90 + "\n\n## B\n\n" + "Gamma. " * 90})
    report = await ingestion(library).ingest(order(places))
    assert _changes(report) == (0, 1, 0, 0, 0)
    assert report.counts.embedded == 1
    old = before.hits[0].passage
    assert (await library.version(WORKSPACE, old.document_id, 1)).text != (
        await library.version(WORKSPACE, old.document_id, 2)
    ).text


async def test_a_text_that_comes_back_is_its_old_version(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", {"a.md": "First."})
    await ingestion(library).ingest(order(places))
    write(tmp_path / "kb", {"a.md": "Second."})
    await ingestion(library).ingest(order(places))
    write(tmp_path / "kb", {"a.md": "First."})
    report = await ingestion(library).ingest(order(places))
    assert (report.counts.changed, report.counts.embedded) == (1, 0)
    assert [row["version"] for row in await library.listed(WORKSPACE)] == [1]


async def test_what_vanished_stays_until_it_is_pruned(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    await ingestion(library).ingest(order(places))
    (tmp_path / "kb" / "one.md").unlink()
    assert _changes(await ingestion(library).ingest(order(places))) == (0, 0, 1, 0, 0)
    assert _changes(await ingestion(library).ingest(order(places, prune=True))) == (0, 0, 1, 1, 0)
    assert await _titles(library, "first thing") == ["Two"]


async def test_pruning_touches_neither_other_sources_nor_files_that_failed(library: Library, tmp_path: Path) -> None:
    await ingestion(library).ingest(order(write(tmp_path / "other", {"o.md": "Other."}), "other"))
    rows = '{"id": "a", "text": "Row a."}\n{"id": "b", "text": "Row b."}\n'
    places = write(tmp_path / "kb", {"rows.jsonl": rows, "keep.md": "Keep."})
    await ingestion(library).ingest(order(places))
    write(tmp_path / "kb", {"rows.jsonl": rows.replace('{"id": "b"', "{broken"), "keep.md": b"%PDF"})
    report = await ingestion(library).ingest(order(places, prune=True))
    assert _changes(report) == (0, 0, 1, 0, 2)
    assert len(await library.listed(WORKSPACE)) == 4


async def test_a_row_that_vanished_is_pruned(library: Library, tmp_path: Path) -> None:
    rows = '{"id": "a", "text": "Row a."}\n{"id": "b", "text": "Row b."}\n'
    places = write(tmp_path / "kb", {"rows.jsonl": rows})
    await ingestion(library).ingest(order(places))
    write(tmp_path / "kb", {"rows.jsonl": rows.splitlines()[0]})
    assert _changes(await ingestion(library).ingest(order(places, prune=True))) == (0, 0, 1, 1, 0)


async def test_one_bad_file_does_not_stop_the_others(library: Library, tmp_path: Path) -> None:
    bad = {"bad.md": b"%PDF-1.7", "empty.txt": b"", "odd.exe": b"MZ", "big.txt": b"x" * 1_000_001}
    report = await ingestion(library).ingest(order(write(tmp_path / "kb", {**FILES, **bad})))
    assert _changes(report) == (2, 0, 0, 0, 4)
    assert {item.name: item.detail for item in report.items if item.outcome == "failed"} == {
        "bad.md": "The name of this file says Markdown, but it is a PDF document.",
        "empty.txt": "This file is empty.",
        "odd.exe": f"Files ending in .exe cannot be read. Use {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.",
        "big.txt": "This file is larger than 1 MB. Split it into smaller ones.",
    }


async def test_a_run_that_can_read_nothing_fails_and_leaves_what_was_published(
    library: Library, tmp_path: Path
) -> None:
    places = write(tmp_path / "kb", FILES)
    first = await ingestion(library).ingest(order(places))
    with pytest.raises(Invalid, match=r"Nothing could be read\. bad\.md: This file is empty\."):
        await ingestion(library).ingest(order(write(tmp_path / "bad", {"bad.md": b""}), prune=True))
    assert await library.snapshots.published_id(WORKSPACE) == first.snapshot_id
    assert (await library.runs.latest(WORKSPACE))[0]["state"] == "failed"


@pytest.mark.parametrize(
    ("place", "sentence"),
    [("missing", "no file or folder"), ("empty", "no files in")],
)
async def test_a_place_without_files_is_refused(library: Library, tmp_path: Path, place: str, sentence: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match=sentence):
        await ingestion(library).ingest(order([str(tmp_path / place)], prune=True))


async def test_a_dry_run_tells_and_stores_nothing(library: Library, tmp_path: Path) -> None:
    report = await ingestion(library).compare(order(write(tmp_path / "kb", FILES)))
    assert (_changes(report), report.snapshot_id) == ((2, 0, 0, 0, 0), None)
    assert await library.runs.latest(WORKSPACE) == []
    assert await SourceStore(library.documents.database).listed(WORKSPACE) == []


async def test_an_unpublished_snapshot_waits_for_its_publication(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    report = await ingestion(library).ingest(order(places, publish=False))
    assert not report.published
    assert await _titles(library, "thing") == []
    assert (await library.latest_snapshots(WORKSPACE))[0].state == "ready"
    await library.publish(WORKSPACE, str(report.snapshot_id))
    assert len(await _titles(library, "thing")) == 2


async def test_two_sources_that_are_ingested_together_are_both_published(library: Library, tmp_path: Path) -> None:
    one = order(write(tmp_path / "one", {"one.md": "Apples are red."}), "one")
    two = order(write(tmp_path / "two", {"two.md": "Bananas are yellow."}), "two")
    await asyncio.gather(ingestion(library).ingest(one), ingestion(library).ingest(two))
    assert {row["source"] for row in await library.listed(WORKSPACE)} == {"one", "two"}


async def test_a_run_can_be_cancelled_and_publishes_nothing(library: Library, tmp_path: Path) -> None:
    run_id = await library.runs.queue(WORKSPACE, "help", order(write(tmp_path / "kb", FILES)).request)
    begun = asyncio.Event()

    def notice(_: Progress) -> None:
        begun.set()

    await library.runs.cancel(WORKSPACE, await library.runs.queue(WORKSPACE, "help", {}))
    work = asyncio.create_task(ingestion(library).resume(run_id, notice))
    await begun.wait()
    await library.runs.cancel(WORKSPACE, run_id)
    with pytest.raises(Cancelled):
        await work
    assert await library.snapshots.published_id(WORKSPACE) is None
    assert {run["state"] for run in await library.runs.latest(WORKSPACE)} == {"cancelled"}


async def test_a_full_disk_ends_the_run_with_a_sentence_and_nothing_half_published(
    library: Library, database: Database, tmp_path: Path
) -> None:
    places = write(tmp_path / "kb", FILES)
    full = open_library(database, tmp_path / "data", FullDisk(tmp_path / "data" / "snapshots"))
    with pytest.raises(Unavailable, match="No space left on device"):
        await ingestion(full).ingest(order(places))
    assert [snapshot.state for snapshot in await full.latest_snapshots(WORKSPACE)] == ["failed"]
    assert list((tmp_path / "data" / "snapshots").iterdir()) == []
    await ingestion(library).ingest(order(places))
    assert _embedder(library).seen == []
    assert len(await _titles(library, "thing")) == 2
    await full.close()


async def test_a_new_embedder_embeds_everything_again(library: Library, database: Database, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    await ingestion(library).ingest(order(places))
    other = open_library(database, tmp_path / "data", embedder=HashEmbedder(dimension=64))
    report = await ingestion(other).ingest(order(places))
    assert (_changes(report), report.counts.embedded) == ((0, 0, 2, 0, 0), 2)
    assert await other.degraded(WORKSPACE) is None
    await other.close()


async def test_old_snapshots_give_their_disk_space_back_and_can_return(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    first = await ingestion(library).ingest(order(places))
    for number in range(7):
        write(tmp_path / "kb", {"one.md": f"# One\n\nThing number {number}.\n"})
        await ingestion(library).ingest(order(places))
    kept = {path.name for path in (tmp_path / "data" / "snapshots").iterdir()}
    assert len(kept) == 5
    assert first.snapshot_id not in kept
    await library.publish(WORKSPACE, str(first.snapshot_id))
    assert (await library.search(WORKSPACE, "the first thing")).hits[0].passage.text == "The first thing."
    assert await library.degraded(WORKSPACE) is None


async def test_what_a_killed_run_left_is_cleaned_by_the_next(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    dead = await library.runs.queue(WORKSPACE, "help", order(places).request)
    await library.runs.begin(dead, "this-machine:1:1", alive)
    half = await library.snapshots.begin(WORKSPACE, Plan("hash", "headings", {}, dead))
    write(tmp_path / "data" / "snapshots" / half, {"chroma.tmp/data": "half"})
    with pytest.raises(Conflict, match="not complete"):
        await library.publish(WORKSPACE, half)

    with pytest.raises(Busy):
        await ingestion(library).resume(await library.runs.queue(WORKSPACE, "help", order(places).request))
    silence = update(RunRow).where(col(RunRow.id) == dead).values(heartbeat_at=None)
    await library.runs.database.write(lambda session: str(session.execute(silence)))
    await ingestion(library).ingest(order(places))
    states = {snapshot.id: snapshot.state for snapshot in await library.latest_snapshots(WORKSPACE)}
    assert states[half] == "failed"
    assert not (tmp_path / "data" / "snapshots" / half).exists()
    assert (await library.runs.view(WORKSPACE, dead))["error"] == "The process that worked on this run ended."


def _changes(report: Report) -> tuple[int, int, int, int, int]:
    counts = report.counts
    return counts.added, counts.changed, counts.unchanged, counts.removed, counts.failed


def _embedder(library: Library) -> CountingEmbedder:
    assert isinstance(library.embedder, CountingEmbedder)
    return library.embedder


async def _titles(library: Library, question: str) -> list[str]:
    return [hit.passage.title for hit in (await library.search(WORKSPACE, question)).hits]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A source that is not on this machine, as it is at one moment."""

    listed: Listing

    async def listing(self, order: Order, run_id: str | None, told: Told) -> Listing:
        return self.listed


async def test_what_was_fetched_has_its_address_and_what_its_source_says(library: Library, tmp_path: Path) -> None:
    write(tmp_path, {"1": "<main><h1>Fees</h1><p>There are none.</p></main>", "2": "---\naudience: public\n---\nOpen."})
    page = File("https://help.example.com/fees", tmp_path / "1", "page.html", "https://help.example.com/fees")
    listing = Listing([page, File("open.md", tmp_path / "2")], audience="internal", locale="de")
    await Ingestion(library, 1_000_000, origin=Elsewhere(listing)).ingest(order([]))
    opened, fees = sorted(await library.listed(WORKSPACE), key=lambda document: str(document["url"]))
    assert (fees["url"], fees["audience"], fees["locale"]) == (page.url, "internal", "de")
    assert (opened["url"], opened["audience"], opened["locale"]) == ("", "public", "de")


async def test_only_a_complete_listing_tells_what_vanished(library: Library, tmp_path: Path) -> None:
    write(tmp_path, {name: f"Text {name}." for name in ("a.md", "b.md", "c.md")})
    files = [File(name, tmp_path / name) for name in ("a.md", "b.md", "c.md")]

    async def run(listing: Listing) -> list[str]:
        report = await Ingestion(library, 1_000_000, origin=Elsewhere(listing)).ingest(order([], prune=True))
        return [item.name for item in report.items if item.outcome == "removed"]

    assert await run(Listing(files)) == []
    assert await run(Listing(files[:1], [Refused("c.md", "It cannot be fetched.")])) == ["b.md"]
    assert await run(Listing(files[:1], complete=False)) == []
    assert await run(Listing(files[:1], gone=frozenset(["c.md"]), complete=False)) == ["c.md"]


async def test_a_source_that_goes_takes_its_documents_along(library: Library, tmp_path: Path) -> None:
    await ingestion(library).ingest(order(write(tmp_path / "kb", FILES)))
    report = await ingestion(library).ingest(Order(WORKSPACE, "help", [], prune=True, reads="nothing"))
    assert (report.published, report.counts.removed, report.counts.documents) == (True, 2, 0)
    assert (await library.search(WORKSPACE, "first thing")).hits == ()
