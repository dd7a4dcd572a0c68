"""Measures the product on question sets with known answers, and writes what came out as a page with drawings."""

import json
import random
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import Invalid
from app.insight.answers import Row
from app.insight.comparing import of_answers, of_rankings
from app.insight.datasets import check_corpus, check_judged, read_judgements, read_queries, read_removed
from app.insight.figures import Figure
from app.settings import Settings
from ingest.measuring import aside_of, fill, names_of, rankings_of
from ingest.trying import figures_of, spent, tried
from ingest.watch import Notice
from ingest.workshop import workshop

SEED = 11
DECISIONS = ("answer", "caveat", "clarify", "offer", "escalate")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one set gave. `points`: (probability, whether the knowledge base held the answer)."""

    name: str
    questions: int
    figures: dict[str, Figure]
    points: list[tuple[float, bool]]
    spent: dict[str, Any]
    """Time, cost, and what the check kept back."""
    ends: dict[str, tuple[int, int]]
    """By decision: how many questions with an answer ended so, and how many without one."""


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
    every_query, removed = read_queries(folder / "queries.jsonl"), read_removed(folder)
    check_judged(folder, set(check_corpus(folder / "corpus.jsonl")), every_query)
    queries = _sample(every_query, most)
    judged = _left(read_judgements(folder / "qrels.tsv"), removed)
    labels = _labels(folder, judged, queries)
    with tempfile.TemporaryDirectory() as place:
        aside = aside_of(settings, Path(place) / "data")
        _without(folder / "corpus.jsonl", removed, Path(place) / "corpus.jsonl")
        async with workshop(aside) as (ingestion, workspace_id):
            await fill(ingestion, workspace_id, Path(place), notice)
            names = await names_of(ingestion.library, workspace_id)
            found = await rankings_of(ingestion.library, workspace_id, queries, notice)
        turns = await tried(aside, queries, names, notice)
    grades = {name: judged[name] for name in queries if name in judged}
    rows, every = {name: one.row for name, one in turns.items()}, list(turns.values())
    values = of_rankings({name: [one for one, _ in ranking] for name, ranking in found.items()}, grades)
    values |= of_answers(rows, grades, labels)
    points = [(row["probability"], labels[name]) for name, row in rows.items()]
    figures = figures_of(every, points, values)
    return Measured(folder.name, len(queries), figures, points, spent(every), ends(rows, labels))


def ends(rows: Mapping[str, Row], labels: Mapping[str, bool]) -> dict[str, tuple[int, int]]:
    """How questions ended that the knowledge base answers, and those that it does not."""
    found = {name: [0, 0] for name in DECISIONS}
    for name, row in rows.items():
        found[row["decision"]][not labels[name]] += 1
    return {name: (with_answer, without) for name, (with_answer, without) in found.items()}


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
