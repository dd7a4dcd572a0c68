"""What the bot may decide alone, under an admin's hands; and what agents say of its answers."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.answering.deciding.policy import Policy
from app.errors import Invalid
from app.insight.opined import Kind
from app.web.decisions import decided_turn
from app.web.identity import Admitted, App, Caller
from app.web.judging_bodies import AnswerVerdict, PolicyChange
from app.web.replies import json_of, nothing
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["policy"])
saying = APIRouter(prefix="/api/inbox", tags=["inbox"])
Last = Annotated[int, Query(ge=1, le=2000)]
Days = Annotated[int, Query(ge=1, le=366)]


@router.get("/policy")
async def read_policy(application: App, caller: Admitted) -> Response:
    """The policy in force, the thresholds that follow from it, and what they are made of."""
    return json_of(await application.judgement.state(caller.workspace_id))


@router.put("/policy")
async def replace_policy(application: App, caller: Admitted, body: PolicyChange) -> Response:
    """Set the whole policy; what is left out goes back to its default. One with a mistake changes nothing."""
    return await _changed(application, caller, Policy().json() | _wanted(body), body.version)


@router.patch("/policy")
async def change_policy(application: App, caller: Admitted, body: PolicyChange) -> Response:
    """Change parts of the policy. It stands at once, in every process; one with a mistake changes nothing."""
    return await _changed(application, caller, _wanted(body), body.version)


@router.get("/policy/versions")
async def list_policies(application: App, caller: Admitted) -> Response:
    """Every policy that stood, newest first, with who set it."""
    versions = await application.judgement.policies.store.policies(caller.workspace_id)
    return json_of({"data": [one.json() for one in versions], "next": None})


@router.post("/policy/preview")
async def preview_policy(application: App, caller: Admitted, body: PolicyChange, last: Last = 200) -> Response:
    """What the last answers would have become under a changed policy. Nothing is changed."""
    return json_of(await application.judgement.preview(caller.workspace_id, _wanted(body), last))


@router.post("/policy/calibrations", status_code=202)
async def recalibrate(application: App, caller: Admitted) -> Response:
    """Have the calibration made anew from the verdicts, in the background."""
    await asyncio.to_thread(application.jobs.enqueue, "recalibrate", {"workspace_id": caller.workspace_id})
    await application.audit.record(caller.workspace_id, caller.actor, "calibration.asked", "policy")
    return json_of({"queued": True}, 202)


@router.get("/evaluations")
async def read_evaluation(application: App, caller: Admitted, days: Days = 90) -> Response:
    """How right the answers of one's own conversations were, and how well that was foreseen."""
    return json_of(await application.judgement.evaluation.of(caller.workspace_id, days))


@router.get("/evaluations/opinions")
async def read_opinions(
    application: App,
    caller: Admitted,
    days: Days = 90,
    kind: Kind = "all",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """What the judge said of a sample of answers, how far people agree, and what judging cost; `data` newest first."""
    told, spent = await asyncio.gather(
        application.judgement.opined.of(caller.workspace_id, days, kind, limit),
        application.usage.spending.by(caller.workspace_id, days),
    )
    calls = next((row for row in spent["by_purpose"] if row["name"] == "judge"), {"calls": 0, "cost_micro_usd": 0})
    return json_of(told | {"calls": calls["calls"], "cost_micro_usd": calls["cost_micro_usd"]})


@saying.put("/turns/{turn_id}/verdict", status_code=204)
async def judge_answer(application: App, caller: Admitted, turn_id: str, body: AnswerVerdict) -> Response:
    """Say whether an answer of the bot was right. The calibration learns from it."""
    return await _said(application, caller, turn_id, right=body.right)


@saying.delete("/turns/{turn_id}/verdict", status_code=204)
async def take_back_verdict(application: App, caller: Admitted, turn_id: str) -> Response:
    """Take back what was said of an answer."""
    return await _said(application, caller, turn_id, right=None)


def _wanted(body: PolicyChange) -> dict[str, Any]:
    return body.model_dump(exclude_unset=True, exclude={"version"})


async def _changed(application: Application, caller: Caller, wanted: dict[str, Any], seen: int | None) -> Response:
    judgement, workspace_id = application.judgement, caller.workspace_id
    if not wanted:
        raise Invalid("Nothing was changed. Send at least one field of the policy.")
    before = judgement.policies.force(workspace_id).policy.json()
    force = await judgement.policies.change(workspace_id, wanted, caller.actor.name, seen)
    told = {"before": before, "after": force.policy.json()}
    await application.audit.record(workspace_id, caller.actor, "policy.changed", f"policy:{force.version}", **told)
    return json_of(await judgement.state(workspace_id))


async def _said(application: Application, caller: Caller, turn_id: str, *, right: bool | None) -> Response:
    await decided_turn(application, caller, turn_id)
    store = application.judgement.policies.store
    await store.say(caller.workspace_id, turn_id, caller.actor.name, right=right)
    after = None if right is None else {"right": right}
    await application.audit.record(caller.workspace_id, caller.actor, "answer.judged", f"turn:{turn_id}", after=after)
    return nothing()
