"""How well a ranking finds what answers a question."""

import math
from collections.abc import Mapping, Sequence

Judgements = Mapping[str, Mapping[str, int]]
Rankings = Mapping[str, Sequence[str]]


def metrics(judgements: Judgements, rankings: Rankings) -> dict[str, float]:
    """Means over the judged questions; one without a ranking counts as 0."""
    judged = {question: grades for question, grades in judgements.items() if any(grades.values())}
    rows = [_metrics(grades, rankings.get(question, ())) for question, grades in judged.items()]
    names = ("ndcg@10", "recall@5", "mrr@10")
    return {name: sum(row[place] for row in rows) / max(1, len(rows)) for place, name in enumerate(names)}


def _metrics(grades: Mapping[str, int], ranking: Sequence[str]) -> tuple[float, float, float]:
    return ndcg(grades, ranking, 10), recall(grades, ranking, 5), reciprocal_rank(grades, ranking, 10)


def ndcg(grades: Mapping[str, int], ranking: Sequence[str], depth: int) -> float:
    """Normalised discounted cumulative gain, gain = grade, discount log2(rank + 1), as trec_eval's ndcg_cut."""
    best = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(document, 0) for document in ranking[:depth]]) / best if best else 0.0


def recall(grades: Mapping[str, int], ranking: Sequence[str], depth: int) -> float:
    """The share of the relevant documents among the first."""
    relevant = {document for document, grade in grades.items() if grade > 0}
    return len(relevant & set(ranking[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(grades: Mapping[str, int], ranking: Sequence[str], depth: int) -> float:
    """One over the rank of the first relevant document among the first; 0 when none is."""
    ranks = (rank for rank, document in enumerate(ranking[:depth], start=1) if grades.get(document, 0) > 0)
    return 1 / next(ranks, math.inf)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
