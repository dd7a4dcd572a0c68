"""Sources under an admin's hands: added, changed, looked at before they are read, read again, and taken away."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import Conflict, Invalid
from app.knowledge.sourcing.types import AGAIN, Source
from app.safety.addresses import Reach
from app.web.identity import Admitted, App, Caller
from app.web.limits import limit_runs
from app.web.once import OnceRoute
from app.web.replies import json_of
from app.web.source_bodies import NEEDED, NewSource, Place, SourceChange
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["sources"], route_class=OnceRoute)


@router.get("/sources")
async def list_sources(application: App, caller: Admitted) -> Response:
    """Where documents come from, by name, each with its newest run."""
    return json_of({"data": await application.sources.listed(caller.workspace_id), "next": None})


@router.post("/sources", status_code=201)
async def add_source(application: App, caller: Admitted, body: NewSource) -> Response:
    """Add a source. Nothing is fetched until it is run, or its time comes."""
    await _check(application, caller, body.kind, body.settings, body.owner)
    values = body.model_dump(exclude={"name", "settings"}) | {"settings": body.settings.said}
    source = await application.sources.add(caller.workspace_id, body.name, values)
    await _note(application, caller, "source.added", source.id, {"name": body.name, **values})
    return json_of(await application.sources.view(caller.workspace_id, source.id), 201)


@router.get("/sources/{source_id}")
async def read_source(application: App, caller: Admitted, source_id: str) -> Response:
    """One source."""
    return json_of(await application.sources.view(caller.workspace_id, source_id))


@router.patch("/sources/{source_id}")
async def change_source(application: App, caller: Admitted, source_id: str, body: SourceChange) -> Response:
    """Change what is given. Where a source says something of its documents, the next run applies it."""
    source = await application.sources.get(caller.workspace_id, source_id)
    values = body.model_dump(exclude_unset=True, exclude={"settings"})
    wrong = next((name for name, value in values.items() if value is None and name != "owner"), None)
    if wrong:
        raise Invalid(f"“{wrong}” may not be null. Leave it out to keep it as it is.")
    if values.get("schedule", "manual") != "manual" and source.kind not in NEEDED:
        raise Invalid("Only a source that can be read again has a schedule; files come when they are uploaded.")
    if body.settings:
        _refuse_misfit(source.kind, body.settings)
        values["settings"] = body.settings.said
    place = body.settings if body.settings and body.settings.said != source.settings else Place()
    await _check(application, caller, source.kind, place, body.owner)
    changed = await application.sources.change(caller.workspace_id, source_id, values)
    await _note(application, caller, "source.changed", source_id, values, _before(source, values))
    return json_of(await application.sources.view(caller.workspace_id, changed.id))


@router.delete("/sources/{source_id}", status_code=202)
async def delete_source(application: App, caller: Admitted, source_id: str) -> Response:
    """Take a source away. Its run builds a snapshot without its documents; what was cited can still be read."""
    source = await application.sources.view(caller.workspace_id, source_id)
    queued = await application.sources.remove(caller.workspace_id, source_id)
    run_id = await application.library.carry_out(queued)
    after = {"name": source["name"], "documents": source["documents"], "run_id": run_id}
    await _note(application, caller, "source.deleted", source_id, after)
    return json_of({"run_id": run_id, "documents": source["documents"]}, 202)


@router.post("/sources/{source_id}/run", status_code=202)
async def run_source(request: Request, application: App, caller: Admitted, source_id: str) -> Response:
    """Read the source again now. While a run of it waits, that one is told instead of a second."""
    await limit_runs(request, caller.workspace_id)
    run_id = await application.library.carry_out(await application.sources.run(caller.workspace_id, source_id))
    await _note(application, caller, "run.started", source_id, {"run_id": run_id})
    return json_of({"run_id": run_id}, 202)


@router.post("/sources/{source_id}/preview", status_code=202)
async def preview_source(request: Request, application: App, caller: Admitted, source_id: str) -> Response:
    """Have a worker look what a run would fetch, as far as its first pages; nothing is stored."""
    await limit_runs(request, caller.workspace_id)
    source = await application.sources.get(caller.workspace_id, source_id)
    if source.kind not in AGAIN or not source.settings:
        raise Conflict(f"The source “{source.name}” has no place that could be looked at.")
    await application.previews.ask(caller.workspace_id, source_id)
    asked = {"workspace_id": caller.workspace_id, "source_id": source_id}
    await asyncio.to_thread(application.jobs.enqueue, "preview", asked)
    await _note(application, caller, "source.previewed", source_id, {"name": source.name})
    return json_of(await application.previews.view(caller.workspace_id, source_id), 202)


@router.get("/sources/{source_id}/preview")
async def read_preview(application: App, caller: Admitted, source_id: str) -> Response:
    """What the newest look saw; its `state` is queued, done or failed."""
    return json_of(await application.previews.view(caller.workspace_id, source_id))


async def _check(application: Application, caller: Caller, kind: str, place: Place, owner: str | None) -> None:
    """Refuse what could never be read, before it is kept."""
    fetch = application.settings.fetch
    reach = Reach.of(fetch.allowed_hosts)
    for url in place.addresses(kind):
        reach.place(url)
    repository = place.repository or ""
    if repository and not repository.startswith("/"):
        if not repository.startswith("https://"):
            raise Invalid("A repository is named by an https:// address or by a path that begins with /.")
        reach.place(repository)
    for path in filter(None, (place.path, repository if repository.startswith("/") else None)):
        await asyncio.to_thread(_refuse_elsewhere, path, fetch.folders)
    if owner:
        await application.people.get(caller.workspace_id, owner)


def _refuse_elsewhere(path: str, roots: Sequence[Path]) -> None:
    """Who may sign in to the console is not who may read every file of this machine."""
    if not any(Path(path).resolve().is_relative_to(root.resolve()) for root in roots):
        raise Invalid(f"The folder {path} may not be read. Add it to ANSWERDESK_FETCH__FOLDERS first.")


def _refuse_misfit(kind: str, place: Place) -> None:
    if kind not in NEEDED:
        raise Invalid(f"A source of the kind “{kind}” has no settings. Leave them out.")
    problem = place.problem(kind)
    if problem:
        raise Invalid(problem)


def _before(source: Source, values: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in values}


async def _note(  # what changed is told with what it was
    application: Application,
    caller: Caller,
    action: str,
    source_id: str,
    after: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    about = (caller.workspace_id, caller.actor, action, f"source:{source_id}")
    await application.audit.record(*about, before=before, after=after)
