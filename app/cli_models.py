"""`answerdesk model list` and `model test`: which models there are, and whether they answer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli_doctor import refused_at_start
from app.errors import NotFound, Unavailable
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.llm.connecting import ModelChoice
    from app.llm.errors import ModelError
    from app.llm.keyring.keyring import Keyring
    from app.llm.money.books import Books
    from app.llm.money.payer import Payer
    from app.llm.outcome import Outcome
    from app.llm.types import Model, Prompt

QUESTION = "What is the capital of France?"
PASSAGE = "The capital of France is Paris."  # for models that compose their answer of passages
AT_ONCE = 4
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]


def add_to(models: typer.Typer) -> None:
    """Put these commands under `answerdesk model`."""
    models.command("list")(list_models)
    models.command("test")(call_models)


def list_models(as_json: Json = False) -> None:
    """Every model that can write answers, how it is reached, and the routes in the settings that lead to it."""
    from app.cli_keys import environment_of
    from app.speakers import written_routes

    settings = load_settings()
    environment = environment_of(settings)
    routes = written_routes(settings, environment)
    for choice in _choices(settings, environment):
        told = {"name": choice.name, "dialect": choice.dialect, "id": choice.id, "base_url": choice.base_url}
        plain = "  ".join(filter(None, told.values()))
        told_with = told | {"routes": [name for name, (models, _) in routes.items() if choice.name in models]}
        typer.echo(json.dumps(told_with, ensure_ascii=False) if as_json else plain)
    for name, (models, follows) in routes.items():
        if not as_json:
            typer.echo(f"[route.{name}]  {', '.join(models) or 'rules'}{f'  (as {follows})' if follows else ''}")
    trouble = refused_at_start(settings, environment)
    if trouble:
        typer.echo(f"The server will not start with these settings. {trouble}", err=True)


def call_models(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME…", help="Which models to call.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Call every model.")] = False,
    prompt: Annotated[str, typer.Option(help="What to ask.")] = QUESTION,
    no_stream: Annotated[bool, typer.Option("--no-stream", help="Ask for the whole answer at once.")] = False,
    as_json: Json = False,
) -> None:
    """Call each model once, through the gateway and without fallback. With --json, errors are part of what is told."""
    from app.cli_keys import environment_of

    settings = load_settings()
    chosen = _chosen(_choices(settings, environment_of(settings)), names or [], every=every)
    if no_stream:
        chosen = [replace(choice, stream=False) for choice in chosen]
    told = asyncio.run(_test(settings, chosen, prompt, as_json=as_json))
    failed = [one["name"] for one in told if one["error"]]
    if failed and not as_json:
        raise Unavailable(f"{len(failed)} of {len(told)} models did not answer: {', '.join(failed)}.")


def _choices(settings: Settings, environment: Mapping[str, str]) -> "list[ModelChoice]":
    from app.llm.connecting import EXTRACTIVE, ModelChoice
    from app.speakers import model_choices

    return [*model_choices(settings, environment), ModelChoice(EXTRACTIVE, EXTRACTIVE)]


def _chosen(choices: "list[ModelChoice]", names: list[str], *, every: bool) -> "list[ModelChoice]":
    known = {choice.name: choice for choice in choices}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise NotFound(f'There is no model "{unknown[0]}". These are known: {", ".join(known)}.')
    if not names and not every:
        raise typer.BadParameter("Name the models to test, or add --all.")
    return choices if every else [known[name] for name in dict.fromkeys(names)]


async def _test(settings: Settings, chosen: "list[ModelChoice]", prompt: str, *, as_json: bool) -> list[dict[str, Any]]:
    from app.llm.connecting import refuse_missing_keys
    from app.llm.extractive import ExtractiveModel
    from app.llm.registry import build_models
    from app.llm.wire.http import open_client

    turns = asyncio.Semaphore(AT_ONCE)
    async with open_client() as client, _till(settings) as till:
        remote = [choice for choice in chosen if choice.dialect != "extractive"]
        refuse_missing_keys(remote, till.keyring, till.keyring.stored)
        models = build_models(remote, till.keyring, client, ExtractiveModel(_Embedding(settings)))
        calls = [_call(models.get(one.name, models["extractive"]), one, prompt, turns, till) for one in chosen]
        told = []
        for call in [asyncio.create_task(call) for call in calls]:
            told.append(await call)
            typer.echo(json.dumps(told[-1], ensure_ascii=False) if as_json else _readable(told[-1]))
    return told


@dataclass(frozen=True, slots=True)
class Till:
    """Where the calls are booked, and on whom."""

    books: "Books"
    payer: "Payer"
    keyring: "Keyring"


@asynccontextmanager
async def _till(settings: Settings) -> AsyncIterator[Till]:
    """The books under the budgets as they stand; nothing else of the house is opened."""
    from app.accounts.workspaces import Workspaces
    from app.database import open_database
    from app.llm.money.allowance import open_budgeting
    from app.llm.money.books import Books
    from app.llm.money.budget import Allowance
    from app.llm.money.ledger import Ledger
    from app.llm.money.payer import Payer
    from app.migrations.run import migrate
    from app.speakers import model_choices, open_keys, terms_of

    migrate(settings.database)
    database = open_database(settings.database)
    try:
        workspace_id = await Workspaces(database).ensure(settings.workspace_name)
        books = Books(Ledger(database), Allowance(terms_of(settings)), observers=())
        keyring = await open_keys(settings, database, workspace_id)
        await open_budgeting(database, books, model_choices(settings, keyring), workspace_id)
        yield Till(books, Payer(workspace_id, "test"), keyring)
        await books.ledger.close()
    finally:
        await database.close()


async def _call(  # whom to ask what, and who pays
    model: "Model", choice: "ModelChoice", prompt: str, turns: asyncio.Semaphore, till: Till
) -> dict[str, Any]:
    from app.llm.errors import ModelError
    from app.llm.gateway import asked
    from app.llm.outcome import Outcome
    from app.llm.resilience.retrying import Retried
    from app.llm.types import Options

    outcome, retries = Outcome(choice.name), list[ModelError]()
    booked = till.books.keep(Retried(model, on_retry=retries.append), choice)
    async with turns:
        started = time.perf_counter()
        try:
            async with asked(booked, _prompt(prompt), Options(payer=till.payer)) as answer:
                async for part in answer:
                    outcome.add(part)
        except ModelError as error:
            outcome.fail(error)
        elapsed = time.perf_counter() - started
    return _told(outcome, choice, prompt, retries, elapsed)


def _told(
    outcome: "Outcome", choice: "ModelChoice", prompt: str, retries: "list[ModelError]", elapsed: float
) -> dict[str, Any]:
    from app.llm.money.prices import estimated
    from app.llm.registry import cost_of

    usage = outcome.usage or (estimated(_prompt(prompt), outcome.text) if outcome.stop or outcome.text else None)
    cost = cost_of(choice, usage) if usage else None
    told = {"name": choice.name, **outcome.told()}
    error = told.pop("error")
    return told | {
        "cost_usd": float(cost.usd) if cost else None,
        "cost_estimated": cost.estimated if cost else None,
        "attempts": 1 + len(retries),
        "latency_ms": round(elapsed * 1000),
        "error": error,
    }


def _prompt(question: str) -> "Prompt":
    from app.llm.types import Excerpt, Prompt, Turn

    return Prompt("", (Turn("user", question),), question, (Excerpt(1, "France", "", PASSAGE),))


class _Embedding:
    """The embedder, opened when a model asks for it: a test of a provider's model needs none."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def __call__(self, texts: list[str]) -> "NDArray[np.float32]":
        """One row a text."""
        from app.knowledge.embedding import open_embedder

        embedder = await asyncio.to_thread(open_embedder, self.settings.embed, self.settings.model_dir)
        return await asyncio.to_thread(embedder.embed_questions, texts)


def _readable(told: dict[str, Any]) -> str:
    said = told["error"]["message"] if told["error"] else told["text"].strip() or told["refusal"] or "(no text)"
    cost = "" if told["cost_usd"] is None else f", {told['cost_usd']:.6f} USD"
    kind = f" {told['error']['kind']}:" if told["error"] else ""
    return f"{told['name']}:{kind} {said}  ({told['latency_ms']} ms, attempts: {told['attempts']}{cost})"
