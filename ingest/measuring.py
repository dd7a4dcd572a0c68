"""Measures retrieval and answers on a set of questions with known answers, in a knowledge base of its own."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app.errors import Invalid
from app.insight.answers import Row, Trial, summary
from app.insight.retrieval import metrics
from app.knowledge.library import Library
from app.knowledge.types import Found
from app.settings import Settings
from app.wiring import open_application
from ingest.orders import Order
from ingest.pipeline import Ingestion
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
    with tempfile.TemporaryDirectory() as aside:
        async with workshop(_aside(settings, Path(aside))) as (ingestion, workspace_id):
            passages = await _fill(ingestion, workspace_id, folder, notice)
            rankings = await _rankings(ingestion.library, workspace_id, queries, notice)
    _write(run, rankings)
    ranked = {query: [document for document, _ in ranking] for query, ranking in rankings.items()}
    size = {"documents": len(names), "passages": passages, "queries": len(queries)}
    return size | (metrics(judgements, ranked) if judgements else {})


async def measure_answers(settings: Settings, folder: Path, out: Path, notice: Notice) -> dict[str, Any]:
    """Write what a whole turn makes of each question. The real knowledge base and its conversations are not touched."""
    queries, judgements = read_queries(folder / "queries.jsonl"), read_judgements(folder / "qrels.tsv")
    names = check_corpus(folder / "corpus.jsonl")
    with tempfile.TemporaryDirectory() as place:
        aside = _aside(settings, Path(place))
        async with workshop(aside) as (ingestion, workspace_id):
            passages = await _fill(ingestion, workspace_id, folder, notice)
            known = await _names(ingestion.library, workspace_id)
        rows = await _answers(aside, queries, known, notice)
    _write_rows(out, rows)
    size = {"documents": len(names), "passages": passages, "queries": len(queries)}
    return size | summary(rows, judgements, read_labels(folder / "queries.jsonl"))


async def _fill(ingestion: Ingestion, workspace_id: str, folder: Path, notice: Notice) -> int:
    report = await ingestion.ingest(Order(workspace_id, "corpus", [str(folder / "corpus.jsonl")]), notice)
    if report.counts.failed:
        raise Invalid(next(f"{item.name}: {item.detail}" for item in report.items if item.outcome == "failed"))
    return report.counts.passages


async def _answers(settings: Settings, queries: dict[str, str], names: dict[str, str], notice: Notice) -> list[Row]:
    application = await open_application(settings)
    search = partial(application.library.search, application.workspace_id, internal=True)
    rows = list[Row]()
    try:
        async for row in Trial(application.ask_once, search, names).rows(queries):
            rows.append(row)
            notice(Progress("ask", len(rows), len(queries)))
    finally:
        await application.close()
    return rows


def read_queries(path: Path) -> dict[str, str]:
    """The questions by their ids."""
    return {row["id"]: row["text"] for row in _rows(path, ("id", "text"))}


def read_labels(path: Path) -> dict[str, bool]:
    """Whether the knowledge base can answer each question, where that is said."""
    labels = {row["id"]: row.get("answerable") for row in _rows(path, ("id", "text"))}
    return {name: label for name, label in labels.items() if isinstance(label, bool)}


def check_corpus(path: Path) -> list[str]:
    """The ids of the documents; names the line of the first that is not right."""
    return [row["id"] for row in _rows(path, ("id", "text"))]


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Grades of documents by question; none when there is no such file."""
    judgements: dict[str, dict[str, int]] = {}
    lines = path.read_text().splitlines() if path.exists() else []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != 3 or not cells[2].strip().lstrip("-").isdigit():  # noqa: PLR2004  # question, document, grade
            raise Invalid(
                f"{path.name}, line {number}: there must be a question, a document and a whole number, by tabs."
            )
        judgements.setdefault(cells[0], {})[cells[1]] = int(cells[2])
    return judgements


def _aside(settings: Settings, folder: Path) -> Settings:
    apart = {"data_dir": folder, "database_url": None, "chroma_url": None, "pgvector_url": None, "redis_url": None}
    return settings.model_copy(update=apart)


async def _rankings(
    library: Library, workspace_id: str, queries: dict[str, str], notice: Notice
) -> dict[str, list[tuple[str, float]]]:
    names = await _names(library, workspace_id)
    rankings = {}
    for done, (query, text) in enumerate(queries.items()):
        notice(Progress("search", done, len(queries)))
        found = await library.search(workspace_id, text, SEARCH_DEPTH, internal=True)
        rankings[query] = _documents(found, names)
    return rankings


async def _names(library: Library, workspace_id: str) -> dict[str, str]:
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


def _rows(path: Path, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file, each with these texts and an id of its own."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}.")
    seen: set[str] = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if line.strip():
            row = _row(path, number, line, wanted)
            if row["id"] in seen:
                raise Invalid(f"{path.name}, line {number}: the id {row['id']} was there before.")
            seen.add(row["id"])
            yield row


def _row(path: Path, number: int, line: str, wanted: tuple[str, ...]) -> dict[str, Any]:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise Invalid(f"{path.name}, line {number}: this is not valid JSON.") from error
    for name in wanted:
        if not isinstance(row, dict) or not isinstance(row.get(name), str) or not row[name].strip():
            raise Invalid(f"{path.name}, line {number}: “{name}” must be a text that is not empty.")
    return dict(row)
