"""Ingest runs as jobs: the web queues them, and whatever process holds a worker carries them out."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial

from app.answering.deciding.store import DecisionStore
from app.background import errands
from app.conversations.bus import EventBus, open_bus
from app.conversations.inbox import Inbox
from app.conversations.live import Live
from app.conversations.store import ConversationStore
from app.database import open_database
from app.errors import AppError
from app.insight.calibration import Recalibration
from app.insight.correcting.corrector import Corrector
from app.insight.correcting.store import CorrectionStore
from app.insight.reviewing.reviewer import Wish
from app.insight.reviewing.store import ReviewStore
from app.insight.verdicts import Deeds
from app.jobs import Payload, Registry, open_jobs
from app.knowledge.run_states import Busy
from app.knowledge.runs import RunStore
from app.settings import Settings
from ingest.caring import care
from ingest.liveness import alive, this_worker
from ingest.sources.jobs import source_jobs
from ingest.workshop import reviewer_of, workshop

QUIET_S = 0.7
LONGEST_WAIT_S = 5.0
PUT_OFF_S = 1.0
"""After which a run is looked at again whose source another run is busy with."""
log = logging.getLogger(__name__)


def registry(settings: Settings, bus: EventBus | None = None) -> Registry:
    """What each job is done by. What a killed process left behind is queued again first.

    `bus` is that of the process, where it serves pages as well: who looks at one learns at once what a job did.
    """
    with ThreadPoolExecutor(1) as threads:  # the caller may run an event loop in its own thread
        left_behind = threads.submit(lambda: asyncio.run(_left_behind(settings))).result()
    jobs = open_jobs(settings.data_dir, settings.redis_url)
    for name, payload in left_behind:
        jobs.enqueue(name, payload)
    return {
        "ingest": partial(ingest, settings),
        "recalibrate": partial(recalibrate, settings),
        "hygiene": partial(care, settings),
        "review": partial(review, settings),
        "recall": partial(recall, settings, bus),
        "errands": partial(errands, settings),
        **source_jobs(settings),
    }


def ingest(settings: Settings, payload: Payload) -> None:
    """Carry out one run. What goes wrong stands in its row."""
    asyncio.run(_resume(settings, str(payload["run_id"])))


def recalibrate(settings: Settings, payload: Payload) -> None:
    """Make a workspace's calibration anew from what people did with the bot's answers."""
    asyncio.run(_recalibrate(settings, str(payload["workspace_id"])))


async def _recalibrate(settings: Settings, workspace_id: str) -> None:
    database = open_database(settings.database)
    try:
        await Recalibration(Deeds(database), DecisionStore(database)).work(workspace_id)
    finally:
        await database.close()


async def _resume(settings: Settings, run_id: str) -> None:
    if await _is_busy(settings, run_id):
        open_jobs(settings.data_dir, settings.redis_url).enqueue("ingest", {"run_id": run_id}, PUT_OFF_S)
        return
    async with workshop(settings) as (ingestion, _):
        try:
            await _quiet(ingestion.library.runs, run_id)
            await ingestion.resume(run_id)
        except Busy:
            await asyncio.to_thread(ingestion.library.jobs.enqueue, "ingest", {"run_id": run_id}, PUT_OFF_S)
        except AppError as refusal:
            log.warning("ingest run %s: %s", run_id, refusal.detail)


async def _is_busy(settings: Settings, run_id: str) -> bool:
    """Looked up before anything large is opened: a run may wait for hours, and holds no thread meanwhile."""
    database = open_database(settings.database)
    try:
        return await RunStore(database).is_busy(run_id, alive)
    finally:
        await database.close()


async def _quiet(runs: RunStore, run_id: str) -> None:
    """Let a burst of wishes join one run: it begins when nothing came for a while, or when it has waited long."""
    until = time.monotonic() + LONGEST_WAIT_S
    while time.monotonic() < until:
        since = await runs.quiet_since(run_id)
        if since is None or since >= QUIET_S:
            return
        await asyncio.sleep(QUIET_S - since)


def review(settings: Settings, payload: Payload) -> None:
    """Review a snapshot as a job. What comes of it stands in its row."""
    asyncio.run(_review(settings, Wish(str(payload["workspace_id"]), str(payload["snapshot_id"]))))


async def _review(settings: Settings, wish: Wish) -> None:
    async with workshop(settings) as (ingestion, _):
        try:
            await reviewer_of(settings, ingestion.library).review(wish, this_worker(), _unwatched)
        except AppError as refusal:
            log.warning("review of snapshot %s: %s", wish.snapshot_id, refusal.detail)


async def _unwatched(_done: int, _total: int) -> None:
    """The review's own row tells how far it is."""


def recall(settings: Settings, bus: EventBus | None, payload: Payload) -> None:
    """Look whom we told what no longer holds, and lay drafted corrections before the agents."""
    asyncio.run(_recall(settings, bus, str(payload["workspace_id"])))


async def _recall(settings: Settings, bus: EventBus | None, workspace_id: str) -> None:
    async with workshop(settings) as (ingestion, _), _telling(settings, bus) as telling:
        database = ingestion.library.snapshots.database
        live = Live(ConversationStore(database), telling)
        await Corrector(ingestion.library, CorrectionStore(database), Inbox(database), live).recall(workspace_id)


@asynccontextmanager
async def _telling(settings: Settings, bus: EventBus | None) -> AsyncIterator[EventBus]:
    """The bus of this process, or one for this job."""
    if bus is not None:
        yield bus
        return
    own = open_bus(settings.redis_url)
    try:
        yield own
    finally:
        await own.close()


async def _left_behind(settings: Settings) -> list[tuple[str, Payload]]:
    database = open_database(settings.database)
    try:
        runs = [("ingest", {"run_id": run.id}) for run in await RunStore(database).unfinished(alive)]
        reviews = await ReviewStore(database).unfinished(alive)
        named = [{"workspace_id": workspace_id, "snapshot_id": id_} for workspace_id, id_ in reviews]
        return [*runs, *(("review", one) for one in named)]
    finally:
        await database.close()
