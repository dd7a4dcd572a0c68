"""Fits the weights of `app/answering/decision.py` on questions with known answers, and measures them on unseen sets.

    python -m scripts.fit_decision ../shared/data/retrieval [--questions 600] [--cache FOLDER]

Each set is searched by the product's own retriever, without the documents that were taken out; the label is whether an
answer is left. Questions of the other sets are put in as strangers. The figure to trust is leave-one-set-out.
"""

import argparse
import asyncio
import random
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.decision import WEIGHTS, signals
from app.insight.datasets import read_judgements, read_removed
from app.insight.figures import coverage_at
from app.knowledge.embedding import open_embedder
from app.knowledge.types import Embedder
from app.settings import load_settings
from benchmarks.questions import SETS, Row, jsonl, retriever_over

STRANGERS = 0.25  # of a set's questions are joined by that many from other sets
HITS = 8
BOLD = 0.5  # the probability, or the cosine, from which one would answer
PRECISION = 0.8
SEED = 11


def main() -> None:
    """Measure, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=600)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/fit_decision"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    settings = load_settings()
    embedder = open_embedder(settings.embed, settings.model_dir)
    measured = {name: asyncio.run(measure(given.folder, name, given, embedder)) for name in SETS}
    report(measured)


async def measure(folder: Path, name: str, given: argparse.Namespace, embedder: Embedder) -> list[Row]:
    """One row a question: its signals, its label, and whether it is a stranger."""
    questions = [*_own(folder / name, given.questions), *_strangers(folder, name, given.questions)]
    retriever = retriever_over(folder / name, given.cache / name, embedder, read_removed(folder / name))
    rows = []
    for text, label, stranger in questions:
        found = await retriever.search(text, HITS)
        rows.append({**asdict(signals(text, found)), "label": label, "stranger": stranger})
    return rows


def report(measured: dict[str, list[Row]]) -> None:
    """Leave-one-set-out figures beside the cosine alone, then the weights fitted on all.

    `covered` is the share of questions that can be answered with four of five of them answerable; `rule` is how many
    of the questions without an answer have a cosine above one half, where many products answer.
    """
    print(f"{'':16} {'with strangers':>14} | {'own questions only':>18} |")
    print(f"{'left out':16} AUROC  cosine | AUROC  cosine  covered  cosine  rule | Brier  answered@.5 right@.5")
    for name, held_out in measured.items():
        model = fit([row for other, rows in measured.items() if other != name for row in rows])
        print(_line(name, held_out, model))
    model = fit([row for rows in measured.values() for row in rows])
    print("all:", {name: round(float(weight), 3) for name, weight in zip(WEIGHTS, model.coef_[0], strict=True)})
    print("intercept:", round(float(model.intercept_[0]), 3))


def fit(rows: list[Row]) -> LogisticRegression:
    """Plain logistic regression with a light ridge; more features or trees fit these sets and lose on others."""
    return LogisticRegression(C=3.0, max_iter=2000).fit(_matrix(rows), _labels(rows))


def _line(name: str, rows: list[Row], model: LogisticRegression) -> str:
    own = [row for row in rows if not row["stranger"]]
    chance, labels = model.predict_proba(_matrix(rows))[:, 1], _labels(rows)
    bold = chance >= BOLD
    among, truths, cosines = model.predict_proba(_matrix(own))[:, 1], _labels(own), _cosines(own)
    rule = (cosines[truths == 0] > BOLD).mean()
    covered = f"{_covered(among, truths):7.3f}  {_covered(cosines, truths):6.3f}  {rule:.2f}"
    figures = [
        f"{roc_auc_score(labels, chance):.3f}  {roc_auc_score(labels, _cosines(rows)):6.3f}",
        f"{roc_auc_score(truths, among):.3f}  {roc_auc_score(truths, cosines):6.3f}  {covered}",
        f"{np.mean((chance - labels) ** 2):.3f}  {bold.mean():11.2f} {labels[bold].mean():8.2f}",
    ]
    return f"{name:16} " + " | ".join(figures)


def _covered(scores: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    points = [(score, label > 0) for score, label in zip(scores.tolist(), labels.tolist(), strict=True)]
    return coverage_at(points, PRECISION)


def _matrix(rows: list[Row]) -> NDArray[np.float64]:
    return np.array([[row[name] for name in WEIGHTS] for row in rows], dtype=np.float64)


def _labels(rows: list[Row]) -> NDArray[np.float64]:
    return np.array([row["label"] for row in rows], dtype=np.float64)


def _cosines(rows: list[Row]) -> NDArray[np.float64]:
    return np.array([row["cosine"] for row in rows], dtype=np.float64)


def _own(folder: Path, wanted: int) -> list[tuple[str, int, bool]]:
    removed, relevant = read_removed(folder), read_judgements(folder / "qrels.tsv")
    rows = list(jsonl(folder / "queries.jsonl"))
    random.Random(SEED).shuffle(rows)  # noqa: S311  # a sample, not a secret
    return [(str(row["text"]), int(_answerable(row, removed, relevant)), False) for row in rows[:wanted]]


def _answerable(row: Row, removed: Collection[str], relevant: Mapping[str, Mapping[str, int]]) -> bool:
    if "answerable_after_removal" in row:
        return bool(row["answerable_after_removal"])
    return bool(row.get("answerable", True)) and any(one not in removed for one in relevant.get(str(row["id"]), ()))


def _strangers(folder: Path, name: str, wanted: int) -> list[tuple[str, int, bool]]:
    others = [str(row["text"]) for other in SETS if other != name for row in jsonl(folder / other / "queries.jsonl")]
    count = int(STRANGERS * min(wanted, sum(1 for _ in jsonl(folder / name / "queries.jsonl"))))
    sample = random.Random(SEED).sample(others, count)  # noqa: S311  # a sample, not a secret
    return [(text, 0, True) for text in sample]


if __name__ == "__main__":
    main()
