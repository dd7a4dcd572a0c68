"""Overrides and rules of cutting from a wish to what is found, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.database import Database
from app.errors import Conflict, Invalid, Outdated
from app.knowledge.library import Library
from app.knowledge.overriding.store import Shown
from app.knowledge.overriding.types import Wish
from app.knowledge.run_queue import Queued
from app.knowledge.splitting import Splitting
from ingest.orders import Report
from tests.ingest.test_pipeline import CountingEmbedder
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

FEES = "The fee for a small parcel is three euros, and the fee for a large parcel is nine euros in every season."
DAYS = "A parcel arrives within two working days, and within five working days on the islands in the winter months."
GUIDE = f"# Guide\n\n## Fees\n\n{FEES}\n\n## Days\n\n{DAYS}\n"
OTHER = (
    "# Other\n\nNothing about parcels stands here, only a word about the weather and the mood of the postman today.\n"
)


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    opened = open_library(database, tmp_path / "data", embedder=CountingEmbedder())
    await ingestion(opened).ingest(order(write(tmp_path / "kb", {"guide.md": GUIDE, "other.md": OTHER})))
    yield opened
    await opened.close()


async def test_a_wish_takes_effect_in_the_next_snapshot_and_embeds_only_what_is_new(library: Library) -> None:
    override, queued = await library.overrides.create(
        WORKSPACE,
        await shown(library, FEES),
        Wish(questions=("What does shipping cost?",), keywords=("tariff",)),
        "Maya",
    )
    assert (await listed(library))[0]["state"] == "waiting"
    report = await carried_out(library, queued)
    assert (report.published, report.counts.embedded, report.counts.documents) == (True, 1, 2)
    hit = (await library.search(WORKSPACE, "tariff")).hits[0].passage
    assert (hit.text, "tariff" in hit.added) == (FEES, True)
    assert (await library.version(WORKSPACE, hit.document_id, hit.version)).text[hit.start : hit.end] == FEES
    assert (await listed(library))[0]["state"] == "applied"
    queued = await library.overrides.drop(WORKSPACE, override.id)
    assert (await carried_out(library, queued)).counts.embedded == 0
    assert (await library.search(WORKSPACE, "tariff")).hits[0].lexical == 0


async def test_an_edited_passage_is_cited_from_a_version_that_says_so(library: Library, tmp_path: Path) -> None:
    place = await shown(library, FEES)
    new = "The fee for any parcel is four euros."
    await wish(library, place, Wish(text=new))
    hit = (await library.search(WORKSPACE, "fee for any parcel")).hits[0].passage
    version = await library.version(WORKSPACE, hit.document_id, hit.version)
    assert (hit.text, version.text[hit.start : hit.end]) == (new, new)
    assert (hit.version, version.front_matter["edited_from"], DAYS in version.text) == (2, 1, True)
    with pytest.raises(Invalid, match="edited here"):
        await library.overrides.create(WORKSPACE, await shown(library, new), Wish(disabled=True), "Sam")
    again = await ingestion(library).ingest(order([str(tmp_path / "kb")]))
    assert (again.counts.unchanged, again.counts.embedded) == (2, 0)
    changed = await reread(library, tmp_path, GUIDE.replace("two working days", "three working days"))
    assert changed.counts.changed == 1
    assert (await library.search(WORKSPACE, "fee for any parcel")).hits[0].passage.text == new
    assert [row["version"] for row in await library.listed(WORKSPACE) if row["external_id"] == "guide.md"] == [4]


async def test_a_disabled_passage_is_not_found(library: Library) -> None:
    await wish(library, await shown(library, DAYS), Wish(disabled=True))
    assert DAYS not in [hit.passage.text for hit in (await library.search(WORKSPACE, "islands winter")).hits]
    document = await library.overrides.passages(WORKSPACE, (await shown(library, FEES)).document_id)
    assert [one["text"] for one in document["passages"]] == [FEES]
    assert [(one["state"], one["disabled"]) for one in document["overrides"]] == [("applied", True)]


async def test_a_change_of_the_source_is_a_conflict_until_somebody_decides(library: Library, tmp_path: Path) -> None:
    await wish(library, await shown(library, FEES), Wish(keywords=("tariff",)))
    await reread(library, tmp_path, GUIDE.replace("three euros", "five euros"))
    (conflict,) = await listed(library)
    assert (conflict["state"], conflict["reason"]) == ("conflict", "The source no longer says this.")
    assert conflict["where"]["text"] == FEES.replace("three", "five")
    where = conflict["where"]
    there = Shown(where["document_id"], where["version"], where["heading"], where["start"], where["end"])
    _, queued = await library.overrides.move(WORKSPACE, conflict["id"], there, "Maya")
    await carried_out(library, queued)
    assert (await listed(library))[0]["state"] == "applied"
    assert "five euros" in (await library.search(WORKSPACE, "tariff")).hits[0].passage.text
    await library.rollback(WORKSPACE)
    assert (await listed(library))[0]["state"] == "conflict"


async def test_a_passage_is_followed_into_another_document_and_back(library: Library, tmp_path: Path) -> None:
    await wish(library, await shown(library, FEES), Wish(keywords=("tariff",)))
    (tmp_path / "kb" / "guide.md").unlink()
    write(tmp_path / "kb", {"prices.md": f"# Prices\n\n{FEES}\n"})
    await pruned(library, tmp_path)
    assert (await listed(library))[0]["state"] == "moved"
    assert (await library.search(WORKSPACE, "tariff")).hits[0].passage.title == "Prices"
    write(tmp_path / "kb", {"other.md": OTHER + "\nOne more line.\n"})
    await pruned(library, tmp_path)
    assert (await listed(library))[0]["state"] == "moved"
    (tmp_path / "kb" / "prices.md").unlink()
    await pruned(library, tmp_path)
    (gone,) = await listed(library)
    assert (gone["state"], gone["reason"]) == ("conflict", "The document is no longer in the knowledge base.")


async def test_two_who_decide_do_not_overwrite_each_other(library: Library) -> None:
    place = await shown(library, FEES)
    override, first = await library.overrides.create(WORKSPACE, place, Wish(disabled=True), "Maya")
    with pytest.raises(Conflict, match="has an override already"):
        await library.overrides.create(WORKSPACE, place, Wish(), "Sam")
    changed, second = await library.overrides.change(WORKSPACE, override.id, Wish(), "Sam", 1)
    assert (changed.revision, second.run_id, second.new) == (2, first.run_id, False)
    with pytest.raises(Outdated, match="Sam changed this"):
        await library.overrides.change(WORKSPACE, override.id, Wish(disabled=True), "Maya", 1)


async def test_only_the_source_whose_rules_changed_is_cut_anew(library: Library, tmp_path: Path) -> None:
    await ingestion(library).ingest(order(write(tmp_path / "more", {"m.md": f"# More\n\n{FEES} {DAYS}\n"}), "more"))
    document = next(row for row in await library.listed(WORKSPACE) if row["source"] == "more")
    source_id = (await library.overrides.passages(WORKSPACE, document["id"]))["source_id"]
    queued = await library.overrides.split(WORKSPACE, source_id, Splitting(tokens=32, overlap=24))
    report = await carried_out(library, queued)
    assert (report.published, report.counts.passages, report.counts.embedded) == (True, 5, 2)
    first, second = (await library.overrides.passages(WORKSPACE, document["id"]))["passages"]
    assert (first["text"], second["text"], first["added"], second["added"]) == (FEES, DAYS, "", FEES)


async def wish(library: Library, place: Shown, wanted: Wish) -> Report:
    _, queued = await library.overrides.create(WORKSPACE, place, wanted, "Maya")
    return await carried_out(library, queued)


async def carried_out(library: Library, queued: Queued) -> Report:
    return await seen(library, await ingestion(library).resume(queued.run_id))


async def pruned(library: Library, tmp_path: Path) -> Report:
    return await seen(library, await ingestion(library).ingest(order([str(tmp_path / "kb")], prune=True)))


async def seen(library: Library, report: Report) -> Report:
    """Another process published this; the next search sees it at once."""
    await library.publish(WORKSPACE, str(report.snapshot_id))
    return report


async def shown(library: Library, text: str) -> Shown:
    """Where the published snapshot says this."""
    hits = (await library.search(WORKSPACE, text)).hits
    one = next(hit.passage for hit in hits if hit.passage.text == text)
    return Shown(one.document_id, one.version, one.heading, one.start, one.end)


async def listed(library: Library) -> list[dict[str, Any]]:
    return await library.overrides.listed(WORKSPACE)


async def reread(library: Library, tmp_path: Path, text: str) -> Report:
    return await seen(library, await ingestion(library).ingest(order(write(tmp_path / "kb", {"guide.md": text}))))
