"""Measures the product on question sets with known answers, and writes what came out as a page with drawings."""

import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from app.answering.deciding.basis import Basis
from app.errors import Invalid
from app.insight.answers import Row, Trial
from app.insight.comparing import of_answers, of_rankings
from app.insight.datasets import check_corpus, read_judgements, read_queries, read_removed
from app.insight.figures import Figure, decision_figures, resampled
from app.settings import Settings
from app.wiring import Application, open_application
from ingest.measuring import aside_of, fill, names_of, rankings_of
from ingest.watch import Notice, Progress
from ingest.workshop import workshop

SEED = 11


@dataclass(frozen=True, slots=True)
class Measured:
    """What one set gave. `points`: (probability, whether the knowledge base held the answer)."""

    name: str
    questions: int
    figures: dict[str, Figure]
    points: list[tuple[float, bool]]
    sentences: tuple[int, int]
    """How many claims were written, and how many of them the check kept back."""
    latencies_ms: list[float]
    cost_micro_usd: int


async def measured_sets(settings: Settings, folder: Path, most: int, notice: Notice) -> list[Measured]:
    """Every set of a folder that has a corpus, questions and judgements. Raises `Invalid` when there is none."""
    sets = _sets(folder)
    if not sets:
        raise Invalid(f"{folder} holds no folder with corpus.jsonl, queries.jsonl and qrels.tsv.")
    return [await _measured(settings, one, most, notice) for one in sets]


def _sets(folder: Path) -> list[Path]:
    judged = (one for one in sorted(folder.iterdir()) if (one / "qrels.tsv").is_file())
    return [one for one in judged if read_judgements(one / "qrels.tsv")]


async def _measured(settings: Settings, folder: Path, most: int, notice: Notice) -> Measured:
    queries, removed = _sample(read_queries(folder / "queries.jsonl"), most), read_removed(folder)
    check_corpus(folder / "corpus.jsonl")
    judged = _left(read_judgements(folder / "qrels.tsv"), removed)
    labels = _labels(folder, judged, queries)
    with tempfile.TemporaryDirectory() as place:
        aside = aside_of(settings, Path(place) / "data")
        _without(folder / "corpus.jsonl", removed, Path(place) / "corpus.jsonl")
        async with workshop(aside) as (ingestion, workspace_id):
            await fill(ingestion, workspace_id, Path(place), notice)
            names = await names_of(ingestion.library, workspace_id)
            found = await rankings_of(ingestion.library, workspace_id, queries, notice)
        rows = await _asked(aside, queries, names, notice)
    grades = {name: judged[name] for name in queries if name in judged}
    values = of_rankings({name: [one for one, _ in ranking] for name, ranking in found.items()}, grades)
    values |= of_answers(rows, grades, labels)
    points = [(row["probability"], labels[name]) for name, row in rows.items()]
    means = {name: resampled(list(one.values()), _mean) for name, one in values.items()}
    return Measured(
        folder.name, len(queries), means | decision_figures(points), points,
        (sum(row["claims"] for row in rows.values()), sum(row["dropped"] for row in rows.values())),
        [row["ms"] for row in rows.values()], sum(row["cost"] for row in rows.values()),
    )  # fmt: skip


async def _asked(
    settings: Settings, queries: Mapping[str, str], names: Mapping[str, str], notice: Notice
) -> dict[str, Row]:
    application, rows = await open_application(settings), dict[str, Row]()
    try:
        for name, text in queries.items():
            rows[name] = await _one(application, text, names)
            notice(Progress("ask", len(rows), len(queries)))
    finally:
        await application.close()
    return rows


async def _one(application: Application, text: str, names: Mapping[str, str]) -> Row:
    """One whole turn: what was decided and cited, what the check kept back, how long it took and what it cost."""
    turns = list[str]()

    async def ask(question: str) -> Mapping[str, Any]:
        said = await application.ask_once(question)
        turns.append(said["turn_id"])
        return said

    async def search(question: str, depth: int) -> Any:  # noqa: ANN401  # what the library finds
        return await application.library.search(application.workspace_id, question, depth, internal=True)

    begun = perf_counter()
    [row] = [row async for row in Trial(ask, search, names).rows({"": text})]
    took = 1000 * (perf_counter() - begun)
    turn: dict[str, Any] = await application.conversations.turn(turns[0]) if turns else {}
    basis = Basis.of(turn["record"]["basis"]) if turn.get("record") else Basis()
    claims = [one for one in basis.sentences if one.is_claim]
    dropped = sum(not one.kept for one in claims)
    return row | {"claims": len(claims), "dropped": dropped, "ms": took, "cost": turn.get("cost_micro_usd", 0)}


def _sample(queries: Mapping[str, str], most: int) -> dict[str, str]:
    names = sorted(queries)
    random.Random(SEED).shuffle(names)  # noqa: S311  # a sample, not a secret
    return {name: queries[name] for name in names[:most]}


def _left(judged: Mapping[str, Mapping[str, int]], removed: frozenset[str]) -> dict[str, dict[str, int]]:
    return {
        name: {document: grade for document, grade in grades.items() if document not in removed}
        for name, grades in judged.items()
    }


def _labels(folder: Path, judged: Mapping[str, Mapping[str, int]], queries: Mapping[str, str]) -> dict[str, bool]:
    """Whether the corpus that is left holds an answer: as the set says, and else whether a judged document is left."""
    labels = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.strip() else {}
        if row.get("id") in queries:
            left = any(grade > 0 for grade in judged.get(row["id"], {}).values())
            labels[row["id"]] = bool(row.get("answerable_after_removal", row.get("answerable", True) and left))
    return labels


def _without(corpus: Path, removed: frozenset[str], target: Path) -> None:
    lines = corpus.read_text(encoding="utf-8").splitlines()
    target.write_text("\n".join(one for one in lines if one.strip() and json.loads(one)["id"] not in removed))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
