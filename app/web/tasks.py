"""Looking after the knowledge base: tasks that scans found, the scans, and what is cited most."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.errors import Invalid
from app.insight.hygiene.findings import Kind
from app.insight.hygiene.tasks import NOBODY, Wanted
from app.web.bodies import Body, Line, Plain
from app.web.identity import Admitted, App
from app.web.limits import limit_scans
from app.web.replies import json_of

router = APIRouter(prefix="/api/admin", tags=["upkeep"])


class TaskSearch(Body):
    """Which tasks are wanted, and from where on. `owner` is a person's id, or `none`."""

    kind: Kind | None = None
    state: Literal["open", "done", "dismissed"] | None = None
    owner: Line = ""
    after: Line = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Assignment(Body):
    """Who looks after a task; nobody when it is empty."""

    owner_id: Line | None = None


class Dismissed(Body):
    """Why all is well."""

    reason: Annotated[Plain, Field(min_length=1, max_length=500)]


class NewScan(Body):
    """Whether pages of other sites are asked too."""

    links: bool = False


@router.get("/tasks")
async def list_tasks(application: App, caller: Admitted, sought: Annotated[TaskSearch, Query()]) -> Response:
    """What wants to be looked at, newest first; `next` is where the following page begins."""
    wanted = Wanted(sought.kind or "", sought.state or "", sought.owner)
    rows = await application.care.tasks.wanted(caller.workspace_id, wanted, sought.after, sought.limit)
    counts = await application.care.tasks.counts(caller.workspace_id)
    return json_of({"data": rows, "counts": counts, "next": rows[-1]["id"] if len(rows) == sought.limit else None})


@router.get("/tasks/{task_id}")
async def read_task(application: App, caller: Admitted, task_id: str) -> Response:
    """One task with the places that it is about."""
    return json_of(await application.care.tasks.get(caller.workspace_id, task_id))


@router.post("/tasks/{task_id}/assign")
async def assign_task(application: App, caller: Admitted, task_id: str, body: Assignment) -> Response:
    """Give it to somebody, or to nobody."""
    owner = body.owner_id if body.owner_id not in ("", NOBODY) else None
    if owner and (await application.people.get(caller.workspace_id, owner)).disabled:
        raise Invalid("This person is disabled. Choose somebody else.")
    return json_of(await application.care.tasks.assign(caller.workspace_id, task_id, owner, caller.actor))


@router.post("/tasks/{task_id}/done")
async def finish_task(application: App, caller: Admitted, task_id: str) -> Response:
    """It is mended; a scan that still finds it opens it again."""
    return json_of(await application.care.tasks.finish(caller.workspace_id, task_id, caller.actor))


@router.post("/tasks/{task_id}/dismiss")
async def dismiss_task(application: App, caller: Admitted, task_id: str, body: Dismissed) -> Response:
    """It is fine as it is, until its text changes."""
    tasks = application.care.tasks
    return json_of(await tasks.dismiss(caller.workspace_id, task_id, body.reason.strip(), caller.actor))


@router.post("/tasks/{task_id}/reopen")
async def reopen_task(application: App, caller: Admitted, task_id: str) -> Response:
    """Look at it again."""
    return json_of(await application.care.tasks.reopen(caller.workspace_id, task_id, caller.actor))


@router.get("/hygiene-scans")
async def list_scans(application: App, caller: Admitted) -> Response:
    """The newest scans first."""
    return json_of({"data": await application.care.scans.latest(caller.workspace_id), "next": None})


@router.post("/hygiene-scans", status_code=202)
async def start_scan(request: Request, application: App, caller: Admitted, body: NewScan) -> Response:
    """Have what is published looked at now."""
    await limit_scans(request, caller.workspace_id)
    scan_id = await application.care.start_scan(caller.workspace_id, links=body.links)
    after = {"links": body.links}
    await application.audit.record(caller.workspace_id, caller.actor, "scan.started", f"scan:{scan_id}", after=after)
    return json_of({"scan_id": scan_id}, 202)


@router.get("/hygiene-scans/{scan_id}")
async def read_scan(application: App, caller: Admitted, scan_id: str) -> Response:
    """How far a scan is, and what came of it."""
    return json_of(await application.care.scans.view(caller.workspace_id, scan_id))


@router.get("/help-feedback")
async def list_help_feedback(application: App, caller: Admitted) -> Response:
    """What readers said of the published articles, the least helpful first."""
    votes = await application.care.readership.votes(caller.workspace_id)
    articles = {(one.document_id, one.version): one for one in await application.library.articles(caller.workspace_id)}
    told = [(article, *votes[key]) for key, article in articles.items() if key in votes]
    told.sort(key=lambda one: (one[1] / (one[1] + one[2]), -one[2]))
    rows = [
        {"document_id": one.document_id, "slug": one.slug, "title": one.title, "helped": yes, "not_helped": no}
        for one, yes, no in told
    ]
    return json_of({"data": rows, "next": None})


@router.get("/most-cited")
async def list_most_cited(
    application: App, caller: Admitted, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> Response:
    """The spans that the last answers cited most often."""
    rows = await application.care.readership.most_cited(caller.workspace_id, limit)
    return json_of({"data": rows, "next": None})
