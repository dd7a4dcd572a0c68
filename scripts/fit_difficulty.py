"""Fits the weights of `app/answering/difficulty.py` on questions with known answers, and measures them on unseen sets.

    python -m scripts.fit_difficulty ../shared/data/retrieval [--cache FOLDER]

Each set is searched by the product's own retriever. A question is hard when a passage answers it that is read but
does not stand first; questions that no passage read answers are left out, for no model could answer them. Every set
weighs the same. The figure to trust is leave-one-set-out.
"""

import argparse
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.difficulty import WEIGHTS, signs
from benchmarks.questions import Case, shelves

FEWEST = 3  # hard questions in a set, below which its AUROC says nothing


def main() -> None:
    """Measure, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/answerdesk-questions"))  # noqa: S108  # a cache, not a secret
    given = parser.parse_args()
    found = shelves(given.folder, given.cache)
    sets = {name: [case for case in shelf.cases if case.rank] for name, shelf in found.items()}
    for name, left_out in sets.items():
        print(_line(name, left_out, [rest for other, rest in sets.items() if other != name]))
    model, every = fit(list(sets.values())), _matrix([case for rows in sets.values() for case in rows])
    print("WEIGHTS =", {name: round(float(weight), 3) for name, weight in zip(WEIGHTS, model.coef_[0], strict=True)})
    print("INTERCEPT =", round(float(model.intercept_[0]), 3))
    print("TYPICAL =", dict(zip(WEIGHTS, np.median(every, axis=0).round(3).tolist(), strict=True)))


def fit(sets: list[list[Case]]) -> LogisticRegression:
    """Plain logistic regression; ten further signs and trees gained nothing on the set left out."""
    rows = [case for found in sets for case in found]
    weights = [1 / len(found) for found in sets for _ in found]
    return LogisticRegression(C=3.0, max_iter=2000).fit(
        _matrix(rows), _labels(rows), np.array(weights) * len(rows) / len(sets)
    )


def _line(name: str, left_out: list[Case], others: list[list[Case]]) -> str:
    labels = _labels(left_out)
    if labels.sum() < FEWEST:
        return f"{name:16} {len(left_out):5} questions, {int(labels.sum())} hard: too few"
    chance = fit(others).predict_proba(_matrix(left_out))[:, 1]
    brier = np.mean((chance - labels) ** 2)
    area = roc_auc_score(labels, chance)
    return f"{name:16} {len(left_out):5} questions, {labels.mean():.3f} hard, AUROC {area:.3f}, Brier {brier:.3f}"


def _matrix(found: list[Case]) -> NDArray[np.float64]:
    rows = [asdict(signs(case.text, case.found)) for case in found]
    return np.array([[row[name] for name in WEIGHTS] for row in rows], dtype=np.float64)


def _labels(found: list[Case]) -> NDArray[np.float64]:
    return np.array([case.rank > 1 for case in found], dtype=np.float64)


if __name__ == "__main__":
    main()
