"""Fits the weights of `app/answering/decision.py` on questions with known answers, and measures them on unseen sets.

    python -m scripts.fit_decision ROWS.jsonl

ROWS come from `python -m scripts.asking_sets`: whole turns over each set, without the documents that were taken out and
with strangers from the other sets. Two things are measured: whether an answer is left by the set's own label, and
whether the answer that was written is right, by reading where it was read. The weights are fitted to the second, each
set counting the same. The figure to trust is leave-one-set-out.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types

from app.answering.decision import WEIGHTS, logit
from app.insight.figures import coverage_at
from scripts.asking_sets import Asked, read_rows
from scripts.judged_answers import right

BOLD = 0.5  # the probability, or the cosine, from which one would answer
PRECISION = 0.8
RIDGE = 3.0
"""Light; more features or trees fit these sets and lose on others."""
Label = Callable[[Asked], bool]


def main() -> None:
    """Measure, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    rows = [row for row in read_rows(parser.parse_args().rows) if row.counts]
    report("an answer is left, by the label", rows, lambda row: row.answerable)
    report("the answer is right, by reading", rows, right)
    model = fit(rows, right)
    print("all:", {name: round(float(weight), 2) for name, weight in zip(WEIGHTS, model.coef_[0], strict=True)})
    print("intercept:", round(float(model.intercept_[0]), 2))
    after = fit_after(rows, model, right)
    print("to the point:", [round(float(weight), 2) for weight in (*after.intercept_, *after.coef_[0])])


def report(title: str, rows: Sequence[Asked], label: Label) -> None:
    """Leave-one-set-out figures beside the cosine alone, and with a look at the answer that was written.

    `covered` is the share of questions that can be answered with four of five rightly; `rule` is how many of those that
    cannot be have a cosine above one half, where many products answer.
    """
    print(f"\n{title}\n{'':16} {'with strangers':>14} | {'own questions only':>18} |")
    own, bold = "AUROC  cosine  covered  cosine  rule", "Brier  answered@.5 right@.5"
    print(f"{'left out':16} AUROC  cosine | {own} | {bold} | after  covered")
    for name in dict.fromkeys(row.set for row in rows):
        others = [row for row in rows if row.set != name]
        model = fit(others, label)
        print(_line(name, [row for row in rows if row.set == name], model, fit_after(others, model, label), label))


def fit(rows: Sequence[Asked], label: Label) -> LogisticRegression:
    """Logistic regression in which each set counts the same."""
    return LogisticRegression(C=RIDGE, max_iter=2000).fit(
        _matrix(rows), _labels(rows, label), sample_weight=_shares(rows)
    )


def fit_after(rows: Sequence[Asked], model: LogisticRegression, label: Label) -> LogisticRegression:
    """What that and the reader's second look at the answer say together, where something was written."""
    written = [row for row in rows if row.basis.looked]
    both = _after(written, model)
    return LogisticRegression(C=RIDGE, max_iter=2000).fit(both, _labels(written, label), sample_weight=_shares(written))


def _after(rows: Sequence[Asked], model: LogisticRegression) -> NDArray[np.float64]:
    looked = [logit(row.basis.looked[0]) if row.basis.looked else 0.0 for row in rows]
    return np.stack([model.decision_function(_matrix(rows)), np.array(looked)], axis=1)


def _shares(rows: Sequence[Asked]) -> NDArray[np.float64]:
    sets = [row.set for row in rows]
    return np.array([len(rows) / (len(set(sets)) * sets.count(name)) for name in sets])


def _line(name: str, rows: Sequence[Asked], model: LogisticRegression, after: LogisticRegression, label: Label) -> str:
    own = [row for row in rows if not row.stranger]
    chance, labels = model.predict_proba(_matrix(rows))[:, 1], _labels(rows, label)
    bold = chance >= BOLD
    among, truths, cosines = model.predict_proba(_matrix(own))[:, 1], _labels(own, label), _cosines(own)
    rule, seen = (cosines[truths == 0] > BOLD).mean(), after.decision_function(_after(own, model))
    covered = f"{_covered(among, truths):7.3f}  {_covered(cosines, truths):6.3f}  {rule:.2f}"
    figures = [
        f"{roc_auc_score(labels, chance):.3f}  {roc_auc_score(labels, _cosines(rows)):6.3f}",
        f"{roc_auc_score(truths, among):.3f}  {roc_auc_score(truths, cosines):6.3f}  {covered}",
        f"{np.mean((chance - labels) ** 2):.3f}  {bold.mean():11.2f} {labels[bold].mean():8.2f}",
        f"{roc_auc_score(truths, seen):.3f}  {_covered(seen, truths):.3f}",
    ]
    return f"{name:16} " + " | ".join(figures)


def _covered(scores: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    points = [(score, label > 0) for score, label in zip(scores.tolist(), labels.tolist(), strict=True)]
    return coverage_at(points, PRECISION)


def _matrix(rows: Sequence[Asked]) -> NDArray[np.float64]:
    measured = [asdict(row.basis.signals) for row in rows]
    return np.array([[one[name] for name in WEIGHTS] for one in measured], dtype=np.float64)


def _labels(rows: Sequence[Asked], label: Label) -> NDArray[np.float64]:
    return np.array([label(row) for row in rows], dtype=np.float64)


def _cosines(rows: Sequence[Asked]) -> NDArray[np.float64]:
    return np.array([row.basis.signals.cosine for row in rows], dtype=np.float64)


if __name__ == "__main__":
    main()
