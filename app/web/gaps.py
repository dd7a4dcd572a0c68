"""Gaps: what customers ask and no document answers, under an admin's eyes."""

from fastapi import APIRouter
from starlette.responses import Response

from app.web.identity import Admitted, App
from app.web.replies import json_of

router = APIRouter(prefix="/api/admin", tags=["gaps"])


@router.get("/gaps")
async def list_gaps(application: App, caller: Admitted) -> Response:
    """Groups of questions that ended in an offer, the most asked first, each with a draft of an article."""
    return json_of({"data": await application.gaps.listed(caller.workspace_id), "next": None})
