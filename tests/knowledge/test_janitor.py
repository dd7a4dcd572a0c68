"""What the janitor gives back, and what it leaves."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from app.accounts.workspaces import Workspaces
from app.database import Database, new_id
from app.knowledge.dense import ChromaServer
from app.knowledge.janitor import Janitor
from app.knowledge.library import Library
from tests.serving import free_port
from tests.shelving import WORKSPACE, ingestion, open_library, order, write


def id_of(age: timedelta) -> str:
    """An id as a snapshot that was begun so long ago has it."""
    moment = int((datetime.now(UTC) - age).timestamp() * 1000)
    return str(uuid.UUID(int=(moment << 80) | (uuid.UUID(new_id()).int & ((1 << 80) - 1))))


async def publish(library: Library, folder: Path, days: int) -> str:
    places = write(folder, {"refunds.md": f"# Refunds\n\nWithin {days} days.\n"})
    return str((await ingestion(library).ingest(order(places))).snapshot_id)


async def test_indexes_that_no_rollback_needs_go_and_come_again_when_they_are_published(
    library: Library, tmp_path: Path
) -> None:
    ids = [await publish(library, tmp_path / "kb", days) for days in (10, 20, 30, 40)]
    (tmp_path / "data" / "snapshots" / "orphan" / "chroma").mkdir(parents=True)
    gone = await Janitor(library.snapshots, library.shelves, 2).tidy(WORKSPACE)
    assert sorted(gone) == sorted([*ids[:2], "orphan"])
    assert await library.shelves.held() == sorted(ids[2:])
    assert await Janitor(library.snapshots, library.shelves, 2).tidy(WORKSPACE) == []
    await library.publish(WORKSPACE, ids[0])
    found = await library.search(WORKSPACE, "refunds within days")
    assert (found.snapshot_id, "10 days" in found.hits[0].passage.text) == (ids[0], True)


async def test_collections_of_ours_that_no_snapshot_names_leave_the_server(
    database: Database, tmp_path: Path, chroma_url: str
) -> None:
    server, others = ChromaServer(chroma_url, "ours"), ChromaServer(chroma_url, "theirs")
    one, none = np.ones((1, 8), np.float32), ChromaServer(chroma_url)
    orphan, young, foreign, unsigned = (id_of(timedelta(days=age)) for age in (3, 0, 3, 3))
    library = open_library(database, tmp_path / "data", server)
    ids = [await publish(library, tmp_path / "kb", days) for days in (10, 20, 30)]
    for engine, name in ((server, orphan), (server, young), (others, foreign), (none, unsigned), (server, "named")):
        engine.build(name, ["p"], one)
    elsewhere = open_library(database, tmp_path / "another", server)
    gone = await Janitor(elsewhere.snapshots, elsewhere.shelves, 1).tidy(WORKSPACE)
    assert sorted(gone) == sorted([ids[0], orphan])
    assert set(server.kept()) == {ids[1], ids[2], young, foreign, unsigned, "named"}
    for name in server.kept():
        server.drop(name)
    await library.close()
    await elsewhere.close()


async def test_a_server_that_is_away_stops_no_publication(database: Database, tmp_path: Path) -> None:
    away = open_library(database, tmp_path / "data", ChromaServer(f"http://127.0.0.1:{free_port()}", "ours"))
    assert await Janitor(away.snapshots, away.shelves).tidy(WORKSPACE) == []
    await away.close()


async def test_the_mark_of_an_installation_follows_its_database_and_its_place(database: Database) -> None:
    workspaces = Workspaces(database)
    await workspaces.ensure("Parcel Post")
    mark = await workspaces.mark("postgresql://one:secret@db/answerdesk")
    assert mark == await workspaces.mark("postgresql://two:other@db/answerdesk")
    assert mark != await workspaces.mark("postgresql://one:secret@staging/answerdesk")
