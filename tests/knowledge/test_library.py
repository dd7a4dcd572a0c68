import asyncio
import shutil
from pathlib import Path

import pytest

from app.database import Database
from app.errors import Conflict, NotFound
from app.knowledge.embedding.hashing import HashEmbedder
from app.knowledge.exact import ExactIndex
from app.knowledge.library import Library
from app.knowledge.opened import RECHECK_SECONDS
from tests.shelving import WORKSPACE, ingestion, open_library, order, write


async def test_nothing_published_finds_nothing(library: Library) -> None:
    found = await library.search(WORKSPACE, "How do I get a refund?")
    assert (found.snapshot_id, found.hits, found.coverage) == ("", (), 0.0)
    assert await library.articles(WORKSPACE) == []


async def test_a_hit_quotes_the_stored_version(published: Library) -> None:
    found = await published.search(WORKSPACE, "How do I ask for a refund?", 3)
    best = found.hits[0].passage
    version = await published.version(WORKSPACE, best.document_id, best.version)
    assert version.text[best.start : best.end] == best.text
    assert best.title == "Refunds"
    assert found.coverage > 0.4
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)


async def test_customers_never_find_what_is_internal(published: Library) -> None:
    question = "refunds of partners"
    public = await published.search(WORKSPACE, question, 8)
    everything = await published.search(WORKSPACE, question, 8, internal=True)
    assert everything.hits[0].passage.title == "Escalation list"
    assert "Escalation list" not in {hit.passage.title for hit in public.hits}
    assert [article.title for article in await published.articles(WORKSPACE)] == ["Refunds", "Reset your password"]


async def test_another_workspace_sees_nothing(published: Library) -> None:
    hit = (await published.search(WORKSPACE, "refund")).hits[0].passage
    assert (await published.search("other", "refund")).hits == ()
    with pytest.raises(NotFound):
        await published.version("other", hit.document_id, hit.version)


async def test_an_article_has_an_address_and_a_summary(published: Library) -> None:
    article = await published.article(WORKSPACE, "refunds")
    assert (article.category, article.summary) == ("Billing", "Money back.")
    assert (await published.article(WORKSPACE, "reset-your-password")).summary.startswith("Open Settings")
    with pytest.raises(NotFound):
        await published.article(WORKSPACE, "unknown")


async def test_documents_are_listed_with_their_passages(published: Library) -> None:
    listed = await published.listed(WORKSPACE)
    assert {(row["external_id"], row["source"], row["version"]) for row in listed} == {
        ("refunds.md", "help", 1),
        ("password.md", "help", 1),
        ("team.md", "help", 1),
    }
    assert all(row["passages"] for row in listed)
    assert await published.listed(WORKSPACE, after=listed[0]["id"]) == listed[1:]


async def test_the_next_search_sees_what_was_published_here(published: Library, tmp_path: Path) -> None:
    await published.search(WORKSPACE, "refund")
    more = write(tmp_path / "more", {"pets.md": "# Pets\n\nDogs may come to the office on Fridays.\n"})
    report = await ingestion(published).ingest(order(more, "more", publish=False))
    assert "Pets" not in await _titles(published, "May dogs come to the office?")
    await published.publish(WORKSPACE, str(report.snapshot_id))
    assert "Pets" in await _titles(published, "May dogs come to the office?")
    await published.rollback(WORKSPACE)
    assert "Pets" not in await _titles(published, "May dogs come to the office?")


async def test_what_another_process_published_is_seen_within_a_second(
    published: Library, database: Database, tmp_path: Path
) -> None:
    await published.search(WORKSPACE, "refund")
    other = open_library(database, tmp_path / "data")
    more = write(tmp_path / "more", {"pets.md": "# Pets\n\nDogs may come to the office on Fridays.\n"})
    await ingestion(other).ingest(order(more, "more"))
    await asyncio.sleep(RECHECK_SECONDS)
    assert "Pets" in await _titles(published, "May dogs come to the office?")
    await other.close()


async def test_searches_that_run_while_a_snapshot_changes_see_one_snapshot_each(
    published: Library, tmp_path: Path
) -> None:
    first = (await published.search(WORKSPACE, "refund")).snapshot_id
    more = write(tmp_path / "more", {"pets.md": "# Pets\n\nDogs may come.\n"})
    second = str((await ingestion(published).ingest(order(more, "more", publish=False))).snapshot_id)

    async def ask(number: int) -> None:
        await asyncio.sleep(number / 500)
        found = await published.search(WORKSPACE, "refund dogs", 8, internal=True)
        assert ("Pets" in {hit.passage.title for hit in found.hits}) == (found.snapshot_id == second)

    async def flip() -> None:
        for snapshot in (second, first, second, first, second):
            await published.publish(WORKSPACE, snapshot)
            await asyncio.sleep(0.01)

    await asyncio.gather(flip(), *(ask(number) for number in range(40)))


async def test_a_lost_vector_index_is_replaced_by_exact_search(
    published: Library, database: Database, tmp_path: Path
) -> None:
    titles = await _titles(published, "How do I get a refund?")
    shutil.rmtree(tmp_path / "data" / "snapshots")
    other = open_library(database, tmp_path / "data")
    assert await _titles(other, "How do I get a refund?") == titles
    assert "missing" in str(await other.degraded(WORKSPACE))
    assert await published.degraded(WORKSPACE) is None
    await other.close()


async def test_vectors_of_another_embedder_are_not_asked(
    published: Library, database: Database, tmp_path: Path
) -> None:
    other = open_library(database, tmp_path / "data", embedder=HashEmbedder(dimension=64))
    found = await other.search(WORKSPACE, "How do I get a refund?")
    assert found.hits[0].passage.title == "Refunds"
    assert {hit.cosine for hit in found.hits} == {0.0}
    assert "ingest again" in str(await other.degraded(WORKSPACE))
    assert published.embedder.fingerprint != other.embedder.fingerprint
    await other.close()


async def test_there_is_nothing_to_roll_back_to_at_first(published: Library) -> None:
    with pytest.raises(Conflict, match="no earlier snapshot"):
        await published.rollback(WORKSPACE)


async def test_a_snapshot_of_nobody_cannot_be_published(published: Library) -> None:
    with pytest.raises(NotFound):
        await published.publish(WORKSPACE, "unknown")
    mine = (await published.latest_snapshots(WORKSPACE))[0]
    with pytest.raises(NotFound):
        await published.publish("other", mine.id)


async def test_a_snapshot_says_what_it_is(published: Library) -> None:
    (snapshot,) = await published.latest_snapshots(WORKSPACE)
    assert (snapshot.state, snapshot.documents, snapshot.fingerprint) == ("published", 3, HashEmbedder().fingerprint)
    ids, vectors = await published.snapshots.vectors(snapshot)
    assert len(ids) == len(vectors) == snapshot.passages
    assert ExactIndex(ids, vectors).search(vectors[0], 1)[0][0] == ids[0]


async def _titles(library: Library, question: str) -> list[str]:
    return [hit.passage.title for hit in (await library.search(WORKSPACE, question)).hits]
