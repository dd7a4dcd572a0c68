"""What the shell can do with the knowledge base: ingest, snapshots, search, and measuring retrieval."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.insight.page import write_page
from app.knowledge.sourcing.store import SourceStore
from app.knowledge.types import Hit
from app.settings import Settings, load_settings
from ingest.discover import source_name
from ingest.measuring import measure, measure_answers
from ingest.orders import Order, Report
from ingest.reporting import Measured, measured_sets
from ingest.run_commands import runs
from ingest.showing import readable, watched
from ingest.snapshot_commands import snapshots
from ingest.sources.plan import described
from ingest.watch import Notice
from ingest.workshop import within, workshop

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output, one object a line.")]
Source = Annotated[str | None, typer.Option(help="The source's name; by default that of the folder or file.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
NoPublish = Annotated[
    bool, typer.Option("--no-publish", help="Build the snapshot, and let another one go on answering.")
]
Prune = Annotated[bool, typer.Option("--prune", help="Remove documents of this source that are no longer there.")]


def add_to(app: typer.Typer, evaluations: typer.Typer) -> None:
    """Mount these commands; `retrieval` and `answers` go among the evaluations."""
    app.command()(ingest)
    app.command()(search)
    app.add_typer(snapshots, name="snapshots")
    app.add_typer(runs, name="runs")
    evaluations.command("retrieval")(evaluate_retrieval)
    evaluations.command("answers")(evaluate_answers)
    evaluations.command("report")(report_sets)


def ingest(
    paths: Annotated[list[str] | None, typer.Argument(help="Files, folders, or web addresses of pages.")] = None,
    source: Source = None,
    dry_run: DryRun = False,
    no_publish: NoPublish = False,
    prune: Prune = False,
    as_json: Json = False,
) -> None:
    """Ingest files, folders, web pages and sitemaps; without any, a source as the console describes it.

    Unchanged documents cost nothing.
    """
    if not paths and not source:
        raise typer.BadParameter("Name files, folders or web addresses, or a source that is read again.")
    settings, prune = load_settings(), prune or not paths
    places = [str(Path(path).resolve()) if Path(path).exists() else path for path in paths or ()]
    name = source or source_name(places)
    wanted = partial(Order, source=name, paths=places, prune=prune, publish=not no_publish)
    with watched(quiet=as_json) as notice:
        report = asyncio.run(_ingest(settings, wanted, notice, dry_run=dry_run))
    typer.echo(json.dumps(report.json, ensure_ascii=False) if as_json else readable(report))


async def _ingest(settings: Settings, wanted: Callable[[str], Order], notice: Notice, *, dry_run: bool) -> Report:
    async with workshop(settings) as (ingestion, workspace_id):
        order = wanted(workspace_id)
        if dry_run:
            return await ingestion.compare(order, notice)
        if order.paths:
            sources = SourceStore(ingestion.library.documents.database)
            await sources.ensure(workspace_id, order.source, *described(order.paths))
        return await ingestion.ingest(order, notice)


def search(text: str, k: Annotated[int, typer.Option("-k", min=1, max=100)] = 8, as_json: Json = False) -> None:
    """Find passages, as the bot would."""
    found = asyncio.run(within(lambda library, workspace_id: library.search(workspace_id, text, k, internal=True)))
    for rank, hit in enumerate(found.hits, start=1):
        typer.echo(json.dumps(_row(hit), ensure_ascii=False) if as_json else _shown(rank, hit))
    if not found.hits and not as_json:
        typer.echo(
            "Nothing was found." if found.snapshot_id else "Nothing is published yet. Run `answerdesk ingest` first."
        )


def _row(hit: Hit) -> dict[str, Any]:
    one = hit.passage
    where = {"passage_id": one.id, "document_id": one.document_id, "version": one.version, "title": one.title}
    what = {"url": one.url, "heading": one.heading, "start": one.start, "end": one.end, "text": one.text}
    return {**where, **what, "score": hit.score, "cosine": hit.cosine, "lexical": hit.lexical}


def _shown(rank: int, hit: Hit) -> str:
    where = " › ".join(part for part in (hit.passage.title, hit.passage.heading) if part)
    text = " ".join(hit.passage.text.split())
    return f"{rank}. {where}  ({hit.score:.3f}: cosine {hit.cosine:.3f}, words {hit.lexical:.3f})\n   {text[:300]}"


def evaluate_retrieval(
    folder: Annotated[Path, typer.Argument(help="A folder with corpus.jsonl, queries.jsonl and perhaps qrels.tsv.")],
    run: Annotated[Path, typer.Option(help="Where to write the TREC run.")],
    as_json: Json = False,
) -> None:
    """Ingest a test set aside, run its questions, and measure how well its answers are found."""
    with watched(quiet=as_json) as notice:
        measured = asyncio.run(measure(load_settings(), folder, run, notice))
    typer.echo(json.dumps(measured) if as_json else _lines(measured))


def evaluate_answers(
    folder: Annotated[Path, typer.Argument(help="A folder with corpus.jsonl and queries.jsonl, perhaps qrels.tsv.")],
    out: Annotated[Path, typer.Option(help="Where to write one row for each question, as JSON lines.")],
    as_json: Json = False,
) -> None:
    """Ingest a test set aside, let the bot answer its questions, and write what it decided and what it cited."""
    with watched(quiet=as_json) as notice:
        measured = asyncio.run(measure_answers(load_settings(), folder, out, notice))
    typer.echo(json.dumps(measured) if as_json else _lines(measured))


def _lines(measured: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in measured.items())


def report_sets(
    folder: Annotated[Path, typer.Argument(help="A folder of sets, each with corpus.jsonl, queries.jsonl, qrels.tsv.")],
    out: Annotated[Path, typer.Option(help="The page to write; drawings go into a folder of its name.")],
    questions: Annotated[int, typer.Option(min=10, help="Questions of each set.")] = 300,
    as_json: Json = False,
) -> None:
    """Measure retrieval, decisions, citations, time and cost on every set, and write a page with drawings."""
    with watched(quiet=as_json) as notice:
        found = asyncio.run(measured_sets(load_settings(), folder, questions, notice))
    figures, ends = {one.name: one.figures for one in found}, {one.name: one.ends for one in found}
    points, rest = {one.name: one.points for one in found}, {one.name: _told(one) for one in found}
    write_page(out, figures, ends, points, rest)
    for one in found if as_json else ():
        told = {name: figure.json() for name, figure in one.figures.items()}
        typer.echo(json.dumps({"set": one.name, "questions": one.questions, **told, **one.spent, "ends": one.ends}))
    if not as_json:
        typer.echo(f"{len(found)} sets were measured; {out} tells what came out.")


def _told(one: Measured) -> str:
    """What has no interval: sentences, time and cost."""
    took, claims = one.spent["latency_ms"], one.spent["claims"]
    times = f"half within {took['p50']} ms, 19 of 20 within {took['p95']} ms"
    cost = f"{one.spent['cost_usd']:.6f} US dollars"
    kept_back = f"{claims['kept_back']} of {claims['written']} claims had no support and were kept back"
    return f"{one.questions} questions: {times} (on a machine that did other things too); {cost} each. {kept_back}."
