"""Passages under an admin's hands: wishes about single ones, conflicts with their sources, and rules of cutting."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Query
from pydantic import model_validator
from starlette.responses import Response

from app.knowledge.overriding.types import Override
from app.knowledge.run_queue import Queued
from app.knowledge.splitting import Splitting
from app.web.bodies import Plain
from app.web.document_bodies import NewOverride, PassagePlace, WishBody
from app.web.identity import Admitted, App, Caller
from app.web.once import OnceRoute
from app.web.replies import expected_revision, json_of
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["passages"], route_class=OnceRoute)
Tag = Annotated[str | None, Header(max_length=100)]
Id = Annotated[Plain, Query(min_length=1, max_length=100)]


class Cutting(Splitting):
    """The rules as a request may give them."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.tokens is not None and self.overlap >= self.tokens:
            raise ValueError("The overlap must be smaller than the longest passage.")
        return self


@router.get("/passages")
async def list_passages(application: App, caller: Admitted, document_id: Id) -> Response:
    """A published document with its passages, and with the overrides that are about it."""
    return json_of(await application.library.overrides.passages(caller.workspace_id, document_id))


@router.get("/overrides")
async def list_overrides(
    application: App, caller: Admitted, state: Annotated[str, Query(pattern=r"^[a-z]*$", max_length=20)] = ""
) -> Response:
    """Overrides with what became of them in the published snapshot, conflicts first; or those of one state."""
    rows = await application.library.overrides.listed(caller.workspace_id)
    return json_of({"data": [one for one in rows if state in ("", one["state"])], "next": None})


@router.post("/overrides", status_code=201)
async def create_override(application: App, caller: Admitted, body: NewOverride) -> Response:
    """Wish something of a passage; the run named builds the snapshot in which it holds."""
    made, queued = await application.library.overrides.create(
        caller.workspace_id, body.shown, body.wish, caller.actor.name
    )
    return await _answer(application, caller, "override.created", made, queued, 201)


@router.put("/overrides/{override_id}")
async def change_override(
    application: App, caller: Admitted, override_id: str, body: WishBody, if_match: Tag = None
) -> Response:
    """Wish something else of the same passage: 412 when somebody else did since it was read."""
    changed, queued = await application.library.overrides.change(
        caller.workspace_id, override_id, body.wish, caller.actor.name, expected_revision(if_match)
    )
    return await _answer(application, caller, "override.changed", changed, queued)


@router.post("/overrides/{override_id}/move")
async def move_override(application: App, caller: Admitted, override_id: str, body: PassagePlace) -> Response:
    """The same wish about another passage, which settles a conflict."""
    moved, queued = await application.library.overrides.move(
        caller.workspace_id, override_id, body.shown, caller.actor.name
    )
    return await _answer(application, caller, "override.moved", moved, queued)


@router.delete("/overrides/{override_id}", status_code=204)
async def drop_override(application: App, caller: Admitted, override_id: str) -> Response:
    """Let the passage be as its source has it; the run that `Location` names builds that snapshot."""
    queued = await application.library.overrides.drop(caller.workspace_id, override_id)
    await application.library.carry_out(queued)
    await _note(application, caller, "override.dropped", f"override:{override_id}", {"run_id": queued.run_id})
    return Response(status_code=204, headers={"location": f"/api/admin/ingest-runs/{queued.run_id}"})


@router.put("/sources/{source_id}/cutting", status_code=202)
async def change_cutting(application: App, caller: Admitted, source_id: str, body: Cutting) -> Response:
    """How the documents of a source are cut; the run named cuts them anew, and no other source's."""
    queued = await application.library.overrides.split(caller.workspace_id, source_id, body)
    await application.library.carry_out(queued)
    cutting = body.model_dump()
    after = cutting | {"run_id": queued.run_id}
    await _note(application, caller, "source.cutting_changed", f"source:{source_id}", after)
    return json_of({"cutting": cutting, "run_id": queued.run_id}, 202)


async def _answer(  # what was done by whom, and with what
    application: Application, caller: Caller, action: str, override: Override, queued: Queued, status: int = 200
) -> Response:
    await application.library.carry_out(queued)
    after = override.wish.json | {"document_id": override.anchor.document_id, "run_id": queued.run_id}
    await _note(application, caller, action, f"override:{override.id}", after)
    answer = json_of(override.json | {"run_id": queued.run_id}, status)
    answer.headers["etag"] = f'"{override.revision}"'
    return answer


async def _note(application: Application, caller: Caller, action: str, subject: str, after: dict[str, Any]) -> None:
    await application.audit.record(caller.workspace_id, caller.actor, action, subject, after=after)
