"""Runs that the web queues, and runs whose process died."""

import asyncio
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from app.database import now, open_database
from app.jobs import open_jobs
from app.knowledge.run_states import Run
from app.knowledge.runs import RunStore
from app.settings import EmbedSettings, Settings
from ingest.jobs import registry
from ingest.liveness import SILENT_S, alive, this_worker
from ingest.workshop import workshop
from tests.shelving import WORKSPACE, write

DEAD = "elsewhere:1:1"
PATIENCE_S = 30.0


def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", embed=EmbedSettings(backend="hash"), _env_file=None)


def test_a_queued_run_is_carried_out(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    run_id = asyncio.run(_queued(chosen, write(tmp_path / "kb", {"a.md": "Text."})))
    registry(chosen)["ingest"]({"run_id": run_id})
    assert asyncio.run(_view(chosen, run_id))["state"] == "done"


def test_what_goes_wrong_stands_in_the_run_and_stops_no_worker(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    run_id = asyncio.run(_queued(chosen, [str(tmp_path / "missing")]))
    registry(chosen)["ingest"]({"run_id": run_id})
    run = asyncio.run(_view(chosen, run_id))
    assert (run["state"], run["error"]) == ("failed", f"There is no file or folder {tmp_path / 'missing'}.")
    registry(chosen)["ingest"]({"run_id": "unknown"})


def test_a_run_that_a_dead_process_left_is_queued_again_at_the_next_start(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    run_id = asyncio.run(
        _begun_by(f"{this_worker().split(':')[0]}:999999999:1", chosen, write(tmp_path / "kb", {"a.md": "Text."}))
    )
    jobs = registry(chosen)
    jobs["ingest"]({"run_id": run_id})
    assert asyncio.run(_view(chosen, run_id))["state"] == "done"


def test_a_process_of_this_machine_is_known_to_be_dead_at_once() -> None:
    assert alive(this_worker(), None)
    host, _, started = this_worker().rsplit(":", 2)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert not alive(f"{host}:{child.pid}:{started}", now())
    assert not alive(f"{host}:{os.getpid()}:1", now())


def test_a_process_of_another_machine_is_dead_after_a_silence() -> None:
    assert alive(DEAD, now())
    assert not alive(DEAD, now() - timedelta(seconds=SILENT_S + 1))
    assert not alive(None, None)


async def _queued(chosen: Settings, places: list[str]) -> str:
    async with workshop(chosen) as (ingestion, workspace_id):
        return await ingestion.library.start_run(workspace_id, "help", places)


async def _view(chosen: Settings, run_id: str) -> dict[str, object]:
    database = open_database(chosen.database)
    try:
        return await RunStore(database).view(WORKSPACE, run_id)
    finally:
        await database.close()


def test_a_run_whose_source_is_busy_holds_no_worker_and_begins_when_that_has_ended(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    busy = asyncio.run(_begun_by(this_worker(), chosen, write(tmp_path / "kb", {"a.md": "Text."})))
    second = asyncio.run(_queued(chosen, write(tmp_path / "other", {"b.md": "More."})))
    assert second != busy
    worker = open_jobs(chosen.data_dir, None).consumer(registry(chosen))
    worker.start()
    time.sleep(2)
    assert asyncio.run(_view(chosen, second))["state"] == "queued"
    asyncio.run(_ended(chosen, busy))
    assert _state_after_a_while(chosen, second) == "done"
    worker.stop()


async def _begun_by(worker: str, chosen: Settings, places: list[str]) -> str:
    run_id = await _queued(chosen, places)
    database = open_database(chosen.database)
    await RunStore(database).begin(run_id, worker, alive)
    await database.close()
    return run_id


async def _ended(chosen: Settings, run_id: str) -> None:
    database = open_database(chosen.database)
    runs = RunStore(database)
    await runs.finish(Run(run_id, WORKSPACE, "help", {}), {"state": "done"})
    await database.close()


def _state_after_a_while(chosen: Settings, run_id: str) -> object:
    until = time.monotonic() + PATIENCE_S
    while asyncio.run(_view(chosen, run_id))["state"] != "done" and time.monotonic() < until:
        time.sleep(0.3)
    return asyncio.run(_view(chosen, run_id))["state"]
