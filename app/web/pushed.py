"""Documents that other software pushes: made, replaced, read and deleted by the names that the sender gives them."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from app.errors import Invalid, NotFound
from app.knowledge.pushing.types import Condition, Push, Pushed, Taken
from app.knowledge.run_queue import Queued
from app.web.bodies import Plain
from app.web.document_bodies import OnePushedDocument, PushedDocument, PushedDocuments
from app.web.identity import Admitted, App, Caller
from app.web.once import OnceRoute
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["knowledge"], route_class=OnceRoute)
RUNS = "/api/admin/ingest-runs"
SAID = ("title", "url", "locale", "audience", "front_matter")
ExternalId = Annotated[Plain, Path(min_length=1, max_length=500, description="May hold slashes.")]
Source = Annotated[Plain, Query(min_length=1, max_length=100)]
Tag = Annotated[str | None, Header(max_length=100)]


@router.put("/documents/{external_id:path}")
async def push_document(  # what, where, and under which conditions
    application: App,
    caller: Admitted,
    external_id: ExternalId,
    body: OnePushedDocument,
    if_match: Tag = None,
    if_none_match: Tag = None,
) -> Response:
    """Make or replace a document: 201 or 200. It is kept when this answers; the run named takes it in."""
    condition = Condition(_bare(if_match), _bare(if_none_match))
    (taken,), queued = await application.library.pushed.put(
        caller.workspace_id, body.source, [_push(external_id, body)], condition
    )
    if queued:
        await application.library.carry_out(queued)
        await _note(application, caller, "document.pushed", external_id, body.source, queued)
    answer = json_of(_taken(taken) | {"source": body.source}, 201 if taken.outcome == "added" else 200)
    answer.headers.update({"etag": f'"{taken.etag}"', "location": f"{RUNS}/{taken.run_id}"})
    return answer


@router.post("/documents")
async def push_documents(application: App, caller: Admitted, body: PushedDocuments) -> Response:
    """Make or replace many documents at once, all or none; one run takes them in."""
    pushes = {one.external_id: _push(one.external_id, one) for one in body.documents}
    if len(pushes) < len(body.documents):
        raise Invalid("Two of these documents have the same external_id. Send each once.")
    taken, queued = await application.library.pushed.put(caller.workspace_id, body.source, list(pushes.values()))
    if queued:
        await application.library.carry_out(queued)
        await _note(application, caller, "documents.pushed", f"{len(taken)} documents", body.source, queued)
    run_id = queued.run_id if queued else taken[-1].run_id
    return json_of({"data": [_taken(one) for one in taken], "source": body.source, "run_id": run_id})


@router.get("/documents/{external_id:path}")
async def read_document(
    application: App,
    caller: Admitted,
    external_id: ExternalId,
    source: Source = "push",
    if_none_match: Tag = None,
) -> Response:
    """A document as it was pushed; or, by its own id, the versions of any document, newest first."""
    try:
        pushed = await application.library.pushed.get(caller.workspace_id, source, external_id)
    except NotFound:
        versions = await application.library.documents.history(caller.workspace_id, external_id)
        return json_of({"id": external_id, "versions": versions})
    answer = Response(status_code=304) if _bare(if_none_match) == pushed.etag else json_of(_shown(pushed))
    answer.headers["etag"] = f'"{pushed.etag}"'
    return answer


@router.delete("/documents/{external_id:path}", status_code=204)
async def delete_document(
    application: App, caller: Admitted, external_id: ExternalId, source: Source = "push", if_match: Tag = None
) -> Response:
    """Delete a pushed document; the run that the `Location` header names takes it out of the next snapshot."""
    condition = Condition(_bare(if_match))
    queued = await application.library.pushed.remove(caller.workspace_id, source, external_id, condition)
    await application.library.carry_out(queued)
    await _note(application, caller, "document.deleted", external_id, source, queued)
    return Response(status_code=204, headers={"location": f"{RUNS}/{queued.run_id}"})


def _push(external_id: str, body: PushedDocument) -> Push:
    known = {name: value for name in SAID if (value := getattr(body, name)) is not None}
    media = "text/html" if body.html is not None else body.content_type
    return Push(external_id, media, body.html or body.text or "", known)


def _taken(taken: Taken) -> dict[str, Any]:
    return taken._asdict()


def _shown(pushed: Pushed) -> dict[str, Any]:
    push = pushed.push
    said = {"external_id": push.external_id, "source": pushed.source, "content_type": push.media, "text": push.content}
    return said | push.known | {"etag": pushed.etag, "run_id": pushed.run_id, "pushed_at": pushed.pushed_at}


async def _note(application: Application, caller: Caller, action: str, what: str, source: str, queued: Queued) -> None:
    after = {"source": source, "run_id": queued.run_id}
    await application.audit.record(caller.workspace_id, caller.actor, action, f"document:{what}", after=after)


def _bare(tag: str | None) -> str | None:
    """The tag without its quotes; a weak one matches as well, for there is one form of each document."""
    return tag.removeprefix("W/").strip('"') if tag else None
