"""What the shell can do with ingest runs: look at them, stop them, and have them go on."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from app.knowledge.run_log import Wanted
from app.knowledge.runs import RunStore
from app.settings import load_settings
from ingest.pipeline import Ingestion
from ingest.showing import readable, watched
from ingest.workshop import within, workshop

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]
RunId = Annotated[str, typer.Argument(help="The id, as `answerdesk runs` lists it.")]
PAGE = 500
runs = typer.Typer(no_args_is_help=False, invoke_without_command=True, help="Ingest runs, and what became of each.")


@runs.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_runs()


@runs.command("list")
def list_runs(as_json: Json = False) -> None:
    """The newest runs first."""
    for run in asyncio.run(within(lambda library, workspace_id: library.runs.latest(workspace_id))):
        typer.echo(json.dumps(run, ensure_ascii=False) if as_json else _line(run))


@runs.command()
def log(run_id: RunId, failed: Annotated[bool, typer.Option("--failed")] = False, as_json: Json = False) -> None:
    """What became of each document, failures first."""
    wanted = Wanted("failed" if failed else "")
    for item in asyncio.run(within(lambda library, workspace_id: _items(library.runs, workspace_id, run_id, wanted))):
        typer.echo(json.dumps(item, ensure_ascii=False) if as_json else _item_line(item))


@runs.command()
def pause(run_id: RunId) -> None:
    """Have a run stop until it is resumed; what it has read and embedded is kept."""
    asyncio.run(within(lambda library, workspace_id: library.runs.pause(workspace_id, run_id)))
    typer.echo(f"Run {run_id} pauses. Go on with `answerdesk runs resume {run_id}`.")


@runs.command()
def cancel(run_id: RunId) -> None:
    """Have a run stop for good. What is published stays."""
    asyncio.run(within(lambda library, workspace_id: library.runs.cancel(workspace_id, run_id)))
    typer.echo(f"Run {run_id} stops.")


@runs.command()
def resume(run_id: RunId, as_json: Json = False) -> None:
    """Let a paused run go on, in this process."""

    async def resumed(ingestion: Ingestion, workspace_id: str) -> str:
        await ingestion.library.runs.resume(workspace_id, run_id)
        return run_id

    _carry_out(resumed, as_json=as_json)


@runs.command()
def retry(run_id: RunId, as_json: Json = False) -> None:
    """Read again what failed in a run, and nothing else, in this process."""
    _carry_out(lambda ingestion, workspace_id: ingestion.library.runs.retry(workspace_id, run_id), as_json=as_json)


def _carry_out(chosen: Callable[[Ingestion, str], Coroutine[Any, Any, str]], *, as_json: bool) -> None:
    async def work() -> Any:  # noqa: ANN401  # the report, which `readable` takes
        async with workshop(load_settings()) as (ingestion, workspace_id):
            return await ingestion.in_turn(workspace_id, await chosen(ingestion, workspace_id), notice)

    with watched(quiet=as_json) as notice:
        report = asyncio.run(work())
    typer.echo(json.dumps(report.json, ensure_ascii=False) if as_json else readable(report))


async def _items(store: RunStore, workspace_id: str, run_id: str, wanted: Wanted) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while page := await store.items(workspace_id, run_id, wanted, found[-1]["place"] if found else "", PAGE):
        found += page
    return found


def _line(run: dict[str, Any]) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in run["counts"].items() if number)
    return f"{run['id']}  {run['state']:9} {run['created_at'][:16].replace('T', ' ')}  {run['source']}  {counts}"


def _item_line(item: dict[str, Any]) -> str:
    flags = " ".join(f"[{flag['kind']}, {flag['place']}: {flag['quote']}]" for flag in item["flags"])
    return " ".join(part for part in (f"{item['outcome']}:", item["name"], item["detail"], flags) if part)
