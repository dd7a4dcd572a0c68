"""Ingest runs under an admin's hands: how far each is, what became of each document, and what it shall do next."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from app.knowledge.run_log import Wanted
from app.web.bodies import Plain
from app.web.identity import Admitted, App, Caller, admitted
from app.web.limits import limit_runs
from app.web.logs import CSV, JSONL, lines
from app.web.once import OnceRoute
from app.web.replies import json_of
from app.web.sse import RETRY, EventStream, unnumbered, while_admitted
from app.wiring import Application

router = APIRouter(prefix="/api/admin/ingest-runs", tags=["ingest runs"], route_class=OnceRoute)
LOOK_EVERY_S = 0.4
PAGE = 1000
OVER = frozenset({"done", "failed", "cancelled"})
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[Plain, Query(max_length=100)]


def _wanted(
    outcome: Literal["", "added", "changed", "unchanged", "removed", "failed"] = "",
    flagged: bool = False,  # noqa: FBT001, FBT002  # a field of the query
    name: Annotated[Plain, Query(max_length=200)] = "",
) -> Wanted:
    return Wanted(outcome, flagged, name)


Filters = Annotated[Wanted, Depends(_wanted)]


@router.get("")
async def list_runs(application: App, caller: Admitted, after: After = "", limit: Limit = 50) -> Response:
    """The newest runs first; `next` is where the following page begins."""
    rows = await application.library.runs.latest(caller.workspace_id, limit, after)
    return json_of({"data": rows, "next": rows[-1]["id"] if len(rows) == limit else None})


@router.get("/{run_id}")
async def read_run(application: App, caller: Admitted, run_id: str) -> Response:
    """One run, and what became of the first documents of its log."""
    return json_of(await application.library.runs.view(caller.workspace_id, run_id))


@router.get("/{run_id}/items")
async def list_run_items(
    application: App, caller: Admitted, run_id: str, wanted: Filters, after: After = "", limit: Limit = 100
) -> Response:
    """What became of each document: failures first, then what was flagged, then the rest."""
    rows = await application.library.runs.items(caller.workspace_id, run_id, wanted, after, limit)
    return json_of({"data": rows, "next": rows[-1]["place"] if len(rows) == limit else None})


@router.get("/{run_id}/log")
async def download_run_log(
    application: App,
    caller: Admitted,
    run_id: str,
    wanted: Filters,
    form: Annotated[Literal["csv", "jsonl"], Query(alias="format")] = "csv",
) -> Response:
    """The log as a file, with the same filters as the list."""
    runs = application.library.runs
    first = await runs.items(caller.workspace_id, run_id, wanted, "", PAGE)

    async def pages() -> AsyncGenerator[list[dict[str, Any]]]:
        rows = first
        while rows:
            yield rows
            rows = await runs.items(caller.workspace_id, run_id, wanted, rows[-1]["place"], PAGE)

    kind = CSV if form == "csv" else JSONL
    headers = {"Content-Disposition": f'attachment; filename="run-{run_id}.{form}"'}
    return StreamingResponse(lines(pages(), kind), media_type=kind.media_type, headers=headers)


@router.post("/{run_id}/cancel")
async def cancel_run(application: App, caller: Admitted, run_id: str) -> Response:
    """Ask a run to stop. What is published stays."""
    await application.library.runs.cancel(caller.workspace_id, run_id)
    return await _changed(application, caller, "run.cancelled", run_id)


@router.post("/{run_id}/pause")
async def pause_run(application: App, caller: Admitted, run_id: str) -> Response:
    """Ask a run to stop until it is resumed. What it has read and embedded is kept."""
    await application.library.runs.pause(caller.workspace_id, run_id)
    return await _changed(application, caller, "run.paused", run_id)


@router.post("/{run_id}/resume")
async def resume_run(application: App, caller: Admitted, run_id: str) -> Response:
    """Let a paused run go on."""
    await application.library.resume_run(caller.workspace_id, run_id)
    return await _changed(application, caller, "run.resumed", run_id)


@router.post("/{run_id}/retry", status_code=202)
async def retry_run(request: Request, application: App, caller: Admitted, run_id: str) -> Response:
    """Read again what failed, and nothing else, in a new run."""
    await limit_runs(request, caller.workspace_id)
    new_id = await application.library.retry_run(caller.workspace_id, run_id)
    after = {"retries": run_id}
    await application.audit.record(caller.workspace_id, caller.actor, "run.started", f"run:{new_id}", after=after)
    return json_of({"run_id": new_id}, 202)


@router.get("/{run_id}/events")
async def follow_run(request: Request, application: App, caller: Admitted, run_id: str) -> Response:
    """`run.changed` {run} whenever the run gets further, until it ends."""
    await application.library.runs.progress(caller.workspace_id, run_id)
    progress = _progress(application, caller.workspace_id, run_id)
    return EventStream(while_admitted(progress, lambda: admitted(request)))


async def _changed(application: Application, caller: Caller, action: str, run_id: str) -> Response:
    await application.audit.record(caller.workspace_id, caller.actor, action, f"run:{run_id}")
    return json_of(await application.library.runs.view(caller.workspace_id, run_id))


async def _progress(application: Application, workspace_id: str, run_id: str) -> AsyncGenerator[bytes]:
    # The run is another process's; its row is what both know.
    yield RETRY
    shown: dict[str, Any] | None = None
    while shown is None or shown["state"] not in OVER:
        run = await application.library.runs.progress(workspace_id, run_id)
        if run["state"] == "done":
            await application.library.look_again(workspace_id)  # whoever hears that it is done may ask at once
        if run != shown:
            yield unnumbered("run.changed", {"run": run})
        shown = run
        await asyncio.sleep(LOOK_EVERY_S)
