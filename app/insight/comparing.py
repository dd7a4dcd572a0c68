"""Two runs over the same questions, compared question by question: TREC runs, or rows of `eval answers`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.errors import Invalid
from app.insight.answers import SHOWN, Row
from app.insight.datasets import read_judgements, read_labels
from app.insight.figures import Difference, compared
from app.insight.retrieval import ndcg, recall, reciprocal_rank

Values = dict[str, dict[str, float]]
"""A figure of each question, by figure and question."""
_RANKED = 6  # columns of a TREC run


def compare(folder: Path, first: Path, second: Path) -> dict[str, Difference]:
    """Each figure of two runs over the questions of a set that both have."""
    before, after = values_of(folder, first), values_of(folder, second)
    found = {}
    for name in before.keys() & after.keys():
        both = sorted(before[name].keys() & after[name].keys())
        if both:
            found[name] = compared([before[name][one] for one in both], [after[name][one] for one in both])
    if not found:
        raise Invalid(f"{first} and {second} have no questions in common, or are not of one kind.")
    return dict(sorted(found.items()))


def values_of(folder: Path, run: Path) -> Values:
    """The figures of every question of a run."""
    if not run.is_file():
        raise Invalid(f"There is no file {run}.")
    judged = read_judgements(folder / "qrels.tsv")
    if run.suffix == ".jsonl":
        return of_answers(_answers(run), judged, read_labels(folder / "queries.jsonl"))
    return of_rankings(_rankings(run), judged)


def of_rankings(rankings: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, int]]) -> Values:
    """Retrieval figures; a judged question without a ranking counts as 0."""
    asked = {name: grades for name, grades in judged.items() if any(grade > 0 for grade in grades.values())}
    return {
        "ndcg@10": {name: ndcg(grades, rankings.get(name, ()), 10) for name, grades in asked.items()},
        "recall@5": {name: recall(grades, rankings.get(name, ()), 5) for name, grades in asked.items()},
        "mrr@10": {name: reciprocal_rank(grades, rankings.get(name, ()), 10) for name, grades in asked.items()},
    }


def of_answers(
    rows: Mapping[str, Row], judged: Mapping[str, Mapping[str, int]], answerable: Mapping[str, bool]
) -> Values:
    """How good citations are, how near probabilities come, and how many questions were rightly answered or left."""
    found: Values = {"citation_precision": {}, "citation_recall": {}, "brier": {}, "rightly_decided": {}}
    for name, row in rows.items():
        gold = {document for document, grade in judged.get(name, {}).items() if grade > 0}
        shown, cited = row["decision"] in SHOWN, row["documents"]
        if shown and gold and cited:
            found["citation_precision"][name] = len(gold & set(cited)) / len(cited)
        if gold and answerable.get(name, True):
            found["citation_recall"][name] = float(shown and bool(gold & set(cited)))
        if name in answerable:
            found["brier"][name] = (row["probability"] - answerable[name]) ** 2
            found["rightly_decided"][name] = float(shown == answerable[name])
    return {name: values for name, values in found.items() if values}


def _answers(path: Path) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row: Any = json.loads(line)
            rows[row["id"]] = {name: row[name] for name in ("decision", "probability", "documents")}
        except (ValueError, KeyError, TypeError) as error:
            raise Invalid(f"{path.name}, line {number}: this is no row of `answerdesk eval answers`.") from error
    return rows


def _rankings(path: Path) -> dict[str, list[str]]:
    rankings: dict[str, list[str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        cells = line.split()
        if len(cells) != _RANKED:
            raise Invalid(f"{path.name}, line {number}: this is no line of a TREC run, which has six columns.")
        rankings.setdefault(cells[0], []).append(cells[2])
    return rankings
