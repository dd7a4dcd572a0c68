"""Ingest runs as jobs: the web queues them, and whatever process holds a worker carries them out."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.database import open_database
from app.errors import AppError
from app.jobs import Payload, Registry, open_jobs
from app.knowledge.runs import RunStore
from app.settings import Settings
from ingest.liveness import alive
from ingest.workshop import workshop

log = logging.getLogger(__name__)


def registry(settings: Settings) -> Registry:
    """What each job is done by. Runs that a killed process left behind are queued again first."""
    with ThreadPoolExecutor(1) as threads:  # the caller may run an event loop in its own thread
        left_behind = threads.submit(lambda: asyncio.run(_left_behind(settings))).result()
    jobs = open_jobs(settings.data_dir, settings.redis_url)
    for run_id in left_behind:
        jobs.enqueue("ingest", {"run_id": run_id})
    return {"ingest": partial(ingest, settings)}


def ingest(settings: Settings, payload: Payload) -> None:
    """Carry out one run. What goes wrong stands in its row."""
    asyncio.run(_resume(settings, str(payload["run_id"])))


async def _resume(settings: Settings, run_id: str) -> None:
    async with workshop(settings) as (ingestion, _):
        try:
            await ingestion.resume(run_id)
        except AppError as refusal:
            log.warning("ingest run %s: %s", run_id, refusal.detail)


async def _left_behind(settings: Settings) -> list[str]:
    database = open_database(settings.database)
    try:
        return [run.id for run in await RunStore(database).unfinished(alive)]
    finally:
        await database.close()
