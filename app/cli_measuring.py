"""What the settings of the cache are worth, and whether one run is better than another."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.settings import load_settings


def add_to(evaluations: typer.Typer) -> None:
    """Put these commands under `answerdesk eval`."""
    evaluations.command("cache")(measure_cache)
    evaluations.command("compare")(compare_runs)


def measure_cache(
    file: Annotated[Path, typer.Argument(help="JSON lines: id, text, asks; what asks the same has the same `asks`.")],
    out: Annotated[Path, typer.Option(help="Where to write what became of each question.")],
    similarity: Annotated[float | None, typer.Option(help="Another cosine than that of the settings.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Look up every question among all others: false hits, hits from another scope, and the share that was found."""
    from app.insight.cached_questions import evaluate_cache
    from app.knowledge.embedding import open_embedder

    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    least = settings.cache.similarity if similarity is None else similarity
    figures = evaluate_cache(file, out, embedder.embed_questions, least)
    typer.echo(json.dumps(figures) if as_json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def compare_runs(
    folder: Annotated[Path, typer.Argument(help="The set that was measured, with qrels.tsv and queries.jsonl.")],
    first: Annotated[Path, typer.Argument(help="A TREC run, or rows of `eval answers` (.jsonl).")],
    second: Annotated[Path, typer.Argument(help="Another of the same kind.")],
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Compare two configurations question by question: differences, intervals, and how likely they are by chance."""
    from app.insight.comparing import compare

    found = {name: one.json() for name, one in compare(folder, first, second).items()}
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, one in found.items():
        apart = one["difference"]
        change = f"{apart['value']:+.3f} ({apart['low']:+.3f} to {apart['high']:+.3f}), p = {one['p']:.3f}"
        typer.echo(f"{name:20} {one['first']:.3f} → {one['second']:.3f}  {change}")
