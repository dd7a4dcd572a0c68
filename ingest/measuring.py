"""Measures retrieval and answers on a set of questions with known answers, in a knowledge base of its own."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.errors import Invalid
from app.insight.answers import Row, summary
from app.insight.comparing import of_answers, of_rankings
from app.insight.datasets import check_corpus, check_judged, read_judgements, read_labels, read_queries
from app.insight.retrieval import metrics
from app.knowledge.library import Library
from app.knowledge.types import Found
from app.settings import Settings
from ingest.orders import Order
from ingest.pipeline import Ingestion
from ingest.trying import Tried, figures_of, spent, tried
from ingest.watch import Notice, Progress
from ingest.workshop import workshop

RUN_DEPTH = 100
SEARCH_DEPTH = 200
"""Passages; a document may be split into several, and a run wants 100 documents."""
TAG = "answerdesk"


async def measure(settings: Settings, folder: Path, run: Path, notice: Notice) -> dict[str, Any]:
    """Write the TREC run; with judgements also the metrics. The real knowledge base is not touched."""
    queries, judgements = read_queries(folder / "queries.jsonl"), read_judgements(folder / "qrels.tsv")
    names = check_corpus(folder / "corpus.jsonl")
    check_judged(folder, set(names), queries)
    with tempfile.TemporaryDirectory() as aside:
        async with workshop(aside_of(settings, Path(aside))) as (ingestion, workspace_id):
            passages = await fill(ingestion, workspace_id, folder, notice)
            rankings = await rankings_of(ingestion.library, workspace_id, queries, notice)
    _write(run, rankings)
    ranked = {query: [document for document, _ in ranking] for query, ranking in rankings.items()}
    size = {"documents": len(names), "passages": passages, "queries": len(queries)}
    return size | (metrics(judgements, ranked) | _intervals(ranked, judgements) if judgements else {})


def _intervals(ranked: Mapping[str, Sequence[str]], judgements: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The 95 % interval of each metric, by bootstrap over questions."""
    values = of_rankings(ranked, judgements)
    figures = {name: figure.json() for name, figure in figures_of((), (), values).items()}
    return {"intervals": {name: [figure["low"], figure["high"]] for name, figure in figures.items()}}


async def measure_answers(settings: Settings, folder: Path, out: Path, notice: Notice) -> dict[str, Any]:
    """Write what a whole turn makes of each question. The real knowledge base and its conversations are not touched."""
    queries, judgements = read_queries(folder / "queries.jsonl"), read_judgements(folder / "qrels.tsv")
    names = check_corpus(folder / "corpus.jsonl")
    check_judged(folder, set(names), queries)
    with tempfile.TemporaryDirectory() as place:
        aside = aside_of(settings, Path(place))
        async with workshop(aside) as (ingestion, workspace_id):
            passages = await fill(ingestion, workspace_id, folder, notice)
            known = await names_of(ingestion.library, workspace_id)
        turns = await tried(aside, queries, known, notice)
    _write_rows(out, [one.row for one in turns.values()])
    size = {"documents": len(names), "passages": passages, "queries": len(queries)}
    return size | _told(turns, judgements, read_labels(folder / "queries.jsonl"))


def _told(
    turns: Mapping[str, Tried], judgements: Mapping[str, Mapping[str, int]], labels: Mapping[str, bool]
) -> dict[str, Any]:
    rows = {name: one.row for name, one in turns.items()}
    told = summary(list(rows.values()), judgements, labels)
    points = [(row["probability"], labels[name]) for name, row in rows.items() if name in labels]
    both = len({label for _, label in points}) > 1
    figures = figures_of(list(turns.values()), points if both else (), of_answers(rows, judgements, labels))
    return told | spent(list(turns.values())) | {"figures": {name: one.json() for name, one in figures.items()}}


async def fill(ingestion: Ingestion, workspace_id: str, folder: Path, notice: Notice) -> int:
    """Ingest the set's corpus; how many passages it has."""
    report = await ingestion.ingest(Order(workspace_id, "corpus", [str(folder / "corpus.jsonl")]), notice)
    if report.counts.failed:
        raise Invalid(next(f"{item.name}: {item.detail}" for item in report.items if item.outcome == "failed"))
    return report.counts.passages


def aside_of(settings: Settings, folder: Path) -> Settings:
    """The same settings with a knowledge base of its own."""
    apart = {"data_dir": folder, "database_url": None, "chroma_url": None, "pgvector_url": None, "redis_url": None}
    return settings.model_copy(update=apart)


async def rankings_of(
    library: Library, workspace_id: str, queries: dict[str, str], notice: Notice
) -> dict[str, list[tuple[str, float]]]:
    """The documents found for each question, best first, with their scores."""
    names = await names_of(library, workspace_id)
    rankings = {}
    for done, (query, text) in enumerate(queries.items()):
        notice(Progress("search", done, len(queries)))
        found = await library.search(workspace_id, text, SEARCH_DEPTH, internal=True)
        rankings[query] = _documents(found, names)
    return rankings


async def names_of(library: Library, workspace_id: str) -> dict[str, str]:
    """What the test set calls each document."""
    members = await library.snapshots.members(workspace_id, await library.snapshots.published_id(workspace_id))
    return {member.document_id: member.external_id.partition("#")[2] for member in members}


def _documents(found: Found, names: dict[str, str]) -> list[tuple[str, float]]:
    """A document is as good as its best passage."""
    best: dict[str, float] = {}
    for hit in found.hits:
        best.setdefault(names[hit.passage.document_id], hit.score)
    return list(best.items())[:RUN_DEPTH]


def _write_rows(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _write(path: Path, rankings: dict[str, list[tuple[str, float]]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for query, ranking in rankings.items():
            file.writelines(
                f"{query} Q0 {document} {rank} {score:.6f} {TAG}\n" for rank, (document, score) in _ranked(ranking)
            )


def _ranked(ranking: Sequence[tuple[str, float]]) -> Iterator[tuple[int, tuple[str, float]]]:
    return enumerate(ranking, start=1)
