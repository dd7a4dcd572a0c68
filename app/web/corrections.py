"""Whom we told what no longer holds, under an admin's hands. Sending is an agent's part, in the inbox."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.insight.correcting.listing import Sought
from app.web.identity import Admitted, App
from app.web.once import OnceRoute
from app.web.replies import json_of, nothing
from app.web.review_bodies import CorrectionSearch

router = APIRouter(prefix="/api/admin/corrections", tags=["corrections"], route_class=OnceRoute)


@router.get("")
async def list_corrections(
    application: App, caller: Admitted, sought: Annotated[CorrectionSearch, Query()]
) -> Response:
    """Conversations that were told something that no longer holds, those that go on first; with their numbers."""
    corrections = application.corrector.corrections
    rows = await corrections.listed(caller.workspace_id, Sought(**sought.model_dump()))
    further = sought.after + sought.limit if len(rows) == sought.limit else None
    return json_of({"data": rows, "counts": await corrections.counts(caller.workspace_id), "next": further})


@router.post("/{correction_id}/draft", status_code=204)
async def draft_correction(application: App, caller: Admitted, correction_id: str) -> Response:
    """Lay the drafted correction before the agents of this conversation; 409 while another draft waits there."""
    await application.corrector.draft(caller.workspace_id, correction_id)
    subject = f"correction:{correction_id}"
    await application.audit.record(caller.workspace_id, caller.actor, "correction.drafted", subject)
    return nothing()


@router.post("/{correction_id}/dismiss", status_code=204)
async def dismiss_correction(application: App, caller: Admitted, correction_id: str) -> Response:
    """This conversation need not be told."""
    await application.corrector.dismiss(caller.workspace_id, correction_id)
    subject = f"correction:{correction_id}"
    await application.audit.record(caller.workspace_id, caller.actor, "correction.dismissed", subject)
    return nothing()
