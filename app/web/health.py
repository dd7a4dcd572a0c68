"""Whether we live, whether we are ready, and what we count."""

import os
import shutil
from importlib.metadata import version as version_of

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, ProcessCollector, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from app.errors import AppError
from app.web.identity import App
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(tags=["health"])
LEAST_FREE_BYTES = 50 * 1024 * 1024


@router.get("/healthz")
async def healthz() -> Response:
    """The process lives. Nothing else is asked."""
    return json_of({"status": "ok"})


@router.get("/readyz")
async def readyz(application: App) -> Response:
    """Each part that answering needs. 503 while one of them is away; a degraded search still answers."""
    parts = {"database": await _database(application), "disk": _disk(application)}
    parts["knowledge"] = await _knowledge(application) if parts["database"] == "ok" else "unknown"
    ready = parts["database"] == parts["disk"] == "ok"
    return json_of({"status": "ready" if ready else "not ready", "parts": parts}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request, application: App) -> Response:
    """Figures for Prometheus: from the same machine, or for an admin."""
    registry: CollectorRegistry = request.app.state.registry
    request.app.state.turns_running.set(len(application.assistant.running))
    figures = generate_latest(registry) + generate_latest(application.speakers.books.figures.registry)
    return Response(figures, media_type=CONTENT_TYPE_LATEST)


@router.get("/version")
async def version() -> Response:
    """Which release this is."""
    return json_of({"name": "answerdesk", "version": version_of("answerdesk")})


def register_figures(registry: CollectorRegistry) -> Gauge:
    """Count memory and processor time, and give the gauge of running turns."""
    ProcessCollector(registry=registry)
    return Gauge("answerdesk_turns_running", "Turns that are being answered in this process.", registry=registry)


async def _database(application: Application) -> str:
    try:
        await application.database.read(lambda session: session.execute(text("SELECT 1")).close())
    except (SQLAlchemyError, OSError):
        return "away"
    return "ok"


async def _knowledge(application: Application) -> str:
    try:
        if await application.library.snapshots.published_id(application.workspace_id) is None:
            return "nothing published yet"
        return await application.library.degraded(application.workspace_id) or "ok"
    except AppError as trouble:
        return trouble.detail


def _disk(application: Application) -> str:
    folder = application.settings.data_dir
    if not os.access(folder, os.W_OK):
        return "not writable"
    return "ok" if shutil.disk_usage(folder).free > LEAST_FREE_BYTES else "full"
