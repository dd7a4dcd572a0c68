"""Tasks through the scans: made, kept, dismissed for good until the text changes, closed when all is well."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from app.accounts.audit import Audit
from app.accounts.people import People
from app.accounts.types import SYSTEM, Role
from app.accounts.workspaces import Workspaces
from app.database import Database
from app.errors import Conflict, NotFound
from app.insight.hygiene.care import workers
from app.insight.hygiene.caretaker import Caretaker
from app.insight.hygiene.findings import KINDS, Finding
from app.insight.hygiene.readership import Readership
from app.insight.hygiene.scans import ScanStore
from app.insight.hygiene.tasks import TaskStore, Wanted
from app.knowledge.library import Library
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

NOTHING: Mapping[str, str] = {}
KB = {
    "refunds.md": "---\ntitle: Refunds\nowner: ada@example.com\n---\nRefunds of tickets are paid within 5 days.\n",
    "money.md": "---\ntitle: Money back\n---\nRefunds of tickets are paid within 9 days. See [this](/help/nowhere).\n",
}


class Silent:
    """Asks nobody."""

    async def problems(self, addresses: Sequence[str]) -> Mapping[str, str]:
        return {}


def found(name: str, says: str = "this") -> Finding:
    return Finding("overdue", (name,), f"{name} is overdue", (says,))


async def states(store: TaskStore) -> dict[str, str]:
    return {one["title"].split()[0]: one["state"] for one in await store.wanted(WORKSPACE, Wanted())}


@pytest.fixture
async def store(database: Database) -> TaskStore:
    await Workspaces(database).ensure("Test")
    return TaskStore(database)


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> Library:
    return open_library(database, tmp_path / "data")


def caretaker(database: Database, library: Library) -> Caretaker:
    return Caretaker(
        library.snapshots,
        TaskStore(database),
        ScanStore(database),
        Readership(database),
        People(database),
        "https://help.example.com",
        workers,
        Silent(),
    )


async def test_a_finding_becomes_a_task_once_and_is_done_when_it_is_gone(store: TaskStore) -> None:
    first = await store.settle(WORKSPACE, [found("a"), found("b")], KINDS, NOTHING)
    again = await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    assert (first.new, again.new, again.same, again.gone) == (2, 0, 1, 1)
    assert await states(store) == {"a": "open", "b": "done"}
    assert (await store.settle(WORKSPACE, [found("a"), found("b")], KINDS, NOTHING)).reopened == 1


async def test_what_was_dismissed_stays_so_until_its_text_changes(store: TaskStore) -> None:
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    (task,) = await store.wanted(WORKSPACE, Wanted(state="open"))
    await store.dismiss(WORKSPACE, task["id"], "It is a sample.", SYSTEM)
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    assert await states(store) == {"a": "dismissed"}
    await store.settle(WORKSPACE, [], KINDS, NOTHING)
    assert await states(store) == {"a": "dismissed"}
    await store.settle(WORKSPACE, [found("a", "that")], KINDS, NOTHING)
    assert (await store.get(WORKSPACE, task["id"]))["reason"] == ""
    assert await states(store) == {"a": "open"}


async def test_what_was_called_done_and_is_still_there_is_opened_again(store: TaskStore) -> None:
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    (task,) = await store.wanted(WORKSPACE, Wanted())
    await store.finish(WORKSPACE, task["id"], SYSTEM)
    with pytest.raises(Conflict):
        await store.dismiss(WORKSPACE, task["id"], "Never mind.", SYSTEM)
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    assert await states(store) == {"a": "open"}


async def test_kinds_that_were_not_looked_for_are_left_alone(store: TaskStore) -> None:
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    await store.settle(WORKSPACE, [], ["duplicate"], NOTHING)
    assert await states(store) == {"a": "open"}


async def test_another_workspace_sees_and_changes_nothing(store: TaskStore) -> None:
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    (task,) = await store.wanted(WORKSPACE, Wanted())
    assert await store.wanted("other", Wanted()) == []
    for change in (store.finish, store.reopen):
        with pytest.raises(NotFound):
            await change("other", task["id"], SYSTEM)


async def test_each_change_stands_in_the_audit_log_and_no_change_does_not(store: TaskStore) -> None:
    await store.settle(WORKSPACE, [found("a")], KINDS, NOTHING)
    (task,) = await store.wanted(WORKSPACE, Wanted())
    await store.assign(WORKSPACE, task["id"], "p1", SYSTEM)
    await store.assign(WORKSPACE, task["id"], "p1", SYSTEM)
    await store.finish(WORKSPACE, task["id"], SYSTEM)
    entries = await Audit(store.database).entries(WORKSPACE)
    assert [entry.action for entry in entries] == ["task.done", "task.assigned"]
    assert await store.wanted(WORKSPACE, Wanted(owner="p1", state="done", kind="overdue")) != []
    assert await store.wanted(WORKSPACE, Wanted(owner="none")) == []


async def test_a_scan_finds_what_is_wrong_gives_it_to_its_owner_and_closes_what_was_mended(
    database: Database, library: Library, store: TaskStore, tmp_path: Path
) -> None:
    ada = await People(database).add(WORKSPACE, "ada@example.com", "Ada", Role.ADMIN, SYSTEM)
    await ingestion(library).ingest(order(write(tmp_path / "kb", KB)))
    care = caretaker(database, library)
    await care.after_publish(WORKSPACE)
    tasks = {one["kind"]: one for one in await store.wanted(WORKSPACE, Wanted(state="open"))}
    assert set(tasks) == {"contradiction", "broken-link"}
    assert (tasks["contradiction"]["owner_id"], tasks["broken-link"]["owner_id"]) == (ada.id, None)
    quoted = [place["text"] for place in tasks["contradiction"]["detail"]["places"]]
    assert sorted(quoted) == [f"Refunds of tickets are paid within {days} days." for days in (5, 9)]
    (scan,) = await care.scans.latest(WORKSPACE)
    assert (scan["state"], scan["counts"]["new"]) == ("done", 2)
    await care.after_publish(WORKSPACE)
    assert len(await care.scans.latest(WORKSPACE)) == 1
    mended = {**KB, "money.md": "---\ntitle: Money back\n---\nRefunds of tickets are paid within 5 days.\n"}
    await ingestion(library).ingest(order(write(tmp_path / "kb", mended)))
    await care.after_publish(WORKSPACE)
    assert await store.wanted(WORKSPACE, Wanted(state="open")) == []
    closed = await store.wanted(WORKSPACE, Wanted(state="done"))
    assert {one["closed_by"] for one in closed} == {"scan"}
    await library.close()


async def test_one_scan_waits_at_a_time_and_is_taken_once(database: Database, store: TaskStore) -> None:
    scans = ScanStore(database)
    first, new = await scans.queue(WORKSPACE)
    assert new
    assert await scans.queue(WORKSPACE, links=True) == (first, False)
    assert (await scans.begin(first)).links
    with pytest.raises(Conflict):
        await scans.begin(first)
    with pytest.raises(NotFound):
        await scans.view("other", first)


async def test_without_anything_published_a_scan_ends_at_once(database: Database, library: Library) -> None:
    care = caretaker(database, library)
    scan_id, _ = await care.scans.queue(WORKSPACE)
    await care.scan(scan_id)
    assert (await care.scans.view(WORKSPACE, scan_id))["state"] == "done"


async def test_votes_are_counted_by_version(database: Database) -> None:
    readership = Readership(database)
    for helped in (True, False, False):
        await readership.vote(WORKSPACE, "d", 1, helped=helped)
    await readership.vote(WORKSPACE, "d", 2, helped=True)
    assert await readership.votes(WORKSPACE) == {("d", 1): (1, 2), ("d", 2): (1, 0)}
