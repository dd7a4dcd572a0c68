"""`answerdesk eval cache`: what the settings of the cache are worth, measured on questions."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.settings import load_settings


def add_to(evaluations: typer.Typer) -> None:
    """Put these commands under `answerdesk eval`."""
    evaluations.command("cache")(measure_cache)


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
