import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, ColumnClause, TableClause, column, insert, select, table
from sqlmodel import Session

from app.database import Json, UtcDateTime, now, open_database
from app.knowledge.tables import MemberRow, PassageRow, SourceRow
from app.migrations.run import behind, current, differences, downgrade, migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'answerdesk.db'}"
    return str(request.getfixturevalue("postgres_url"))


def test_an_empty_database_gets_every_table_of_the_code(url: str) -> None:
    assert behind(url)
    migrate(url)
    assert differences(url) == []
    assert not behind(url)


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    before = current(url)
    migrate(url)
    assert current(url) == before


def test_every_step_can_be_taken_back(url: str) -> None:
    migrate(url)
    downgrade(url, "base")
    assert current(url) is None
    migrate(url)
    assert differences(url) == []


def test_processes_that_start_together_migrate_once(url: str) -> None:
    failures: list[Exception] = []

    def start() -> None:
        try:
            migrate(url)
        except Exception as error:  # noqa: BLE001  # whatever went wrong is what the test wants to know
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert not behind(url)


async def test_it_can_be_called_while_an_event_loop_runs(url: str) -> None:
    migrate(url)
    assert not behind(url)


async def test_a_source_that_was_uploaded_is_told_from_a_folder(url: str) -> None:
    migrate(url, "ca34e270bd49")
    database = open_database(url)
    await database.write(_before_kinds)
    await database.close()
    migrate(url)
    database = open_database(url)
    rows = await database.read(lambda session: session.execute(select(SourceRow)).scalars().all())
    await database.close()
    assert {row.name: (row.kind, row.settings, row.enabled) for row in rows} == {
        "handbook": ("folder", {}, True),
        "uploads": ("upload", {}, True),
    }


async def test_documents_of_old_snapshots_keep_their_cut_and_are_shown_as_their_source_gave_them(url: str) -> None:
    migrate(url, "b7d0f3a91c26")
    database = open_database(url)
    await database.write(_before_forms)
    await database.close()
    migrate(url)
    database = open_database(url)
    member = await database.read(lambda session: session.execute(select(MemberRow)).scalar_one())
    passage = await database.read(lambda session: session.execute(select(PassageRow)).scalar_one())
    await database.close()
    assert (member.version, member.origin, member.cut) == (2, 2, "headings-1/504")
    assert (passage.added, passage.pins) == ("", [])


def _before_forms(session: Session) -> None:
    """A snapshot with one document of one passage, as they were written then."""
    made = {"workspace_id": "w", "created_at": now()}
    source = _table("source", "id workspace_id name", created_at=UtcDateTime)
    document = _table("document", "id workspace_id source_id external_id", created_at=UtcDateTime)
    snapshot = _table("snapshot", "id workspace_id state fingerprint cut documents passages", created_at=UtcDateTime)
    size = {"state": "ready", "fingerprint": "hash", "cut": "headings-1/504", "documents": 1, "passages": 1}
    session.execute(insert(source).values(made | {"id": "s", "name": "handbook"}))
    session.execute(insert(document).values(made | {"id": "d", "source_id": "s", "external_id": "d.md"}))
    session.execute(insert(snapshot).values(made | size | {"id": "n"}))
    member = _table("snapshot_member", "snapshot_id document_id version workspace_id")
    session.execute(insert(member).values(snapshot_id="n", document_id="d", version=2, workspace_id="w"))
    passage = _table("passage", "id workspace_id document_id version cut heading start end hash")
    place = {"document_id": "d", "version": 2, "cut": "headings-1/504", "heading": "", "start": 0, "end": 3}
    session.execute(insert(passage).values(place | {"id": "p", "workspace_id": "w", "hash": "h"}))


def _before_kinds(session: Session) -> None:
    """Rows as they were written then, without the columns of today."""
    source = _table("source", "id workspace_id name", created_at=UtcDateTime)
    words = "id workspace_id source state stage done total cancel_requested"
    run = _table("ingest_run", words, created_at=UtcDateTime, request=Json, counts=Json)
    for name, path in (("handbook", "/srv/handbook"), ("uploads", "/srv/data/uploads/0a1b")):
        told = {"id": name, "workspace_id": "w", "created_at": now()}
        done = {"state": "done", "stage": "done", "done": 0, "total": 0, "cancel_requested": False, "counts": {}}
        session.execute(insert(source).values(told | {"name": name}))
        session.execute(insert(run).values(told | done | {"source": name, "request": {"paths": [path]}}))


def _table(name: str, words: str, **typed: type[Any] | JSON) -> TableClause:
    columns: list[ColumnClause[Any]] = [column(word) for word in words.split()]
    return table(name, *columns, *(column(word, kind) for word, kind in typed.items()))
