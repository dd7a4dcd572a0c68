"""Drafts under an agent's eyes: sent, changed, written anew or thrown away."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.errors import NotFound
from app.web.bodies import Dismissal, DraftEdit, DraftVersion, Wish
from app.web.identity import Admitted, App, Caller
from app.web.inbox import told
from app.web.once import OnceRoute
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(prefix="/api/inbox/conversations/{conversation_id}/draft", tags=["drafts"], route_class=OnceRoute)


@router.get("")
async def read_draft(application: App, caller: Admitted, conversation_id: str) -> Response:
    """The draft that waits."""
    return json_of(await _waiting(application, caller, conversation_id))


@router.post("/accept")
async def accept_draft(application: App, caller: Admitted, conversation_id: str, body: DraftVersion) -> Response:
    """Send the draft as it is. 409 when it changed since it was seen."""
    events = await application.inbox.accept_draft(caller.agent, conversation_id, body.version)
    return await told(application, caller, conversation_id, events)


@router.post("/edit")
async def edit_draft(application: App, caller: Admitted, conversation_id: str, body: DraftEdit) -> Response:
    """Change the draft's text."""
    events = await application.inbox.change_draft(caller.agent, conversation_id, body.version, text=body.text)
    return await told(application, caller, conversation_id, events)


@router.post("/regenerate")
async def regenerate_draft(
    application: App, caller: Admitted, conversation_id: str, body: Wish | None = None
) -> Response:
    """Have the draft written anew, with a wish if there is one. 409 when nothing better can be written."""
    draft, wish = await _waiting(application, caller, conversation_id), (body or Wish()).instruction
    events = await application.redrafting.regenerate(caller.agent, conversation_id, draft["version"], wish)
    return await told(application, caller, conversation_id, events)


@router.post("/discard")
async def discard_draft(
    application: App, caller: Admitted, conversation_id: str, body: Dismissal | None = None
) -> Response:
    """Throw the draft away."""
    draft = await _waiting(application, caller, conversation_id)
    changes: dict[str, Any] = {"state": "discarded"}
    if body and body.reason:
        changes["reason"] = body.reason
    events = await application.inbox.change_draft(caller.agent, conversation_id, draft["version"], **changes)
    return await told(application, caller, conversation_id, events)


async def _waiting(application: Application, caller: Caller, conversation_id: str) -> dict[str, Any]:
    for draft in await application.inbox.drafts(caller.agent, conversation_id):
        if draft["state"] == "ready":
            return draft
    raise NotFound("There is no draft waiting in this conversation.")
