"""Models, routes, budgets and what was spent, under an admin's hands."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.llm.connecting import EXTRACTIVE, ModelChoice, key_name, needs_key
from app.llm.errors import ModelError
from app.llm.gateway import asked
from app.llm.keyring.keyring import Keyring
from app.llm.money.payer import Payer
from app.llm.outcome import Outcome
from app.llm.registry import RouteChoice, cost_of
from app.llm.types import Excerpt, Model, Options, Prompt, Text, Turn, Usage
from app.safety.redaction import redact
from app.web.identity import Admitted, App
from app.web.money_bodies import ModelTest, NewRoute
from app.web.replies import json_of
from app.web.sse import EventStream, unnumbered
from app.wiring import Application

router = APIRouter(prefix="/api/admin", tags=["models and money"])
Days = Annotated[int, Query(ge=1, le=366)]
PASSAGE = Excerpt(1, "France", "", "The capital of France is Paris.")
"""For models that compose their answer of passages."""
PRICED = 1_000
LONGEST_WORDS_OF_A_PROVIDER = 300


@router.get("/models")
async def read_models(application: App, caller: Admitted) -> Response:
    """Every model: how it is reached, what it costs, how it did in the last day, and whether it is asked at all."""
    await application.look()
    health, ill = await asyncio.gather(application.usage.spending.health(caller.workspace_id), _ill(application))
    choices = {**application.speakers.choices, EXTRACTIVE: ModelChoice(EXTRACTIVE, EXTRACTIVE)}
    keyring = application.keyring
    rows = [_model(choice, keyring, ill, health.get(name)) for name, choice in choices.items()]
    return json_of({"data": rows, "next": None})


@router.post("/models/{name}/test")
async def test_model(application: App, caller: Admitted, name: str, body: ModelTest) -> Response:
    """Ask one model, without fallback: `model.text` {text} as it comes, then `model.done` or `model.failed`.

    The key is the one that was set last, also by another process a moment ago.
    """
    await application.look()
    model = application.model_named(name)
    question = redact(body.prompt).text
    prompt = Prompt("", (Turn("user", question),), question, (PASSAGE,))
    options = Options(payer=Payer(caller.workspace_id, "test"))
    return EventStream(_booked(application, _said(model, prompt, options)))


@router.get("/routes")
async def list_routes(application: App, caller: Admitted) -> Response:
    """Who is tried in which order; `own` routes were set here, the others stand in the settings."""
    del caller
    return json_of({"data": await _routes(application), "models": sorted(application.models), "next": None})


@router.put("/routes/{name}")
async def change_route(application: App, caller: Admitted, name: str, body: NewRoute) -> Response:
    """Set a route. It stands at once, without a restart; one with a mistake changes nothing."""
    before = application.routing.routes.standing.get(name, RouteChoice())
    strong_from = before.strong_from if body.strong_from is None else body.strong_from
    await application.routing.change(name, RouteChoice(body.cheap, body.strong, strong_from))
    return await _changed(application, caller, "route.changed", name, before)


@router.delete("/routes/{name}")
async def reset_route(application: App, caller: Admitted, name: str) -> Response:
    """Let the settings' route stand again."""
    before = application.routing.routes.standing.get(name, RouteChoice())
    await application.routing.reset(name)
    return await _changed(application, caller, "route.reset", name, before)


@router.get("/usage.csv")
async def export_usage(application: App, caller: Admitted, days: Days = 30) -> Response:
    """Calls, tokens and cost by day, model and purpose, for a spreadsheet."""
    rows = await application.usage.spending.rows(caller.workspace_id, days)
    text = io.StringIO()
    names = ("day", "model", "purpose", "calls", "input_tokens", "cache_read_tokens", "output_tokens", "cost_usd")
    sheet = csv.DictWriter(text, names, extrasaction="ignore")
    sheet.writeheader()
    for row in rows:
        sheet.writerow(row | {"model": _harmless(row["model"]), "cost_usd": f"{row['cost_micro_usd'] / 1e6:.6f}"})
    headers = {"content-disposition": 'attachment; filename="answerdesk-usage.csv"'}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


async def _changed(application: Application, caller: Admitted, action: str, name: str, before: RouteChoice) -> Response:
    after = application.routing.routes.standing[name]
    told = {"before": _lists(before), "after": _lists(after)}
    await application.audit.record(caller.workspace_id, caller.actor, action, f"route:{name}", **told)
    return json_of(next(route for route in await _routes(application) if route["name"] == name))


async def _routes(application: Application) -> list[dict[str, Any]]:
    routes, own = application.routing.routes, await application.routing.own()
    return [
        {
            "name": name,
            **_lists(standing),
            "own": name in own,
            "follows": routes.follows[name],
            "written": _lists(routes.written.get(name, RouteChoice())),
        }
        for name, standing in routes.standing.items()
    ]


def _lists(choice: RouteChoice) -> dict[str, Any]:
    return {"cheap": list(choice.cheap), "strong": list(choice.strong), "strong_from": choice.strong_from}


async def _ill(application: Application) -> set[str]:
    watched = application.speakers.keeper.watched
    states = await asyncio.gather(*(model.is_ill() for model in watched))
    return {model.name for model, ill in zip(watched, states, strict=True) if ill}


def _model(choice: ModelChoice, keyring: Keyring, ill: set[str], health: dict[str, Any] | None) -> dict[str, Any]:
    key = key_name(choice)
    return {
        "name": choice.name,
        "dialect": choice.dialect,
        "id": choice.id or None,
        "base_url": choice.base_url,
        "key": {**keyring.told(key), "needed": needs_key(choice, keyring)} if key else None,
        "price": _price(choice),
        "state": "open" if choice.name in ill else "closed",
        "health": health,
    }


def _price(choice: ModelChoice) -> dict[str, Any] | None:
    """US dollars for a million tokens of a short call; long prompts may cost more."""
    cases = {"input": Usage(PRICED, 0), "cached_input": Usage(PRICED, 0, PRICED), "output": Usage(0, PRICED)}
    costs = {name: cost_of(choice, usage) for name, usage in cases.items()}
    known = {name: cost for name, cost in costs.items() if cost}
    if len(known) < len(cases):
        return None
    return {name: float(cost.usd * 1_000_000 / PRICED) for name, cost in known.items()} | {
        "source": known["input"].source
    }


async def _booked(application: Application, said: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """The stream, which ends when the call is on the books: whoever looks then finds it."""
    async with aclosing(said):
        async for event in said:
            yield event
    await application.speakers.books.ledger.rest()


async def _said(model: Model, prompt: Prompt, options: Options) -> AsyncGenerator[bytes]:
    outcome = Outcome(model.name)
    try:
        async with asked(model, prompt, options) as answer:
            async for part in answer:
                outcome.add(part)
                if isinstance(part, Text):
                    yield unnumbered("model.text", {"text": part.text})
    except ModelError as error:
        words = error.message[:LONGEST_WORDS_OF_A_PROVIDER]
        yield unnumbered("model.failed", {"kind": error.kind, "status": error.status, "message": words})
        return
    used = options.payer.used if options.payer else None
    told = {"stop": outcome.told()["stop"], "usage": outcome.told()["usage"]}
    yield unnumbered("model.done", told | {"cost_micro_usd": used.cost_micro_usd if used else 0})


def _harmless(name: str) -> str:
    """Spreadsheets run what begins like a formula."""
    return f"'{name}" if name[:1] in "=+-@" else name
