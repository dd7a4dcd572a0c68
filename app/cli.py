"""The command line: `answerdesk …`. Each command here loads only what it needs; those of ingestion load more."""

import asyncio
import json
import os
import signal
import sys
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from app.errors import AppError, Misconfigured
from app.logs import configure
from app.safety.redaction import scrubbed
from app.settings import Settings, Unreadable, load_settings, read_env_file
from app.settings.telling import located, wrong

if TYPE_CHECKING:
    from fastapi import FastAPI

    from app.conversations.bus import EventBus
    from app.jobs import Registry

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help="Answers with evidence."
)
models = typer.Typer(no_args_is_help=True, help="The models that write answers, and the one that embeds.")
app.add_typer(models, name="model")
evaluations = typer.Typer(no_args_is_help=True, help="Measure retrieval, answers and checks on labelled data.")
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]


@app.command()
def serve(host: str = "127.0.0.1", port: int = 8000, workers: int = 1) -> None:
    """Serve the web: customers, inbox, console and API."""
    import uvicorn

    from app.main import check_free
    from app.migrations.run import migrate as upgrade

    settings = load_settings()
    check_free(host, port)
    if workers > 1 and not settings.redis_url:
        raise Misconfigured("Several workers tell each other what happens over Redis. Set ANSWERDESK_REDIS_URL first.")
    upgrade(settings.database)
    asyncio.run(_welcome(settings, host, port))
    uvicorn.run(
        "app.cli:web" if workers > 1 else web(),
        factory=workers > 1,
        workers=workers if workers > 1 else None,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
    )


def web() -> "FastAPI":
    """The ASGI application of one web process; in the embedded topology it does the queued jobs too."""
    from app.conversations.bus import open_bus
    from app.llm.spans import collect
    from app.main import create_app

    collect(os.environ)
    configure(scrubbed)  # a process that uvicorn starts for itself has not been through `main`
    settings = load_settings()
    bus = open_bus(settings.redis_url)
    return create_app(settings, None if settings.redis_url else _registry(settings, bus), bus)


@app.command()
def worker() -> None:
    """Work on queued jobs, such as ingest runs, without serving the web."""
    from app.jobs import open_jobs

    settings, ended = load_settings(), threading.Event()
    consumer = open_jobs(settings.data_dir, settings.redis_url).consumer(_registry(settings))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    consumer.start()
    typer.echo("The worker waits for jobs.")
    ended.wait()
    consumer.stop()


def _registry(settings: Settings, bus: "EventBus | None" = None) -> "Registry":
    """What each queued job is done by."""
    from ingest.jobs import registry

    return registry(settings, bus)


async def _welcome(settings: Settings, host: str, port: int) -> None:
    """Say where to go; while nobody can sign in yet, also how to become the owner. Refuses models that cannot serve."""
    from app.accounts.invitations import Invitations
    from app.cli_keys import keys_at_hand
    from app.speakers import check_speakers

    async with keys_at_hand(settings) as keyring:
        await check_speakers(settings, keyring, keyring.stored)
        token = await Invitations(keyring.store.database).owner_link(keyring.store.workspace_id)
    address = f"http://{host}:{port}"
    typer.echo(f"Answerdesk: {address}/chat (customers) · {address}/inbox (agents) · {address}/console (admins)")
    if token:
        typer.echo(f"Become the owner with this one-time link: {address}/invitation/{token}")


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from app.migrations.run import migrate as upgrade

    upgrade(load_settings().database)
    typer.echo("The database is up to date.")


@models.command("prepare")
def prepare_model(as_json: Json = False) -> None:
    """Prepare the embedding model once, so that serving needs no torch."""
    settings = load_settings()
    if settings.embed.allow_download:
        os.environ["HF_HUB_OFFLINE"] = "0"  # read when the hub's client is imported, just below
    from app.knowledge.embedding.export import prepare

    folder = None
    if settings.embed.backend == "onnx":
        folder = prepare(settings.embed, settings.model_dir, lambda text: typer.echo(text, err=True))
    if as_json:
        typer.echo(json.dumps({"backend": settings.embed.backend, "folder": str(folder) if folder else None}))


@app.command()
def ask(text: str, as_json: Json = False) -> None:
    """Ask one question from the shell."""
    asyncio.run(_ask(text, as_json=as_json))


async def _ask(text: str, *, as_json: bool) -> None:
    from app.wiring import open_application

    application = await open_application(load_settings())
    try:
        answer = await application.ask_once(text)
    finally:
        await application.close()
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else _readable(answer))


def _readable(answer: dict[str, Any]) -> str:
    sources = [f"[{one['number']}] {one['title']}: {one['url']}" for one in answer["citations"]]
    return "\n".join(
        [answer["text"], "", *dict.fromkeys(sources), f"({answer['decision']}, {answer['probability'] or 0:.2f})"]
    )


def _checking(name: str) -> None:
    """Add the evaluation of one check: rows in, judged rows out."""

    def command(
        file: Annotated[Path, typer.Argument(help="JSON lines.")],
        out: Annotated[Path, typer.Option(help="Where to write the judged rows.")],
        allow_host: Annotated[
            list[str] | None, typer.Option(help="A host that may be linked; may be repeated.")
        ] = None,
    ) -> None:
        from app.insight.checks import evaluate
        from app.knowledge.reading import open_readers
        from app.settings import load_settings

        settings = load_settings()
        reader = open_readers(settings.reader, settings.model_dir).claims if name == "grounding" else None
        rows = evaluate(name, file, out, tuple(allow_host or ()), reader)
        typer.echo(f"{rows} rows were judged and written to {out}.")

    evaluations.command(name, help=f"Judge each row of a file by the check for {name}.")(command)


@cache
def mounted() -> typer.Typer:
    """Every command: those of the other rooms are put beside these, once."""
    from app import cli_accounts, cli_batches, cli_keys, cli_measuring, cli_models, cli_upkeep
    from ingest.commands import add_to

    add_to(app, evaluations)
    cli_accounts.add_to(app)
    cli_upkeep.add_to(app)
    cli_models.add_to(models)
    cli_keys.add_to(models)
    cli_batches.add_to(models)
    cli_measuring.add_to(evaluations)
    for name in ("grounding", "redaction", "rendering", "screening"):
        _checking(name)
    app.add_typer(evaluations, name="eval")
    return app


def main() -> None:
    """Run a command. A refusal is one plain sentence on stderr and exit code 1."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    configure(scrubbed)
    try:
        read_env_file()  # before others do: Chroma reads the file too, when it is imported
        mounted()()
    except AppError as refusal:
        _refuse(located(refusal.detail) if isinstance(refusal, Misconfigured) else refusal.detail)
    except Unreadable as unreadable:
        _refuse(str(unreadable))
    except ValidationError as error:
        _refuse(wrong(error))


def _refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # the command line speaks
    raise SystemExit(1)
