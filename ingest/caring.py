"""Scans as jobs: whatever process holds a worker looks after what is published."""

import asyncio
import logging

import httpx

from app.accounts.people import People
from app.database import open_database
from app.errors import AppError
from app.insight.hygiene.asking import WebAsks
from app.insight.hygiene.care import workers
from app.insight.hygiene.caretaker import Caretaker
from app.insight.hygiene.readership import Readership
from app.insight.hygiene.scans import ScanStore
from app.insight.hygiene.tasks import TaskStore
from app.jobs import Payload
from app.knowledge.snapshots import SnapshotStore
from app.safety.reaching import guarded_client
from app.settings import Settings

PATIENCE = httpx.Timeout(10.0)
AGENT = "Answerdesk link check"
log = logging.getLogger(__name__)


def care(settings: Settings, payload: Payload) -> None:
    """Carry out one scan, or look at what was just published in a workspace."""
    asyncio.run(_care(settings, payload))


async def _care(settings: Settings, payload: Payload) -> None:
    database = open_database(settings.database)
    client = guarded_client((), PATIENCE, AGENT)
    caretaker = Caretaker(
        SnapshotStore(database),
        TaskStore(database),
        ScanStore(database),
        Readership(database),
        People(database),
        settings.public_url,
        workers,
        WebAsks(client),
    )
    try:
        if "scan_id" in payload:
            await caretaker.scan(str(payload["scan_id"]))
        else:
            await caretaker.after_publish(str(payload["workspace_id"]))
    except AppError as refusal:
        log.warning("looking after the knowledge base: %s", refusal.detail)
    finally:
        await client.aclose()
        await database.close()
