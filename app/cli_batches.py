"""`answerdesk model batch`: many prompts that can wait, handed in once and fetched when they are done."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.errors import Invalid, Unavailable
from app.settings import Settings, load_settings

if TYPE_CHECKING:
    from app.llm.batching.wire import Job

PAUSE_S = 1.0


def add_to(models: typer.Typer) -> None:
    """Put this command under `answerdesk model`."""
    models.command("batch")(run_batch)
    models.command("errands")(run_errands)


def run_batch(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, prompt and perhaps system.")],
    model: Annotated[str, typer.Option(help="Which model to ask.")],
    out: Annotated[Path, typer.Option(help="Where to write the answers, as JSON lines.")],
    cancel: Annotated[bool, typer.Option("--cancel", help="Ask for no more; answers that are there are kept.")] = False,
) -> None:
    """Hand the prompts in, or fetch the answers to those that were. Run it again until they are there.

    OpenAI and Anthropic take half the price and up to a day; other models are asked one after the other, behind
    customers. What all of it may cost is reserved on the budgets first.
    """
    from app.migrations.run import migrate

    jobs, settings = _jobs(file), load_settings()
    migrate(settings.database)
    batch_id, results, trouble = asyncio.run(_run(settings, jobs, model, cancel=cancel))
    if trouble:
        raise Unavailable(trouble)
    if results is None:
        typer.echo(f"Batch {batch_id} is running. Run the same command again later to fetch its answers.")
        return
    out.write_text("".join(json.dumps(result, ensure_ascii=False) + "\n" for result in results), encoding="utf-8")
    answered = sum(result["error"] is None for result in results)
    typer.echo(f"{answered} of {len(results)} prompts were answered; the answers are in {out}.")


def run_errands(
    now: Annotated[bool, typer.Option("--now", help="Begin the work of the night at once.")] = False,
) -> None:
    """Look after work that waits, as a worker does each minute: batches, summaries, gaps."""
    from app.background import errands
    from app.migrations.run import migrate

    settings = load_settings()
    migrate(settings.database)
    errands(settings, {"at_once": now})
    typer.echo("Everything that waits was looked after. Batches that providers have are fetched at a later look.")


async def _run(
    settings: Settings, jobs: "Sequence[Job]", model: str, *, cancel: bool
) -> tuple[str, list[dict[str, Any]] | None, str | None]:
    """Our id of the batch, its answers if they are there, and what kept all of it from being answered."""
    from app.llm.money.payer import Payer
    from app.wiring import open_application

    application = await open_application(settings)
    try:
        batches = application.speakers.batches(model)
        batch_id = await batches.submit(Payer(application.workspace_id, "summary"), jobs)
        if cancel:
            await batches.cancel(batch_id)
        while await batches.advance(batch_id) == "asking":  # noqa: ASYNC110  # another process may work on it
            await asyncio.sleep(PAUSE_S)
        row = await batches.store.read(batch_id)
        return batch_id, await batches.results(batch_id) if row.state == "ended" else None, row.trouble
    finally:
        await application.close()


def _jobs(file: Path) -> "list[Job]":
    from app.llm.batching.wire import Job
    from app.llm.types import Prompt, Turn

    if not file.is_file():
        raise Invalid(f"{file} does not exist. Give a file with one JSON object a line: id, prompt.")
    jobs: dict[str, Job] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            row = _row(line, f"{file}, line {number}")
            if row["id"] in jobs:
                raise Invalid(f"{file}, line {number}: the id {row['id']} was there before.")
            prompt = Prompt(row.get("system", ""), (Turn("user", row["prompt"]),), row["prompt"])
            jobs[row["id"]] = Job(row["id"], prompt)
    if not jobs:
        raise Invalid(f"{file} holds no prompts. Give one JSON object a line: id, prompt.")
    return list(jobs.values())


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise Invalid(f"{place}: this is not JSON ({error.msg}).") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(name, ""), str) for name in ("id", "prompt", "system")):
        raise Invalid(f"{place}: expected an object with the texts id and prompt.")
    if not row.get("id") or not row.get("prompt"):
        raise Invalid(f"{place}: id and prompt must be texts that are not empty.")
    return row
