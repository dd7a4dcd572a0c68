"""Sources as jobs: looked at when somebody asks, and called again and again to see which are due."""

import asyncio
import logging
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from app.database import open_database
from app.jobs import AGAIN_AND_AGAIN, Payload, Registry, open_jobs
from app.knowledge.sourcing.store import SourceStore
from app.settings import Settings
from ingest.sources.calling import call
from ingest.sources.looking import look
from ingest.workshop import open_origin

log = logging.getLogger(__name__)


def source_jobs(settings: Settings) -> Registry:
    """What each of these jobs is done by."""
    return {"preview": partial(preview, settings), AGAIN_AND_AGAIN: partial(call_sources, settings)}


def preview(settings: Settings, payload: Payload) -> None:
    """Look what a run of a source would fetch. What goes wrong stands in the preview's row."""
    asyncio.run(_preview(settings, str(payload["workspace_id"]), str(payload["source_id"])))


async def _preview(settings: Settings, workspace_id: str, source_id: str) -> None:
    database = open_database(settings.database)
    origin = open_origin(settings, database)
    try:
        await look(origin, workspace_id, source_id)
    finally:
        origin.close()
        await database.close()


def call_sources(settings: Settings, _payload: Payload) -> None:
    """Queue the sources whose time has come, and the watched folders that changed."""
    try:
        asyncio.run(_call_sources(settings))
    except (OSError, SQLAlchemyError):
        log.exception("no source could be called; this is tried again in a few seconds")


async def _call_sources(settings: Settings) -> None:
    database = open_database(settings.database)
    try:
        await call(SourceStore(database), open_jobs(settings.data_dir, settings.redis_url))
    finally:
        await database.close()
