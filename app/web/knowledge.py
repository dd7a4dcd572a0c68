"""The knowledge base under an admin's hands: uploads, runs, documents; and search."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, UploadFile
from starlette.responses import Response

from app.knowledge.types import Hit
from app.web import uploads
from app.web.bodies import Plain
from app.web.identity import Admitted, App
from app.web.limits import limit_runs
from app.web.once import OnceRoute
from app.web.replies import json_of

router = APIRouter(prefix="/api/admin", tags=["knowledge"], route_class=OnceRoute)
searching = APIRouter(prefix="/api", tags=["search"])
Words = Annotated[Plain, Query(min_length=1, max_length=4000)]
Limit = Annotated[int, Query(ge=1, le=200)]


@searching.get("/search")
async def search(application: App, caller: Admitted, q: Words, k: Annotated[int, Query(ge=1, le=100)] = 8) -> Response:
    """The passages that answer best, as the bot would find them and with what only people may read."""
    found = await application.library.search(caller.workspace_id, q, k, internal=True)
    rows = [_hit(hit) for hit in found.hits]
    return json_of({"data": rows, "snapshot_id": found.snapshot_id or None, "coverage": found.coverage})


@router.post("/uploads", status_code=202)
async def upload_documents(
    request: Request,
    application: App,
    caller: Admitted,
    files: list[UploadFile],
    source: Annotated[Plain, Form(min_length=1, max_length=100)] = "uploads",
    publish: Annotated[bool, Form()] = True,  # noqa: FBT002  # a field of the form
) -> Response:
    """Take files in and have them ingested; the run tells what became of each."""
    await limit_runs(request, caller.workspace_id)
    largest = application.settings.limits.upload_megabytes
    folder = await uploads.keep(files, application.settings.data_dir / "uploads", largest)
    await application.sources.ensure(caller.workspace_id, source, "upload", {})
    run_id = await application.library.start_run(caller.workspace_id, source, [str(folder)], publish=publish)
    after = {"source": source, "files": len(files)}
    await application.audit.record(caller.workspace_id, caller.actor, "run.started", f"run:{run_id}", after=after)
    return json_of({"run_id": run_id}, 202)


@router.get("/documents")
async def list_documents(
    application: App,
    caller: Admitted,
    after: Annotated[Plain, Query(max_length=100)] = "",
    limit: Limit = 100,
) -> Response:
    """The published documents; `next` is where the following page begins."""
    rows = await application.library.listed(caller.workspace_id, after, limit)
    return json_of({"data": rows, "next": rows[-1]["id"] if len(rows) == limit else None})


def _hit(hit: Hit) -> dict[str, Any]:
    passage = asdict(hit.passage)
    passage["passage_id"] = passage.pop("id")
    return passage | {"score": hit.score, "cosine": hit.cosine, "lexical": hit.lexical}
