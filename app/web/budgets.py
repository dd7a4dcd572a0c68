"""What may be spent, under an admin's hands."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from app.llm.money.budget import Limits, Terms
from app.web.identity import Admitted, App
from app.web.money_bodies import NewBudgets
from app.web.replies import json_of
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["models and money"])


@router.get("/budgets")
async def read_budgets(application: App, caller: Admitted) -> Response:
    """How the budgets stand and what was warned of, in millionths of a US dollar; and what they are, in dollars.

    `own` budgets were set here; `written` are those of the settings.
    """
    return json_of(await _standing(application, caller))


@router.put("/budgets")
async def change_budgets(application: App, caller: Admitted, body: NewBudgets) -> Response:
    """Set all budgets. They stand at once, without a restart; with a mistake nothing changes."""
    before = application.budgeting.allowance.terms
    await application.budgeting.change(Terms(Limits.of(body.model_dump()), body.when_exhausted))
    return await _changed(application, caller, "budgets.changed", before)


@router.delete("/budgets")
async def reset_budgets(application: App, caller: Admitted) -> Response:
    """Let the settings' budgets stand again."""
    before = application.budgeting.allowance.terms
    await application.budgeting.reset()
    return await _changed(application, caller, "budgets.reset", before)


async def _changed(application: Application, caller: Admitted, action: str, before: Terms) -> Response:
    told = {"before": _told(before), "after": _told(application.budgeting.allowance.terms)}
    await application.audit.record(caller.workspace_id, caller.actor, action, "budgets", **told)
    return json_of(await _standing(application, caller))


async def _standing(application: Application, caller: Admitted) -> dict[str, Any]:
    budgeting = application.budgeting
    terms = budgeting.allowance.terms
    return {
        **await application.usage.spending.budgets(caller.workspace_id),
        "when_exhausted": terms.when_spent,
        "limits": _told(terms),
        "written": _told(budgeting.written),
        "own": await budgeting.own() is not None,
    }


def _told(terms: Terms) -> dict[str, Any]:
    return {**terms.limits.dollars, "when_exhausted": terms.when_spent}
