"""Decisions under an admin's eyes: which there were, and all that one of them was made from."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.answering.deciding.again import decided_again
from app.errors import NotFound
from app.insight.decisions.listing import Sought
from app.insight.decisions.record import passages_of, question_of, sentences_of, standing_of, work_of
from app.web.identity import Admitted, App, Caller
from app.web.judging_bodies import DecisionSearch
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["policy"])


@router.get("/decisions")
async def list_decisions(application: App, caller: Admitted, sought: Annotated[DecisionSearch, Query()]) -> Response:
    """The decisions that fit, newest first, a page at a time; with `last`, the last ones, each computed again."""
    if sought.last is not None:
        found = await application.judgement.again(caller.workspace_id, sought.last)
        rows = [one.json() for one in found]
        return json_of({"data": rows, "same": sum(row["same"] for row in rows), "next": None})
    wanted = Sought(**sought.model_dump(exclude={"last"}))
    return json_of(await application.judgement.decisions.listed(caller.workspace_id, wanted))


@router.get("/decisions/{turn_id}")
async def read_decision(application: App, caller: Admitted, turn_id: str) -> Response:
    """One decision with all that it was made from, and computed again."""
    turn = await decided_turn(application, caller, turn_id)
    record = turn["record"]
    again = await decided_again(application.judgement.policies, caller.workspace_id, turn_id, record)
    plain = {name: record.get(name) for name in ("basis", "rules", "hits", "models", "snapshot_id")}
    return json_of(again.json() | plain | await _whole(application, caller, turn))


async def decided_turn(application: Application, caller: Caller, turn_id: str) -> dict[str, Any]:
    """A turn of the caller's workspace that came to a decision; any other looks like none at all."""
    turn = await application.conversations.turn(turn_id)
    if turn["workspace_id"] != caller.workspace_id or "basis" not in (turn["record"] or {}):
        raise NotFound("There is no decided answer of this id.")
    return turn


async def _whole(application: Application, caller: Caller, turn: dict[str, Any]) -> dict[str, Any]:
    workspace_id, judgement = caller.workspace_id, application.judgement
    said, known, calls, standing, verdicts = await asyncio.gather(
        judgement.decisions.said(turn),
        application.library.passages(workspace_id, [hit["passage_id"] for hit in turn["record"].get("hits", ())]),
        application.usage.spending.of_turn(workspace_id, turn["conversation_id"], turn["id"]),
        standing_of(judgement.policies, workspace_id, turn),
        judgement.policies.store.said(workspace_id, [turn["id"]]),
    )
    return {
        **question_of(turn),
        "conversation_id": turn["conversation_id"],
        "at": turn["started_at"],
        "steps": said.steps,
        "passages": passages_of(turn, known, said),
        "sentences": sentences_of(turn),
        "shown": said.text,
        "work": work_of(turn, calls),
        "standing": standing,
        "verdict": verdicts.get(turn["id"]),
        "rating": said.rating,
    }
