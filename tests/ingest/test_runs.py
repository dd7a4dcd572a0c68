"""Runs that wait, stop, go on, are tried again and are told of, on both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.database import Database, now
from app.errors import Conflict, Invalid, NotFound
from app.knowledge.library import Library
from app.knowledge.run_log import Wanted
from app.knowledge.run_states import Run
from ingest.orders import Order
from ingest.watch import Paused, Progress
from tests.shelving import WORKSPACE, ingestion, open_library, order, write

FILES = {"one.md": "# One\n\nThe first thing.\n", "two.md": "# Two\n\nThe second thing.\n"}
EVERYTHING = Wanted()


@pytest.fixture
async def library(database: Database, tmp_path: Path) -> AsyncIterator[Library]:
    opened = open_library(database, tmp_path / "data")
    yield opened
    await opened.close()


async def test_a_second_request_joins_the_run_that_waits(library: Library, tmp_path: Path) -> None:
    one, two = (write(tmp_path / name, {f"{name}.md": f"Text {name}.", "same.md": f"From {name}."}) for name in "ab")
    waiting = await library.start_run(WORKSPACE, "help", one)
    assert await library.start_run(WORKSPACE, "help", one) == waiting
    assert await library.start_run(WORKSPACE, "help", two) == waiting
    assert await library.start_run(WORKSPACE, "help", two) == waiting
    assert await library.start_run(WORKSPACE, "other", one) != waiting
    report = await ingestion(library).resume(waiting)
    assert {item.name: item.outcome for item in report.items} == dict.fromkeys(("a.md", "b.md", "same.md"), "added")
    assert (await library.search(WORKSPACE, "From b")).hits[0].passage.text == "From b."


@pytest.mark.parametrize(("prune", "publish"), [(False, False), (True, True)])
async def test_what_would_publish_or_remove_more_than_was_asked_stays_apart(
    library: Library, tmp_path: Path, prune: bool, publish: bool
) -> None:
    places = write(tmp_path / "kb", FILES)
    waiting = await library.runs.queue(WORKSPACE, "help", order(places).request)
    wish = order(places, prune=prune, publish=publish).request
    assert await library.runs.queue(WORKSPACE, "help", wish) != waiting


async def test_two_runs_of_one_source_at_once_become_one(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    reports = await asyncio.gather(*(ingestion(library).ingest(order(places)) for _ in range(3)))
    ids = {report.run_id for report in reports}  # the last request may come when the first run has begun
    assert len(ids) <= 2
    assert {run["id"] for run in await library.runs.latest(WORKSPACE)} == ids
    assert {run["state"] for run in await library.runs.latest(WORKSPACE)} == {"done"}


async def test_while_one_runs_exactly_one_follows(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    begun = asyncio.Event()
    first = asyncio.create_task(ingestion(library).ingest(order(places), lambda _: begun.set()))
    await begun.wait()
    followers = await asyncio.gather(*(ingestion(library).ingest(order(places)) for _ in range(3)))
    assert len({report.run_id for report in followers} - {(await first).run_id}) == 1
    assert [run["state"] for run in await library.runs.latest(WORKSPACE)] == ["done", "done"]


async def test_a_paused_run_goes_on_where_it_was(library: Library, tmp_path: Path) -> None:
    run_id = await library.start_run(WORKSPACE, "help", write(tmp_path / "kb", FILES))

    async def pause() -> None:
        await library.runs.pause(WORKSPACE, run_id)

    with pytest.raises(Paused):
        await ingestion(library).resume(run_id, _at("embed", pause))
    run = await library.runs.view(WORKSPACE, run_id)
    assert (run["state"], run["ended_at"], len(run["items"])) == ("paused", None, 2)
    assert await library.snapshots.published_id(WORKSPACE) is None
    with pytest.raises(Conflict):
        await ingestion(library).resume(run_id)
    await library.resume_run(WORKSPACE, run_id)
    report = await ingestion(library).resume(run_id)
    assert (report.published, report.counts.added) == (True, 2)
    run = await library.runs.view(WORKSPACE, run_id)
    assert (run["state"], len(run["items"]), run["pausing"]) == ("done", 2, False)


async def test_a_run_that_waits_is_paused_and_cancelled_at_once(library: Library, tmp_path: Path) -> None:
    run_id = await library.start_run(WORKSPACE, "help", write(tmp_path / "kb", FILES))
    await library.runs.pause(WORKSPACE, run_id)
    assert (await library.runs.view(WORKSPACE, run_id))["state"] == "paused"
    await library.runs.cancel(WORKSPACE, run_id)
    run = await library.runs.view(WORKSPACE, run_id)
    assert (run["state"], run["error"]) == ("cancelled", "Cancelled while it was paused.")
    for change in (library.runs.pause, library.runs.cancel, library.resume_run):
        with pytest.raises(Conflict, match="already over"):
            await change(WORKSPACE, run_id)


async def test_only_what_failed_is_tried_again(library: Library, tmp_path: Path) -> None:
    rows = '{"id": "a", "text": "Row a."}\n{broken\n'
    places = write(tmp_path / "kb", {**FILES, "bad.md": b"", "rows.jsonl": rows})
    first = await ingestion(library).ingest(order(places, prune=True))
    write(
        tmp_path / "kb",
        {"bad.md": "Now it is good.", "rows.jsonl": rows.replace("{broken", '{"id": "b", "text": "B."}')},
    )
    run_id = await library.retry_run(WORKSPACE, str(first.run_id))
    report = await ingestion(library).resume(run_id)
    assert {item.name: item.outcome for item in report.items} == {
        "bad.md": "added",
        "rows.jsonl#a": "unchanged",
        "rows.jsonl#b": "added",
    }
    assert report.counts.documents == 5
    with pytest.raises(Conflict, match="nothing that failed"):
        await library.retry_run(WORKSPACE, run_id)


async def test_a_retry_of_files_that_are_gone_says_so(library: Library, tmp_path: Path) -> None:
    first = await ingestion(library).ingest(order(write(tmp_path / "kb", {**FILES, "bad.md": b""})))
    (tmp_path / "kb" / "bad.md").unlink()
    run_id = await library.retry_run(WORKSPACE, str(first.run_id))
    with pytest.raises(Invalid, match="None of the files that failed is there any more"):
        await ingestion(library).resume(run_id)


async def test_the_log_is_read_page_by_page_failures_first(library: Library, tmp_path: Path) -> None:
    report = await ingestion(library).ingest(order(write(tmp_path / "kb", {**FILES, "Bad_1.md": b"", "bad%2.md": b""})))
    run_id, items, place = str(report.run_id), list[str](), ""
    while page := await library.runs.items(WORKSPACE, run_id, EVERYTHING, place, 1):
        items.append(page[0]["name"])
        place = page[0]["place"]
    assert items == ["Bad_1.md", "bad%2.md", "one.md", "two.md"]
    for wanted, names in [
        (Wanted("failed"), ["Bad_1.md", "bad%2.md"]),
        (Wanted(name="BAD"), ["Bad_1.md", "bad%2.md"]),
        (Wanted(name="%"), ["bad%2.md"]),
        (Wanted(flagged=True), []),
    ]:
        assert [one["name"] for one in await library.runs.items(WORKSPACE, run_id, wanted)] == names
    with pytest.raises(Invalid):
        await library.runs.items(WORKSPACE, run_id, EVERYTHING, "1.x")
    with pytest.raises(NotFound):
        await library.runs.items("another", run_id, EVERYTHING)


async def test_runs_are_listed_page_by_page(library: Library) -> None:
    ids = [await library.runs.queue(WORKSPACE, f"source {number}", {"paths": []}) for number in range(5)]
    first = await library.runs.latest(WORKSPACE, 3)
    rest = await library.runs.latest(WORKSPACE, 3, first[-1]["id"])
    assert [run["id"] for run in (*first, *rest)] == ids[::-1]


async def test_old_logs_are_forgotten_and_their_counts_stay(library: Library, tmp_path: Path) -> None:
    places = write(tmp_path / "kb", FILES)
    old = str((await ingestion(library).ingest(order(places))).run_id)
    await library.runs.finish(Run(old, WORKSPACE, "help", {}), {"ended_at": now() - timedelta(days=91)})
    new = str((await ingestion(library).ingest(order(places))).run_id)
    assert await library.runs.items(WORKSPACE, old, EVERYTHING) == []
    assert (await library.runs.view(WORKSPACE, old))["counts"]["added"] == 2
    assert len(await library.runs.items(WORKSPACE, new, EVERYTHING)) == 2


async def test_every_stage_is_told_with_its_counts(library: Library, tmp_path: Path) -> None:
    report = await ingestion(library).ingest(order(write(tmp_path / "kb", FILES)))
    run = await library.runs.view(WORKSPACE, str(report.run_id))
    told = {stage["name"]: (stage["done"], stage["total"]) for stage in run["stages"]}
    assert {name: told[name] for name in ("fetch", "parse", "split", "embed")} == dict.fromkeys(
        ("fetch", "parse", "split", "embed"), (2, 2)
    )
    assert [stage["remaining_seconds"] for stage in run["stages"]] == [None] * len(told)


@given(st.lists(st.text("ab#/", min_size=1), max_size=5), st.text("ab#/", min_size=1))
def test_a_retry_reads_exactly_the_files_that_the_failures_can_have_come_from(names: list[str], file: str) -> None:
    could = any(name == file or name.startswith((f"{file}#", f"{file}/")) for name in names)
    assert (file in Order(WORKSPACE, "help", [], only=names).origins) == could


def _at(stage: str, act: Callable[[], Coroutine[None, None, None]]) -> Callable[[Progress], None]:
    """Act once, as soon as the run tells of this stage; what is begun ends within the step."""
    begun = set[asyncio.Task[None]]()

    def notice(progress: Progress) -> None:
        if progress.stage == stage and not begun:
            begun.add(asyncio.create_task(act()))

    return notice
