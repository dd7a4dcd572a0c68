"""Sources in both databases: when each is read, once whoever asks, and what deleting one asks for."""

import asyncio

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from app.database import Database, now
from app.errors import Conflict, NotFound
from app.knowledge.sourcing.store import RETIRE, SourceStore
from app.knowledge.tables import RunRow, SourceRow

CRAWL = {"kind": "crawl", "settings": {"url": "https://x.example/"}, "schedule": "30"}


def _make_late(session: Session) -> None:
    session.execute(update(SourceRow).values(next_run_at=now()).where(col(SourceRow.kind) == "crawl"))


async def test_a_source_whose_time_has_come_is_queued_once(database: Database) -> None:
    store = SourceStore(database)
    await store.add("default", "Site", CRAWL)
    await store.add("default", "Off", {**CRAWL, "enabled": False})
    assert await store.due() == []
    await database.write(_make_late)
    found = await asyncio.gather(*(store.due() for _ in range(4)))
    assert [one.new for queued in found for one in queued] == [True]
    (site,) = [one for one in await store.listed("default") if one["name"] == "Site"]
    assert (site["last_run"]["state"], site["documents"]) == ("queued", 0)
    assert site["next_run_at"] > now().isoformat()
    await database.write(_make_late)
    assert await store.due() == []


async def test_a_deleted_source_is_gone_and_its_name_is_free(database: Database) -> None:
    store = SourceStore(database)
    source = await store.add("default", "Site", CRAWL)
    with pytest.raises(Conflict, match="There is a source called “Site” already"):
        await store.add("default", "Site", {})
    queued = await store.remove("default", source.id)
    request = await database.read(lambda session: _request(session, queued.run_id))
    assert request == RETIRE
    for lost in (store.get("default", source.id), store.get("another", source.id)):
        with pytest.raises(NotFound):
            await lost
    again = await store.ensure("default", "Site", "upload", {})
    assert (again.id, again.kind, again.settings, again.enabled) == (source.id, "upload", {}, True)
    with pytest.raises(Conflict, match="filled in another way"):
        await store.ensure("default", "Site", "crawl", {})


def _request(session: Session, run_id: str) -> dict[str, object]:
    row = session.get(RunRow, run_id)
    assert row is not None
    return row.request
